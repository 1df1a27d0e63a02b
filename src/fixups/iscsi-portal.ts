import { type AddressMap, addressMap, mapPortal, namesOld, needles } from './address-map.ts'
import { type Connection, readConnection, types } from './connection.ts'
import { portalTexts, readPlainConnection } from './connection-plain.ts'
import { type Args, contains, type Fixup, type FixupTable, type Row } from './fixup.ts'

const connectionOf = (text: string, map: AddressMap): Connection =>
  readPlainConnection(text, map) ?? readConnection(text, map)

/** A million rows are asked twice each, one after the other: for their new text, and for what there is to say of them. */
let last: { readonly text: string; readonly map: AddressMap; readonly connection: Connection } | undefined

const seen = (text: string, map: AddressMap): Connection => {
  if (last?.text !== text || last.map !== map) last = { text, map, connection: connectionOf(text, map) }
  return last.connection
}

/** connection_info with its portals mapped; the same text when it is of another type, or names none of them. */
export const rewriteConnection = (text: string, map: AddressMap): string => seen(text, map).after

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
  const { json, type, strange, after } = seen(text, map)
  const named = (what: string): string | undefined => {
    const old = namesOld(text, map)
    return old && `${what} names ${old}: not rewritten`
  }
  if (!json) return named('connection_info that is not JSON')
  if (!types.includes(type ?? '')) return named(`driver_volume_type ${type ?? '(none)'}`)
  return strange.length > 0 && after !== text
    ? `portal ${strange[0]} beside a rewritten one has no new address: kept`
    : undefined
}

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
  usual: (args) => portalTexts(addressMap(args)),
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
