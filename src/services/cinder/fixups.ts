import type { Fixup } from '../../rewrite/fixup.ts'
import { checkHosts, hostTable, identityTable } from '../../rewrite/hosts.ts'
import { connectionTable, iscsiPortal, locationTable } from '../../rewrite/portals.ts'
import { deletedServices, staleServices } from '../../rewrite/stale.ts'

/** Only cinder has a table of this name. */
const beside = 'volume_glance_metadata'

/** Tables whose `host` has this form in some release (cinder/db/models.py; iscsi_targets: Grizzly to Mitaka). */
const hosted = ['volumes', 'backups', 'consistencygroups', 'groups', 'image_volume_cache_entries', 'iscsi_targets']

/**
 * Binaries whose row is an identity: volumes.service_uuid, disabled, frozen and the active backend depend on it. At its
 * start cinder-volume looks up its own row by host and binary (cinder/service.py), finds this one, and
 * volumes.service_uuid and workers.service_id stay valid.
 */
const kept = ['cinder-volume', 'cinder-backup']

/** Rows of cinder that name the old controller. cluster_name looks like a host but names a cluster: it stays. */
export const cinderFixups: readonly Fixup[] = [
  {
    name: 'cinder-host',
    title: 'The host name in front of every volume, group and backup',
    tables: [...hosted.map((table) => hostTable(table, beside)), identityTable('services', beside, kept)],
    check: checkHosts,
  },
  iscsiPortal([
    locationTable('volumes', beside),
    locationTable('snapshots', beside),
    connectionTable('volume_attachment', beside),
  ]),
  staleServices([deletedServices(beside, ['cinder-scheduler'], () => 1)]),
]
