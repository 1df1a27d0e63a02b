import { type AddressMap, addressMap, bracket, canonical, needles } from './address-map.ts'
import { type Args, contains, type Fixup } from './fixup.ts'

/** The URL with its host mapped; scheme, port, path and templates (%(tenant_id)s, $(project_id)s) stay as they are. */
export const rewriteEndpoint = (url: string, map: AddressMap): string => {
  const [, before, host, after] =
    /^([A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[^/@]*@)?)(\[[^\]]+\]|[^/:?#]+)(.*)$/s.exec(url) ?? []
  const to = map.get(canonical(host ?? ''))
  return to === undefined ? url : `${before}${bracket(to)}${after}`
}

/** Endpoints of addresses that change (P77). An address that moves with the cutover needs none of this. */
export const keystoneEndpoints: Fixup = {
  name: 'keystone-endpoints',
  title: 'Endpoints of the catalog that name an address which stays behind',
  tables: [
    {
      table: 'endpoint',
      beside: 'credential',
      key: 'id',
      columns: ['url'],
      where: (args) => contains('`url`', needles(addressMap(args))),
      rewrite: (row, args) => {
        const url = rewriteEndpoint(String(row['url']), addressMap(args))
        return url === row['url'] ? row : { ...row, url }
      },
    },
  ],
  check: (args: Args) => void addressMap(args),
}
