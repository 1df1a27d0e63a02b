import type { Fixup } from '../../rewrite/fixup.ts'
import { connectionTable, iscsiPortal } from '../../rewrite/portals.ts'
import { deletedServices, staleServices } from '../../rewrite/stale.ts'

/**
 * Binaries on a controller with a row in nova.services. Never nova-compute: its row, node and provider belong together,
 * and a controller that is also a compute stays one. nova-osapi_compute and nova-metadata are rows of the APIs; those
 * from before Pike and Ussuri no longer exist.
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

/** Rows of nova that name the old controller. */
export const novaFixups: readonly Fixup[] = [
  iscsiPortal([connectionTable('block_device_mapping', 'instances')]),
  staleServices([deletedServices('instances', binaries, (row) => row['id'])]),
]
