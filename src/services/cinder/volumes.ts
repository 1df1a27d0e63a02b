import type { LvmStorage } from '../storage.ts'

const live = "COALESCE(v.deleted, 0) = 0 AND SUBSTRING_INDEX(v.host, '#', 1) IN ({hosts})"
/** A volume that failed or is still being created may not exist (cinder/objects/fields.py). */
const made = (row: string) => `COALESCE(${row}.status, '') NOT IN ('error', 'creating', 'downloading')`

/**
 * Volumes of the LVM driver on the controller itself; options from cinder/volume/manager.py, driver.py and
 * drivers/lvm.py. A migrated volume keeps its data under its _name_id.
 */
export const cinderVolumes: LvmStorage = {
  kind: 'lvm',
  repo: 'cinder',
  backends: ['DEFAULT', 'enabled_backends'],
  common: 'backend_defaults',
  discard: 'cinder reset-state and delete',
  driver: /\.lvm\.\w+$/,
  options: {
    driver: [['volume_driver'], 'cinder.volume.drivers.lvm.LVMVolumeDriver'],
    group: [['volume_group'], 'cinder-volumes'],
    // Its name up to queens was iscsi_helper.
    helper: [['target_helper', 'iscsi_helper'], 'tgtadm'],
    host: ['backend_host'],
  },
  ids: [
    `SELECT v.id AS id, v._name_id IS NULL AND ${made('v')} AS made FROM {volumes} v WHERE ${live}`,
    `SELECT v._name_id AS id, ${made('v')} AS made FROM {volumes} v WHERE v._name_id IS NOT NULL AND ${live}`,
    `SELECT s.id AS id, ${made('s')} AS made FROM {snapshots} s JOIN {volumes} v ON v.id = s.volume_id WHERE COALESCE(s.deleted, 0) = 0 AND ${live}`,
  ],
}
