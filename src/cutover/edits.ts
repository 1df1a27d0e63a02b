import type { MovingAddress } from '../config.ts'
import { ifcfgConfigures, ifcfgHas, withIfcfg, withoutIfcfg } from './ifcfg.ts'
import { type Edit, ifupdownHas, ifupdownInterfaces, withIfupdown, withoutIfupdown } from './ifupdown.ts'
import { keyfileHas, withKeyfile, withoutKeyfile } from './keyfile.ts'
import type { FileState, Manager } from './manager.ts'
import { netplanConfigures, netplanHas, withNetplan, withoutNetplan } from './netplan.ts'
import { networkdHas, withNetworkd, withoutNetworkd } from './networkd.ts'

export type Side = 'source' | 'target'

/** A manager whose files swapctl edits. */
export type Known = Extract<Manager, { readonly files: unknown }>

/** New contents by path, or why there are none. */
export type Edits = { readonly texts: ReadonlyMap<string, string> } | { readonly refused: string }

const kinds = {
  networkd: {
    has: networkdHas,
    without: (text: string, address: string): Edit => ({ text: withoutNetworkd(text, address) }),
    with: (text: string, _device: string, address: string): Edit => ({ text: withNetworkd(text, address) }),
    configures: () => true,
  },
  ifupdown: {
    has: ifupdownHas,
    without: withoutIfupdown,
    with: withIfupdown,
    configures: (text: string, device: string) => ifupdownInterfaces(text).includes(device),
  },
  netplan: {
    has: netplanHas,
    without: withoutNetplan,
    with: withNetplan,
    configures: netplanConfigures,
  },
  ifcfg: {
    has: ifcfgHas,
    without: withoutIfcfg,
    with: withIfcfg,
    configures: ifcfgConfigures,
  },
  NetworkManager: {
    has: keyfileHas,
    without: withoutKeyfile,
    with: withKeyfile,
    configures: () => true,
  },
} as const

export const deviceOf = (side: Side, moving: MovingAddress): string =>
  side === 'source' ? moving.sourceInterface : moving.targetInterface

/**
 * What the files of a machine have to say after the cutover: the source's without the address, the target's with it.
 * No change when they say so already. Pure.
 */
export const editFiles = (side: Side, manager: Known, moving: MovingAddress): Edits =>
  side === 'source' ? takeOut(manager, moving) : putIn(manager, moving)

/** Whether the machine's files name the address at all. */
export const isNamed = (manager: Known, address: string): boolean =>
  manager.files.some((file) => kinds[manager.kind].has(file.content, address))

const takeOut = ({ kind, files }: Known, { address }: MovingAddress): Edits =>
  collect(
    files
      .filter((file) => kinds[kind].has(file.content, address))
      .map((file) => ({ file, edit: kinds[kind].without(file.content, address) })),
  )

const putIn = (manager: Known, moving: MovingAddress): Edits => {
  if (isNamed(manager, moving.address)) return { texts: new Map() }
  const { configures, with: add } = kinds[manager.kind]
  const file = manager.files.find((one) => configures(one.content, moving.targetInterface))
  if (file === undefined) return { refused: `no file configures ${moving.targetInterface}` }
  return collect([{ file, edit: add(file.content, moving.targetInterface, `${moving.address}/${moving.prefix}`) }])
}

const collect = (all: readonly { readonly file: FileState; readonly edit: Edit }[]): Edits => {
  const texts = new Map<string, string>()
  for (const { file, edit } of all) {
    if ('refused' in edit) return { refused: `${file.path}: ${edit.refused}` }
    if (!file.path.startsWith('/etc/')) return { refused: `${file.path} is not the administrator's to edit` }
    texts.set(file.path, edit.text)
  }
  return { texts }
}
