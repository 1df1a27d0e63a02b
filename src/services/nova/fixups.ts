import type { Fixup } from '../../rewrite/fixup.ts'
import { connectionTable, iscsiPortal } from '../../rewrite/portals.ts'
import { deletedServices, staleServices } from '../../rewrite/stale.ts'

/**
 * What runs on a controller and has a row in nova.services. nova-compute is not among them and never will be: its
 * row, node and provider hang together, and a controller that is a compute too stays one.
 * nova-osapi_compute and nova-metadata are rows of the APIs; the others of before Pike and Ussuri no longer exist.
 */
const binaries = [
  'nova-scheduler',
  'nova-conductor',
  'nova-osapi_compute',
  'nova-metadata',
  'nova-api',
  'nova-consoleauth',
  'nova-cert',
  'nova-console',
]

/** Rows of nova's that name the old controller. */
export const novaFixups: readonly Fixup[] = [
  iscsiPortal([connectionTable('block_device_mapping', 'instances')]),
  staleServices([deletedServices('instances', binaries, (row) => row['id'])]),
]
