import { posix } from 'node:path'
import { ask, askMaybe, lines, type Question } from '../../ask/question.ts'
import type { Host } from '../../hosts/host.ts'
import { programText } from '../../text/program.ts'
import { ifupdownInterfaces, ifupdownSources, type Sourced } from './ifupdown.ts'
import { isObserved, keyfileUuid } from './keyfile.ts'
import { networkdFiles } from './networkd.ts'
import { isOfNetplan, isOfNetworkd, nameIn, netplanPlaces, networkdPlaces, profilePlaces, shownIn } from './places.ts'
import type { Reader } from './reading.ts'

export interface FileState {
  readonly path: string
  /** octal, '0644' */
  readonly mode: string
  /** 'root:root' */
  readonly owner: string
  readonly content: string
}

export type Edited = 'networkd' | 'ifupdown' | 'netplan' | 'NetworkManager' | 'ifcfg'

/** What configures an interface at boot, the files it reads for it, and what must reload them after a change. */
export type Manager =
  | {
      readonly kind: Edited
      readonly files: readonly FileState[]
      readonly readers: readonly Reader[]
    }
  | { readonly kind: 'unknown' }

export const readersOf = (manager: Manager): readonly Reader[] => ('readers' in manager ? manager.readers : [])

const output = (...argv: readonly [string, ...string[]]): Question<string> => ({ argv, parse: (text) => text })

/** All of these programs follow symbolic links; a link to /dev/null hides a file and has no content. */
const found = (paths: readonly string[], depth = '1'): Question<readonly string[]> => ({
  argv: ['find', '-L', ...paths, '-maxdepth', depth, '(', '-type', 'f', '-o', '-type', 'c', ')'],
  codes: [1],
  parse: (text) => lines(text).sort(),
})

const readState = async (host: Host, path: string): Promise<FileState> => {
  const [mode = '', owner = ''] = (await ask(host, output('stat', '-L', '-c', '%a %U:%G', path))).trim().split(' ')
  return { path, mode: mode.padStart(4, '0'), owner, content: await ask(host, output('cat', path)) }
}

const readAll = (host: Host, paths: readonly string[]): Promise<readonly FileState[]> =>
  Promise.all(paths.map((path) => readState(host, path)))

/**
 * Which manager's files give an interface its addresses at boot: each possible one is asked whether it manages it now.
 */
export const askManager = async (host: Host, device: string): Promise<Manager> => {
  const status = (await askMaybe(host, output('networkctl', '--no-pager', '--no-legend', 'status', device))) ?? ''
  const network = networkdFiles(status)[0]
  if (network?.startsWith('/run/') === true && /netplan/.test(network))
    return { kind: 'netplan', files: await netplanState(host), readers: ['netplan', 'networkd'] }
  if (network !== undefined) return networkdState(host, network)
  const profile = await askProfile(host, device)
  if (profile !== undefined) return profile
  const files = await ifupdownState(host)
  const configured = files.flatMap((file) => ifupdownInterfaces(file.content)).map((name) => name.replace(/:.*/, ''))
  if (configured.includes(device)) return { kind: 'ifupdown', files, readers: [] }
  const scripts = await ifcfgState(host, device)
  if (scripts.length > 0) return { kind: 'ifcfg', files: scripts, readers: [] }
  return { kind: 'unknown' }
}

/**
 * The NetworkManager profile that is active on an interface; undefined if NetworkManager does not manage the interface.
 */
const askProfile = async (host: Host, device: string): Promise<Manager | undefined> => {
  const shown = await askMaybe(host, output('nmcli', '-g', 'GENERAL.STATE,GENERAL.CON-UUID', 'device', 'show', device))
  const [state = '', uuid = ''] = (shown ?? '').trim().split('\n')
  if (uuid === '' || !/^100 \(connected\)/.test(state)) return undefined
  const all =
    (await askMaybe(host, output('nmcli', '-t', '-e', 'no', '-f', 'UUID,FILENAME', 'connection', 'show'))) ?? ''
  const path = lines(all)
    .find((line) => line.startsWith(`${uuid}:`))
    ?.slice(uuid.length + 1)
  if (path === undefined) return { kind: 'unknown' }
  if (path.startsWith('/run/') && /\/netplan-/.test(path))
    return { kind: 'netplan', files: await netplanState(host), readers: ['netplan', 'NetworkManager'] }
  if (/\/ifcfg-/.test(path)) return { kind: 'ifcfg', files: await readAll(host, [path]), readers: ['NetworkManager'] }
  return { kind: 'NetworkManager', files: await readAll(host, [path]), readers: ['NetworkManager'] }
}

/** The interface's own ifcfg file and those of its aliases. */
const ifcfgState = async (host: Host, device: string): Promise<readonly FileState[]> => {
  const names = `/etc/sysconfig/network-scripts/ifcfg-${device}`
  return readAll(host, await ask(host, { argv: ['sh', '-c', glob, 'glob', `${names} ${names}:*`], parse: lines }))
}

