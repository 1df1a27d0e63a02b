import type { MovingAddress } from '../../config.ts'
import { shell } from '../../hosts/host.ts'
import { type Given, isAt } from './given.ts'
import { ifcfgConfigures, ifcfgGives, ifcfgHas, withIfcfg, withoutIfcfg } from './ifcfg.ts'
import { type Edit, ifupdownGives, ifupdownHas, ifupdownInterfaces, withIfupdown, withoutIfupdown } from './ifupdown.ts'
import { keyfileGives, keyfileHas, withKeyfile, withoutKeyfile } from './keyfile.ts'
import type { FileState, Manager } from './manager.ts'
import { netplanConfigures, netplanGives, netplanHas, withNetplan, withoutNetplan } from './netplan.ts'
import { networkdGives, networkdHangs, networkdHas, withNetworkd, withoutNetworkd } from './networkd.ts'
import { placeFor } from './places.ts'
import { makerOf } from './writers.ts'

export type Side = 'source' | 'target'

/** A manager whose files swapctl edits. */
export type Known = Extract<Manager, { readonly files: unknown }>

/** New contents by path, or why the files cannot be edited. */
export type Edits = { readonly texts: ReadonlyMap<string, string> } | Refusal

export interface Refusal {
  readonly refused: string
  /** where the usual one does not help */
  readonly remedy?: string
}

const kinds = {
  networkd: {
    has: networkdHas,
    gives: networkdGives,
    without: (text: string, address: string): Edit => {
      const line = networkdHangs(text, address)
      return line === undefined ? withoutNetworkd(text, address) : { refused: `${line} depends on the address` }
    },
    with: (text: string, _device: string, address: string): Edit => withNetworkd(text, address),
    configures: () => true,
  },
  ifupdown: {
    has: ifupdownHas,
    gives: ifupdownGives,
    without: withoutIfupdown,
    with: withIfupdown,
    configures: (text: string, device: string) => ifupdownInterfaces(text).includes(device),
  },
  netplan: {
    has: netplanHas,
    gives: netplanGives,
    without: withoutNetplan,
    with: withNetplan,
    configures: netplanConfigures,
  },
  ifcfg: {
    has: ifcfgHas,
    gives: ifcfgGives,
    without: withoutIfcfg,
    with: withIfcfg,
    configures: ifcfgConfigures,
  },
  NetworkManager: {
    has: keyfileHas,
    gives: keyfileGives,
    without: withoutKeyfile,
    with: withKeyfile,
    configures: () => true,
  },
} as const

export const deviceOf = (side: Side, moving: MovingAddress): string =>
  side === 'source' ? moving.sourceInterface : moving.targetInterface

/**
 * The contents that a machine's files must have after the cutover: the source's without the address, the target's with
 * it. Unchanged where they already do.
 */
export const editFiles = (side: Side, manager: Known, moving: MovingAddress): Edits =>
  doubtful(side, manager, moving) ?? (side === 'source' ? takeOut(manager, moving) : putIn(manager, moving))

/** A line that may or may not give the address is neither removed nor relied on. */
const doubtful = (side: Side, manager: Known, { address }: MovingAddress): Refusal | undefined => {
  const [first] = givenIn(manager, address).flatMap(([{ path }, { line, doubt }]) =>
    doubt === undefined
      ? []
      : [
          {
            refused: `${path}: line ${line}: ${doubt.says}`,
            remedy: `On the ${side}, in line ${line} of ${path}: ${doubt.remedy}`,
          },
        ],
  )
  return first
}

/** Whether the machine's files give an interface the address; as a resolver or gateway it does not count. */
export const isGiven = (manager: Known, address: string): boolean => givenIn(manager, address).length > 0

const givenIn = ({ kind, files }: Known, address: string): readonly (readonly [FileState, Given])[] =>
  files.flatMap((file) => kinds[kind].gives(file.content, address).map((given) => [file, given] as const))

/** Whether the address is also used otherwise in a file. For the other kinds every mention must go. */
const hangs = (kind: Known['kind'], text: string, address: string): boolean =>
  kind === 'networkd' && networkdHangs(text, address) !== undefined

/** Files of other managers that also name an address: their reader would set it again. */
export const namedElsewhere = (
  all: readonly (readonly [Known['kind'], FileState])[],
  manager: Manager,
  address: string,
): readonly string[] => {
  const own = 'files' in manager ? manager.files.map((file) => merged(file.path)) : []
  return all
    .filter(([kind, file]) => !own.includes(merged(file.path)) && kinds[kind].has(file.content, address))
    .map(([, file]) => file.path)
}

