import { type AddressMap, addressMap, bracket, canonical, needles } from './address-map.ts'
import { type Args, anyOf, contains, type Fixup, type Row } from './fixup.ts'

/** A host inside a URL, and where it stands. `host` is as written: with brackets when it is IPv6; '' when there is none. */
export interface UrlHost {
  readonly host: string
  readonly start: number
}

/**
 * The hosts of a transport URL: 'rabbit://u:p@h1:5672,u:p@h2:5672/vhost'. oslo.messaging cuts at the first '/', then at
 * ',', then takes what follows '@'; a password that holds one of these is quoted, or nothing could connect.
 */
export const transportHosts = (url: string): readonly UrlHost[] => {
  const start = url.indexOf('://') + 3
  if (start < 3) return []
  const found: UrlHost[] = []
  let at = start
  for (const one of url.slice(start).split('/', 1)[0]?.split(',') ?? []) {
    const before = one.lastIndexOf('@') + 1
    found.push({ host: hostAt(one.slice(before)), start: at + before })
    at += one.length + 1
  }
  return found
}

/** The host of a database URL. A raw '/' or '@' in the password is read as SQLAlchemy reads it: the last '@' counts. */
export const databaseHosts = (url: string): readonly UrlHost[] => {
  const start = url.indexOf('://') + 3
  if (start < 3) return []
  const head = url.slice(0, url.includes('?', start) ? url.indexOf('?', start) : undefined)
  const before = Math.max(start, head.lastIndexOf('@') + 1)
  return [{ host: hostAt(url.slice(before)), start: before }]
}

const hostAt = (text: string): string => /^(?:\[[^\]]*\]|[^:/?#]*)/.exec(text)?.[0] ?? ''

/** '{hostname}', '{hostname1}': filled in by nova from its own settings (nova/objects/cell_mapping.py). */
export const isTemplate = (host: string): boolean => host.includes('{')

/** The URL with its hosts mapped, everything else byte for byte. Templates are left alone. */
export const rewriteUrl = (url: string, hosts: readonly UrlHost[], map: AddressMap): string => {
  let rest = url
  for (const { host, start } of [...hosts].reverse()) {
    const to = map.get(canonical(host))
    if (to !== undefined) rest = rest.slice(0, start) + bracket(to) + rest.slice(start + host.length)
  }
  return rest
}

const columns = { transport_url: transportHosts, database_connection: databaseHosts } as const

const rewrite = (row: Row, args: Args): Row => {
  const map = addressMap(args)
  let rewritten = row
  for (const [column, hostsOf] of Object.entries(columns)) {
    const url = row[column]
    if (typeof url !== 'string') continue
    const mapped = rewriteUrl(url, hostsOf(url), map)
    if (mapped !== url) rewritten = { ...rewritten, [column]: mapped }
  }
  return rewritten
}

/** nova reads these URLs, not nova.conf, for every cell (P37): before any nova command runs on the new controller. */
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
        anyOf(...Object.keys(columns).map((column) => contains(`\`${column}\``, needles(addressMap(args))))),
      rewrite,
    },
  ],
  check: (args) => void addressMap(args),
}
