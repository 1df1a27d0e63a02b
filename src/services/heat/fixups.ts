import { addressMap } from '../../rewrite/address-map.ts'
import type { Fixup } from '../../rewrite/fixup.ts'
import { endedRows, staleServices } from '../../rewrite/stale.ts'
import { urlTable } from '../../rewrite/urls.ts'

export const heatFixups: readonly Fixup[] = [
  // An engine that exits properly removes its own row; the old controller's remaining engines died or were killed.
  staleServices([endedRows('service', 'raw_template')]),
  // The keystone that a stack's deferred calls log in to; takes precedence over the settings (heat/common/context.py,
  // keystone_v3_endpoint).
  {
    name: 'stack-credentials',
    title: 'Addresses of keystone in the stored logins of stacks',
    tables: [urlTable('user_creds', 'raw_template', ['auth_url'])],
    check: (args) => void addressMap(args),
  },
]