/** networkctl and swapctl may call one file by two names where /lib is a link to /usr/lib. */
const merged = (path: string): string => path.replace(/^\/lib\//, '/usr/lib/')

const takeOut = ({ kind, files }: Known, { address }: MovingAddress): Edits =>
  collect(
    'source',
    kind,
    files
      .filter((file) => kinds[kind].has(file.content, address) || hangs(kind, file.content, address))
      .map((file) => ({ file, edit: kinds[kind].without(file.content, address) })),
  )

const putIn = (manager: Known, moving: MovingAddress): Edits => {
  const given = givenIn(manager, moving.address)
  const wrong = given.find(([, one]) => !isAt(one, moving.targetInterface, moving.prefix))
  if (wrong !== undefined) return misplaced(...wrong, moving)
  if (given.length > 0) return { texts: new Map() }
  const { configures, with: add } = kinds[manager.kind]
  const fitting = manager.files.filter((one) => configures(one.content, moving.targetInterface))
  const file = fitting.find(({ path }) => path.startsWith('/etc/')) ?? fitting[0]
  if (file === undefined) return { refused: `no file configures ${moving.targetInterface}` }
  return collect('target', manager.kind, [
    { file, edit: add(file.content, moving.targetInterface, `${moving.address}/${moving.prefix}`) },
  ])
}

/** After the next boot the address would be where the file says, and not where it must be. */
const misplaced = (
  { path }: FileState,
  { devices, prefix, line }: Given,
  { address, prefix: wanted, targetInterface: device }: MovingAddress,
): Refusal => {
  const known = devices?.[0] ?? (devices === undefined ? device : 'an interface that swapctl cannot tell')
  const as = prefix === undefined ? 'without a prefix that swapctl can read' : `as ${address}/${prefix}`
  return {
    refused: `${path}: line ${line} gives it to ${known} ${as}, but ${device} must get ${address}/${wanted}`,
    remedy: `On the target: remove ${address} from line ${line} of ${path}; swapctl adds it to ${device}`,
  }
}

const collect = (
  side: Side,
  kind: Known['kind'],
  all: readonly { readonly file: FileState; readonly edit: Edit }[],
): Edits => {
  const texts = new Map<string, string>()
  for (const { file, edit } of all) {
    if ('refused' in edit) return { refused: `${file.path}: ${edit.refused}` }
    if (placeFor(kind, file.path) === undefined) return passing(side, kind, file)
    texts.set(file.path, edit.text)
  }
  return { texts }
}

/** Where the file would stay, if the administrator kept it there. */
const kept: Readonly<Record<Known['kind'], string>> = {
  networkd: '/etc/systemd/network',
  netplan: '/etc/netplan',
  NetworkManager: '/etc/NetworkManager/system-connections',
  ifupdown: '/etc/network/interfaces.d',
  ifcfg: '/etc/sysconfig/network-scripts',
}

/** A file in /run is gone after a boot, and what wrote it writes it again; one of a package is replaced with it. */
const passing = (side: Side, kind: Known['kind'], file: FileState): Refusal => {
  const { path } = file
  const maker = makerOf(file)
  const is = path.startsWith('/run/') ? 'is written anew at each boot' : 'belongs to no administrator'
  const remove = `take the address out of ${maker === undefined ? 'what writes that file' : `the configuration of ${maker}`}, or `
  return {
    refused: `${path} ${is}${maker === undefined ? '' : `, by ${maker}`}: swapctl only edits files in /etc`,
    remedy: `On the ${side}: ${side === 'source' ? remove : ''}${keeping(kind, path)}`,
  }
}

const keeping = (kind: Known['kind'], path: string): string => {
  const own = shell([`${kept[kind]}${path.slice(path.lastIndexOf('/'))}`])
  if (kind === 'networkd') return `keep a copy, which hides it: cp ${shell([path])} ${own}; networkctl reload`
  if (kind === 'NetworkManager' && path.startsWith('/usr/'))
    return `keep a copy, which hides it: install -m 0600 ${shell([path])} ${own}; nmcli connection reload`
  return `if nothing writes it again, keep it in /etc: mv ${shell([path])} ${own}`
}
