import { isIPv6 } from 'node:net'
import type { Host } from '../hosts/host.ts'
import type { Interface, InterfaceAddress } from '../survey.ts'
import { canonical } from '../text/canonical.ts'
import { ask, lines, type Question } from './question.ts'
import { plainAddress } from './sockets.ts'

export interface Package {
  readonly name: string
  /** the Debian source package, common to all binary packages built from it */
  readonly source: string
  readonly version: string
}

/** /etc/os-release as 'debian 11'. */
export const system: Question<string> = {
  argv: ['cat', '/etc/os-release'],
  parse: (text) => {
    const value = (key: string): string => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? ''
    return `${value('ID')} ${value('VERSION_ID') || value('VERSION_CODENAME')}`.trim()
  },
}

export const hostname: Question<string> = { argv: ['hostname'], parse: (text) => text.trim() }

/** Installed packages, without half-removed ones. */
export const packages: Question<readonly Package[]> = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own field names
  argv: ['dpkg-query', '-W', '-f', '${db:Status-Abbrev}\\t${Package}\\t${source:Package}\\t${Version}\\n'],
  parse: (text) =>
    lines(text)
      .map((line) => line.split('\t'))
      .filter(([status]) => status?.startsWith('ii'))
      .map(([, name = '', source = '', version = '']) => ({ name, source, version })),
}

/** Service units that are active or starting, without '.service'. */
export const runningUnits: Question<readonly string[]> = {
  argv: ['systemctl', 'list-units', '--type=service', '--no-legend', '--no-pager', '--plain', '--full'],
  parse: (text) =>
    lines(text)
      .map((line) => line.replace(/^[●*\s]+/, '').split(/\s+/))
      .filter(([, , active]) => active === 'active' || active === 'activating' || active === 'reloading')
      .map(([unit = '']) => unit.replace(/\.service$/, '')),
}

/** A unit's state, its name without '.service'; load is 'not-found' for one that does not exist. */
export interface UnitState {
  readonly unit: string
  readonly load: string
  readonly active: string
  /** 'enabled', 'disabled', 'masked', 'static', ...; '' when there is none */
  readonly file: string
}

/** Boot state of each service unit, without '.service': 'enabled', 'masked', ...; transient units are left out. */
export const unitFiles: Question<Readonly<Record<string, string>>> = {
  argv: ['systemctl', 'list-unit-files', '--type=service', '--no-legend', '--no-pager', '--full'],
  parse: (text) =>
    Object.fromEntries(
      lines(text)
        .map((line) => line.trim().split(/\s+/))
        .filter(([, state]) => state !== undefined && !/transient|runtime/.test(state))
        .map(([unit = '', state = '']) => [unit.replace(/\.service$/, ''), state]),
    ),
}

export const unitStates = (units: readonly string[]): Question<readonly UnitState[]> => ({
  argv: ['systemctl', 'show', '--no-pager', '-p', 'Id,LoadState,ActiveState,UnitFileState', ...units],
  parse: (text) =>
    text
      .split(/\n\s*\n/)
      .filter((block) => block.trim() !== '')
      .map((block) => {
        const value = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(block)?.[1] ?? ''
        return {
          unit: value('Id').replace(/\.service$/, ''),
          load: value('LoadState'),
          active: value('ActiveState'),
          file: value('UnitFileState'),
        }
      }),
})

/**
 * Interfaces and addresses from plain `ip addr`, whose format has not changed since iproute2 2.6 (-j came with 4.13).
 */
export const network: Question<{
  readonly interfaces: readonly Interface[]
  readonly addresses: readonly InterfaceAddress[]
}> = {
  argv: ['ip', 'addr', 'show'],
  parse: (text) => {
    const interfaces: Interface[] = []
    const addresses: InterfaceAddress[] = []
    for (const line of lines(text)) {
      const head = /^\d+: ([^:@\s]+)(?:@[^:\s]+)?: <([^>]*)>/.exec(line)
      if (head !== null)
        interfaces.push({ name: head[1] ?? '', mac: '', up: (head[2] ?? '').split(',').includes('UP') })
      const last = interfaces.at(-1)
      if (last === undefined) continue
      const mac = /^\s+link\/\S+ ([0-9a-f:]{17})/.exec(line)
      if (mac !== null) interfaces[interfaces.length - 1] = { ...last, mac: mac[1] ?? '' }
      const address = /^\s+inet6? ([0-9a-f.:]+)(?: peer [0-9a-f.:]+)?(?:\/(\d+))?/.exec(line)
      if (address !== null)
        addresses.push({
          interface: last.name,
          address: address[1] ?? '',
          prefix: Number(address[2] ?? (address[1]?.includes(':') ? 128 : 32)),
        })
    }
    return { interfaces, addresses }
  },
}

