import type { Host } from '../hosts/host.ts'
import { ask, askMaybe, lines, type Question } from '../source/question.ts'
import { ifupdownInterfaces, ifupdownSources } from './ifupdown.ts'
import { networkdFiles } from './networkd.ts'

export interface FileState {
  readonly path: string
  /** octal, '0644' */
  readonly mode: string
  /** 'root:root' */
  readonly owner: string
  readonly content: string
}

/** What configures an interface at boot, and the files it reads for it. */
export type Manager =
  | { readonly kind: 'networkd' | 'ifupdown'; readonly files: readonly FileState[] }
  | { readonly kind: 'netplan' | 'NetworkManager' | 'ifcfg' | 'unknown' }

const output = (...argv: readonly [string, ...string[]]): Question<string> => ({ argv, parse: (text) => text })

const found = (...paths: readonly string[]): Question<readonly string[]> => ({
  argv: ['find', ...paths, '-maxdepth', '1', '-type', 'f'],
  codes: [1],
  parse: (text) => lines(text).sort(),
})

const readState = async (host: Host, path: string): Promise<FileState> => {
  const [mode = '', owner = ''] = (await ask(host, output('stat', '-L', '-c', '%a %U:%G', path))).trim().split(' ')
  return { path, mode: mode.padStart(4, '0'), owner, content: await ask(host, output('cat', path)) }
}

const readAll = (host: Host, paths: readonly string[]): Promise<readonly FileState[]> =>
  Promise.all(paths.map((path) => readState(host, path)))

/** Whose files give an interface its addresses at boot: whoever looks after it now, asked from each that might. */
export const askManager = async (host: Host, device: string): Promise<Manager> => {
  const status = (await askMaybe(host, output('networkctl', '--no-pager', '--no-legend', 'status', device))) ?? ''
  const network = networkdFiles(status)[0]
  if (network?.startsWith('/run/') === true && /netplan/.test(network)) return { kind: 'netplan' }
  if (network !== undefined) return { kind: 'networkd', files: await networkdState(host, network) }
  const devices = (await askMaybe(host, output('nmcli', '-t', '-f', 'DEVICE,STATE', 'device'))) ?? ''
  if (lines(devices).includes(`${device}:connected`)) return { kind: 'NetworkManager' }
  const files = await ifupdownState(host)
  const configured = files.flatMap((file) => ifupdownInterfaces(file.content)).map((name) => name.replace(/:.*/, ''))
  if (configured.includes(device)) return { kind: 'ifupdown', files }
  if ((await ask(host, found(`/etc/sysconfig/network-scripts/ifcfg-${device}`))).length > 0) return { kind: 'ifcfg' }
  return { kind: 'unknown' }
}

/** The .network file and its drop-ins, which networkctl names only from systemd 250 on. */
const networkdState = async (host: Host, network: string): Promise<readonly FileState[]> => {
  const folder = `${network.slice(network.lastIndexOf('/') + 1)}.d`
  const places = ['/etc', '/run', '/usr/lib'].map((root) => `${root}/systemd/network/${folder}`)
  const dropIns = (await ask(host, found(...places))).filter((path) => path.endsWith('.conf'))
  return readAll(host, [network, ...dropIns])
}

const glob = 'for path in $1; do test ! -f "$path" || echo "$path"; done'

/** /etc/network/interfaces and what it sources, one level deep. */
const ifupdownState = async (host: Host): Promise<readonly FileState[]> => {
  const main = await ask(host, found('/etc/network/interfaces'))
  if (main[0] === undefined) return []
  const first = await readState(host, main[0])
  const patterns = ifupdownSources(first.content)
  const sourced = await Promise.all(
    patterns.map((pattern) => ask(host, { argv: ['sh', '-c', glob, 'glob', pattern], parse: lines })),
  )
  return [first, ...(await readAll(host, [...new Set(sourced.flat())]))]
}
