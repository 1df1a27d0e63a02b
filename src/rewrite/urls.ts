import { type AddressMap, addressMap, bracket, canonical, needles } from './address-map.ts'
import { type Args, anyOf, contains, type FixupTable, type Row } from './fixup.ts'

/**
 * The URL with its host mapped; scheme, port, path and templates (%(tenant_id)s, $(project_id)s) are unchanged. As in
 * urllib, the last '@' before the path separates login and host. Blanks around a mapped URL, which clients strip, are
 * removed.
 */
export const rewriteEndpoint = (url: string, map: AddressMap): string => {
  const [, before, host, dot, after] =
    /^([A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/?#]*@)?)(\[[^\]]+\]|[^/:?#[\]@]+?)(\.?)((?:[/:?#].*)?)$/s.exec(url.trim()) ??
    []
  const to = map.get(canonical(host ?? ''))
  return to === undefined || (dot === '.' && host?.startsWith('[')) ? url : `${before}${bracket(to)}${after}`
}

/** The row with these columns' URLs mapped; the same object when nothing changes. */
export const rewriteUrls = (row: Row, columns: readonly string[], args: Args): Row => {
  const map = addressMap(args)
  let rewritten = row
  for (const column of columns) {
    const url = row[column]
    if (typeof url !== 'string') continue
    const mapped = rewriteEndpoint(url, map)
    if (mapped !== url) rewritten = { ...rewritten, [column]: mapped }
  }
  return rewritten
}

/** A table whose columns hold one URL each, with a host that may be a changed address. */
export const urlTable = (table: string, beside: string, columns: readonly string[]): FixupTable => ({
  table,
  beside,
  key: 'id',
  columns,
  where: (args) => anyOf(...columns.map((column) => contains(`\`${column}\``, needles(addressMap(args))))),
  rewrite: (row, args) => rewriteUrls(row, columns, args),
  addresses: true,
})
