import { addressMap } from '../../rewrite/address-map.ts'
import type { Fixup } from '../../rewrite/fixup.ts'
import { urlTable } from '../../rewrite/urls.ts'

/** Endpoints of addresses that change. An address that moves with the cutover needs none of this. */
export const keystoneFixups: readonly Fixup[] = [
  {
    name: 'keystone-endpoints',
    title: 'Endpoints of the catalog that name an address which stays behind',
    tables: [
      urlTable('endpoint', 'credential', ['url']),
      // another keystone that users of this one may turn to
      urlTable('service_provider', 'credential', ['auth_url', 'sp_url']),
    ],
    check: (args) => void addressMap(args),
  },
]