export interface FileSystem {
  readonly mount: string
  /** bytes */
  readonly free: number
}

/** The file systems that hold these paths, in the same order; every path must exist. */
export const fileSystems = (paths: readonly string[]): Question<readonly FileSystem[]> => ({
  argv: ['df', '-P', '-B', '1', ...paths],
  parse: (text) =>
    lines(text)
      .slice(1)
      .map((line) => /(\d+)\s+\d+%\s+(.+)$/.exec(line))
      .map((match) => ({ mount: match?.[2] ?? '', free: Number(match?.[1] ?? 0) })),
})

export const existing = (paths: readonly string[]): Question<readonly string[]> => ({
  argv: ['find', ...paths, '-maxdepth', '0'],
  codes: [1],
  parse: lines,
})

/** Inode and change time (ns) of each path that exists; links are followed. */
export const identities = (paths: readonly string[]): Question<Readonly<Record<string, string>>> => ({
  argv: ['stat', '-L', '-c', '%i %z %n', '--', ...paths],
  codes: [1],
  parse: (text) =>
    Object.fromEntries(
      lines(text).map((line) => {
        const [identity, path] = [/^\d+ \S+ \S+ \S+/.exec(line)?.[0] ?? '', line.replace(/^\d+ \S+ \S+ \S+ /, '')]
        return [path, identity]
      }),
    ),
})

/** Bytes below each path (apparent size). */
export const sizes = (paths: readonly string[]): Question<Readonly<Record<string, number>>> => ({
  argv: ['du', '-sbD', ...paths],
  codes: [1],
  parse: (text) =>
    Object.fromEntries(lines(text).map((line) => [line.split('\t')[1] ?? '', Number(line.split('\t')[0])])),
})

/** Bytes of memory. */
export const memory: Question<number> = {
  argv: ['cat', '/proc/meminfo'],
  parse: (text) => Number(/^MemTotal:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024,
}

/** The machine's clock, seconds since 1970. */
export const clock: Question<number> = { argv: ['date', '+%s.%N'], parse: (text) => Number(text.trim()) }

/** Which of these programs root can run; exit code 1 only means that some are missing. */
export const commands = (names: readonly string[]): Question<readonly string[]> => ({
  argv: ['which', ...names],
  codes: [1],
  parse: (text) => lines(text).map((path) => path.slice(path.lastIndexOf('/') + 1)),
})

export interface Listener {
  /** one address, '0.0.0.0' for every IPv4 address, '::' for every IPv6 address only, '*' for both families */
  readonly address: string
  readonly port: number
}

/**
 * Listening TCP sockets from `ss -ltn`. Since iproute2 4.15 it prints 0.0.0.0, [::], and * for both families; before
 * that, * is every IPv4 address and ::: is IPv6 that may or may not accept IPv4 too.
 */
export const listeners: Question<readonly Listener[]> = {
  argv: ['ss', '-l', '-t', '-n'],
  parse: (text) => {
    const found = lines(text)
      .map((line) => /^LISTEN\s+\d+\s+\d+\s+(\S+):(\d+)\s/.exec(`${line} `))
      .filter((match) => match !== null)
      .map((match) => ({ address: plainAddress(match[1] ?? ''), port: Number(match[2]) }))
    const old = /\s:::\d+\s/.test(text)
    const alone = (port: number): boolean => !found.some((one) => one.port === port && one.address === '*')
    return found.map(({ address, port }) => {
      if (old && address === '*') return { address: '0.0.0.0', port }
      return old && address === '::' && alone(port) ? { address: '*', port } : { address, port }
    })
  },
}

/** Whether it accepts connections to this address. */
export const hears = ({ address }: Listener, at: string): boolean =>
  address === '*' || address === (isIPv6(at) ? '::' : '0.0.0.0') || canonical(address) === canonical(at)

/** The addresses of all interfaces of a machine. */
export const askAddresses = async (host: Host): Promise<readonly InterfaceAddress[]> =>
  (await ask(host, network)).addresses
