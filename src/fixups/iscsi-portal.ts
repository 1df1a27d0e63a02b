import { type AddressMap, addressMap, mapPortal, namesOld, needles } from './address-map.ts'
import { type Args, contains, type Fixup, type FixupTable, type Row } from './fixup.ts'
import { type JsonString, jsonStrings, replaceStrings } from './json-text.ts'

/** Types whose connection_info has target_portal, target_portals and device_path. os-brick: iser is iscsi over RDMA. */
const types = ['iscsi', 'iser']

/** nova nests the connection's own keys under `data`, cinder's volume_attachment has them at the top. */
const keyOf = ({ path }: JsonString): string => path.slice(path[0] === 'data' ? 1 : 0).join('.')

const rewriteString = (at: JsonString, map: AddressMap): string | undefined => {
  const key = keyOf(at)
  if (key === 'target_portal' || /^target_portals\.\d+$/.test(key)) return mapPortal(at.value, map)
  if (key === 'device_path') return mapDevicePath(at.value, map)
  return undefined
}

/** '/dev/disk/by-path/ip-OLD:3260-iscsi-IQN-lun-1', with or without pci- before ip-. Newer ones are /dev/sdX: no address. */
const mapDevicePath = (path: string, map: AddressMap): string | undefined => {
  const [, before, portal, after] =
    /^(\/dev\/disk\/by-path\/(?:[^/]*-)?ip-)(\[[^\]]+\]:\d+|[^/:]+:\d+)(-iscsi-.*)$/.exec(path) ?? []
  const mapped = mapPortal(portal ?? '', map)
  return mapped === undefined ? undefined : `${before}${mapped}${after}`
}

const typeOf = (strings: readonly JsonString[]): string | undefined =>
  strings.find(({ path }) => path.length === 1 && path[0] === 'driver_volume_type')?.value

/** connection_info with its portals mapped; the same text when it is of another type, or names none of them. */
export const rewriteConnection = (text: string, map: AddressMap): string => {
  const strings = jsonStrings(text) ?? []
  if (!types.includes(typeOf(strings) ?? '')) return text
  const changes = strings.flatMap((at) => {
    const value = rewriteString(at, map)
    return value === undefined ? [] : [{ at, value }]
  })
  return changes.length === 0 ? text : replaceStrings(text, changes)
}

/** 'IP:3260[;IP2:3260],TID IQN LUN' (cinder/volume/targets/iscsi.py); the same text when it has another form. */
export const rewriteLocation = (text: string, map: AddressMap): string => {
  const [, portals, rest] = /^([^\s,]+)((?:,\S*)?\s(?:iqn|eui|naa)\.\S+.*)$/s.exec(text) ?? []
  if (portals === undefined) return text
  return (
    portals
      .split(';')
      .map((portal) => mapPortal(portal, map) ?? portal)
      .join(';') + rest
  )
}

const noteConnection = (text: string, map: AddressMap): string | undefined => {
  const strings = jsonStrings(text)
  const old = namesOld(text, map)
  if (strings === undefined) return old && `connection_info that is not JSON names ${old}: not rewritten`
  const type = typeOf(strings)
  if (!types.includes(type ?? '')) return old && `driver_volume_type ${type ?? '(none)'} names ${old}: not rewritten`
  const strange = strings.find((at) => portalKey(at) && mapPortal(at.value, map) === undefined)
  return strange && rewriteConnection(text, map) !== text
    ? `portal ${strange.value} beside a rewritten one has no new address: kept`
    : undefined
}

const portalKey = (at: JsonString): boolean => /^target_portals?(\.\d+)?$/.test(keyOf(at))

const noteLocation = (text: string, map: AddressMap): string | undefined => {
  const old = namesOld(rewriteLocation(text, map), map)
  return old && `provider_location of another form names ${old}: not rewritten`
}

const table = (
  name: string,
  beside: string,
  column: string,
  rewriteText: (text: string, map: AddressMap) => string,
  noteText: (text: string, map: AddressMap) => string | undefined,
): FixupTable => ({
  table: name,
  beside,
  key: 'id',
  columns: [column],
  where: (args) => contains(`\`${column}\``, needles(addressMap(args))),
  rewrite: (row, args) => change(row, column, (text) => rewriteText(text, addressMap(args))),
  note: (row, args) => {
    const text = row[column]
    return typeof text === 'string' ? noteText(text, addressMap(args)) : undefined
  },
})

const change = (row: Row, column: string, rewrite: (text: string) => string): Row => {
  const text = row[column]
  if (typeof text !== 'string') return row
  const rewritten = rewrite(text)
  return rewritten === text ? row : { ...row, [column]: rewritten }
}

/**
 * Portals of volumes whose iSCSI target moves to another address (P56, P57, P59). Soft-deleted rows are rewritten too:
 * nobody reads them, and an address that no row names any more is easier to prove gone.
 */
export const iscsiPortal: Fixup = {
  name: 'iscsi-portal',
  title: 'iSCSI portals in the rows of attached volumes',
  tables: [
    table('block_device_mapping', 'instances', 'connection_info', rewriteConnection, noteConnection),
    table('volumes', 'volume_glance_metadata', 'provider_location', rewriteLocation, noteLocation),
    table('snapshots', 'volume_glance_metadata', 'provider_location', rewriteLocation, noteLocation),
    table('volume_attachment', 'volume_glance_metadata', 'connection_info', rewriteConnection, noteConnection),
  ],
  check: (args: Args) => void addressMap(args),
}