const netplanState = async (host: Host): Promise<readonly FileState[]> => {
  const paths = (await ask(host, found(netplanPlaces))).filter((path) => path.endsWith('.yaml'))
  return readAll(host, shownIn(netplanPlaces, paths))
}

const networkdPaths = async (host: Host): Promise<readonly string[]> =>
  shownIn(networkdPlaces, (await ask(host, found(networkdPlaces, '2'))).filter(isOfNetworkd))

/**
 * The .network file and its drop-ins, which networkctl lists only since systemd 250. The next boot reads the file of
 * the same name in the most important place, whichever networkd has read.
 */
const networkdState = async (host: Host, network: string): Promise<Manager> => {
  const name = nameIn(networkdPlaces, network) ?? network
  const all = await networkdPaths(host)
  const own = all.find((path) => nameIn(networkdPlaces, path) === name) ?? network
  const dropIns = all.filter((path) => nameIn(networkdPlaces, path)?.startsWith(`${name}.d/`))
  const files = await readAll(host, [own, ...dropIns])
  // An empty file hides the one in use: the next boot takes another, or none.
  return files[0]?.content === '' ? { kind: 'unknown' } : { kind: 'networkd', files, readers: ['networkd'] }
}

const glob = 'for path in $1; do test ! -f "$path" || echo "$path"; done'

/** Maximum depth of `source` lines, against files that source each other. */
const deepest = 5

/** /etc/network/interfaces and the files it sources, without duplicates. */
const ifupdownState = async (host: Host): Promise<readonly FileState[]> => {
  const files = new Map<string, FileState>()
  let paths = await ask(host, found(['/etc/network/interfaces']))
  for (let depth = 0; depth < deepest && paths.length > 0; depth += 1) {
    const fresh = await readAll(host, paths)
    for (const file of fresh) files.set(file.path, file)
    const sourced = await Promise.all(
      fresh
        .flatMap(({ path, content }) => ifupdownSources(content, posix.dirname(path)))
        .map((one) => sourcedFiles(host, one)),
    )
    paths = [...new Set(sourced.flat())].filter((path) => !files.has(path))
  }
  return [...files.values()]
}

const sourcedFiles = async (host: Host, { glob: pattern, plainNames }: Sourced): Promise<readonly string[]> => {
  const paths = await ask(host, { argv: ['sh', '-c', glob, 'glob', pattern], parse: lines })
  return plainNames ? paths.filter((path) => /\/[A-Za-z0-9_-]+$/.test(path)) : paths
}

/** Every file that any manager reads at boot, with its kind, whether or not the manager is in use now. */
export const askAllFiles = async (host: Host): Promise<readonly (readonly [Edited, FileState])[]> => {
  const of = (kind: Edited) => (file: FileState) => [kind, file] as const
  const networkd = (await networkdPaths(host)).filter((path) => !isOfNetplan(path))
  const scripts = (await ask(host, found(['/etc/sysconfig/network-scripts']))).filter((path) => ifcfgNames.test(path))
  return [
    ...(await readAll(host, networkd)).map(of('networkd')),
    ...(await profilesOf(host)).map(of('NetworkManager')),
    ...(await readAll(host, scripts)).map(of('ifcfg')),
    ...(await netplanState(host)).map(of('netplan')),
    ...(await ifupdownState(host)).map(of('ifupdown')),
  ]
}

const ifcfgNames = /\/ifcfg-[^/]*(?<!~|\.bak|\.orig|\.rpmnew|\.rpmorig|\.rpmsave)$/

/**
 * NetworkManager's profiles; one of a package is hidden by one in /etc with its UUID. What it writes to /run about
 * interfaces that others configure, the loopback too, is gone after a boot.
 */
const profilesOf = async (host: Host): Promise<readonly FileState[]> => {
  const paths = (await ask(host, found(profilePlaces))).filter((path) => !isOfNetplan(path))
  const all = (await readAll(host, paths)).filter(({ content }) => !isObserved(content))
  const uuids = all.filter(({ path }) => path.startsWith('/etc/')).flatMap(({ content }) => keyfileUuid(content) ?? [])
  return all.filter(({ path, content }) => !path.startsWith('/usr/') || !uuids.includes(keyfileUuid(content) ?? ''))
}

const sharing = programText('sharing.sh', import.meta.url)

/** Other interfaces that networkd configures from the same .network file. */
export const askSharing = async (host: Host, network: string, device: string): Promise<readonly string[]> => {
  const paths = await ask(host, { argv: ['sh', '-c', sharing, 'sharing', network], codes: [1, 2], parse: lines })
  return paths.map((path) => path.split('/')[4] ?? '').filter((name) => name !== device)
}
