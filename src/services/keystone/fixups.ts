import { addressMap } from '../../rewrite/address-map.ts'
import type { Fixup } from '../../rewrite/fixup.ts'
import { urlTable } from '../../rewrite/urls.ts'

/** Endpoints at addresses that change. Addresses that move with the cutover need none of this. */
export const keystoneFixups: readonly Fixup[] = [
  {
    name: 'keystone-endpoints',
    title: 'Endpoints of the catalog that name an address which stays behind',
    tables: [
      urlTable('endpoint', 'credential', ['url']),
      // another keystone that this one's users may use
      urlTable('service_provider', 'credential', ['auth_url', 'sp_url']),
    ],
    check: (args) => void addressMap(args),
  },
]
