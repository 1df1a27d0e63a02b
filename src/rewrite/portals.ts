import { type AddressMap, addressMap, mapPortal, namesOld, needles } from './address-map.ts'
import { type Connection, readConnection, types } from './connection.ts'
import { portalTexts, readPlainConnection } from './connection-plain.ts'
import { type Args, contains, type Fixup, type FixupTable, type Row } from './fixup.ts'
import { jsonStrings } from './json-text.ts'

const connectionOf = (text: string, map: AddressMap): Connection =>
  readPlainConnection(text, map) ?? readConnection(text, map)

/** Cached, because each row is asked twice in a row: for its new text, and for its notes. */
let last: { readonly text: string; readonly map: AddressMap; readonly connection: Connection } | undefined

const seen = (text: string, map: AddressMap): Connection => {
  if (last?.text !== text || last.map !== map) last = { text, map, connection: connectionOf(text, map) }
  return last.connection
}

/** connection_info with its portals mapped; unchanged for another type, or when it names none. */
export const rewriteConnection = (text: string, map: AddressMap): string => seen(text, map).after

/** 'IP:3260[;IP2:3260],TID IQN LUN' (cinder/volume/targets/iscsi.py); unchanged in any other form. */
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
  return (
    leftIn(after, map) ??
    (strange.length > 0 && after !== text
      ? `portal ${strange[0]} beside a rewritten one has no new address: kept`
      : undefined)
  )
}

/** The member of a connection that still names an old address: 'data.discovery_portal', without list indexes. */
const leftIn = (text: string, map: AddressMap): string | undefined => {
  const old = namesOld(text, map)
  if (old === undefined) return undefined
  const at = jsonStrings(text)?.find(({ value }) => namesOld(value, map) !== undefined)
  const member = at === undefined ? '' : ` ${at.path.filter((part) => typeof part === 'string').join('.')}`
  return `connection_info${member} names ${old}: not rewritten`
}

const noteLocation = (text: string, map: AddressMap): string | undefined => {
  const old = namesOld(rewriteLocation(text, map), map)
  return old && `provider_location in another format names ${old}: not rewritten`
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
  addresses: true,
  usual: (args) => portalTexts(addressMap(args)),
  rewrite: (row, args) => change(row, column, (text) => rewriteText(text, addressMap(args))),
  note: (row, args) => {
    const text = row[column]
    return typeof text === 'string' ? noteText(text, addressMap(args)) : undefined
  },
})

/** A table with `connection_info`, the JSON of a volume's attachment. */
export const connectionTable = (name: string, beside: string): FixupTable =>
  table(name, beside, 'connection_info', rewriteConnection, noteConnection)

/** A table with `provider_location`, which names a volume's portals. */
export const locationTable = (name: string, beside: string): FixupTable =>
  table(name, beside, 'provider_location', rewriteLocation, noteLocation)

const change = (row: Row, column: string, rewrite: (text: string) => string): Row => {
  const text = row[column]
  if (typeof text !== 'string') return row
  const rewritten = rewrite(text)
  return rewritten === text ? row : { ...row, [column]: rewritten }
}

/**
 * Portals of volumes whose iSCSI target moves to another address. Soft-deleted rows are rewritten too: nothing reads
 * them, and it is easier to prove that no row names the address any more.
 */
export const iscsiPortal = (tables: readonly FixupTable[]): Fixup => ({
  name: 'iscsi-portal',
  title: 'iSCSI portals in the rows of attached volumes',
  tables,
  check: (args: Args) => void addressMap(args),
})
