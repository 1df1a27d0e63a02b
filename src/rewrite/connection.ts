import { type AddressMap, mapPortal } from './address-map.ts'
import { type JsonString, jsonStrings, replaceStrings } from './json-text.ts'

/** Types whose connection_info has target_portal, target_portals and device_path. os-brick: iser is iscsi over RDMA. */
export const types = ['iscsi', 'iser']

/** The result for one connection_info. */
export interface Connection {
  readonly json: boolean
  readonly type?: string | undefined
  /** its portals that are not in the map or have another form */
  readonly strange: readonly string[]
  /** the text with its portals mapped; unchanged for another type, or when it names none */
  readonly after: string
}

/** nova nests the connection's own keys under `data`, cinder's volume_attachment has them at the top. */
const depth = ({ path }: JsonString): number => (path[0] === 'data' ? 1 : 0)

const isPortal = (at: JsonString): boolean => {
  const own = depth(at)
  if (at.path[own] === 'target_portal') return at.path.length === own + 1
  return at.path[own] === 'target_portals' && at.path.length === own + 2 && /^\d+$/.test(String(at.path[own + 1]))
}

const isDevicePath = (at: JsonString): boolean =>
  at.path[depth(at)] === 'device_path' && at.path.length === depth(at) + 1

const rewriteString = (at: JsonString, map: AddressMap): string | undefined => {
  if (isPortal(at)) return mapPortal(at.value, map)
  return isDevicePath(at) ? mapDevicePath(at.value, map) : undefined
}

/**
 * '/dev/disk/by-path/ip-OLD:3260-iscsi-IQN-lun-1', with or without pci- before ip-. Newer paths are /dev/sdX, without
 * an address.
 */
export const mapDevicePath = (path: string, map: AddressMap): string | undefined => {
  const [, before, portal, after] =
    /^(\/dev\/disk\/by-path\/(?:[^/]*-)?ip-)(\[[^\]]+\]:\d+|[^/:]+:\d+)(-iscsi-.*)$/.exec(path) ?? []
  const mapped = mapPortal(portal ?? '', map)
  return mapped === undefined ? undefined : `${before}${mapped}${after}`
}

const typeOf = (strings: readonly JsonString[]): string | undefined =>
  strings.find(({ path }) => path.length === 1 && path[0] === 'driver_volume_type')?.value

/** Handles any text, string by string. */
export const readConnection = (text: string, map: AddressMap): Connection => {
  const strings = jsonStrings(text)
  if (strings === undefined) return { json: false, strange: [], after: text }
  const type = typeOf(strings)
  if (!types.includes(type ?? '')) return { json: true, type, strange: [], after: text }
  const changes = strings.flatMap((at) => {
    const value = rewriteString(at, map)
    return value === undefined ? [] : [{ at, value }]
  })
  const strange = strings.filter((at) => isPortal(at) && mapPortal(at.value, map) === undefined)
  return { json: true, type, strange: strange.map(({ value }) => value), after: replaceStrings(text, changes) }
}
