import { type AddressMap, addressMap, bracket, canonical, needles } from '../rewrite/address-map.ts'
import { type Args, anyOf, contains, type Fixup, type Row } from '../rewrite/fixup.ts'
import { quoteDatabaseUrl, readDatabaseUrl } from '../text/database-url.ts'
import { transportHosts, type UrlHost } from '../text/transport-url.ts'

/** The host of a database URL as it was meant; undefined when that is unclear, [] when the text is not a URL. */
export const databaseHosts = (url: string): readonly UrlHost[] | undefined => {
  const { meant, since14 } = readDatabaseUrl(url)
  if (since14 === undefined) return []
  return meant && [{ host: meant.host, start: meant.start }]
}

/** '{hostname}', '{hostname1}': nova fills these in from its own settings (nova/objects/cell_mapping.py). */
export const isTemplate = (host: string): boolean => host.includes('{')

/** The URL with its hosts mapped, everything else unchanged. Templates are left alone. */
export const rewriteUrl = (url: string, hosts: readonly UrlHost[] | undefined, map: AddressMap): string => {
  let rest = url
  for (const { host, start } of [...(hosts ?? [])].reverse()) {
    const to = map.get(canonical(host))
    if (to !== undefined) rest = rest.slice(0, start) + bracket(to) + rest.slice(start + host.length)
  }
  return rest
}

const columns = {
  transport_url: (url: string, map: AddressMap) => rewriteUrl(url, transportHosts(url), map),
  database_connection: (url: string, map: AddressMap) => quoteDatabaseUrl(rewriteUrl(url, databaseHosts(url), map)),
} as const

/** The row with its URLs leading to the target. */
export const rewriteCell = (row: Row, args: Args): Row => {
  const map = addressMap(args)
  let rewritten = row
  for (const [column, mappedOf] of Object.entries(columns)) {
    const url = row[column]
    if (typeof url !== 'string') continue
    const mapped = mappedOf(url, map)
    if (mapped !== url) rewritten = { ...rewritten, [column]: mapped }
  }
  return rewritten
}

/** With two '@' one may belong to the password, which SQLAlchemy parses differently since 1.4. */
const twoSigns = { sql: "`database_connection` LIKE '%@%@%'", params: [] }

/**
 * For every cell nova reads these URLs, not nova.conf, so they are rewritten before any nova command runs on the new
 * controller.
 */
export const cellMappings: Fixup = {
  name: 'cell-mappings',
  title: 'Database and message URLs of the cells',
  tables: [
    {
      table: 'cell_mappings',
      beside: 'host_mappings',
      key: 'id',
      columns: Object.keys(columns),
      reads: ['uuid', 'name'],
      where: (args) =>
        anyOf(...Object.keys(columns).map((column) => contains(`\`${column}\``, needles(addressMap(args)))), twoSigns),
      rewrite: rewriteCell,
      addresses: true,
    },
  ],
  check: (args) => void addressMap(args),
}
