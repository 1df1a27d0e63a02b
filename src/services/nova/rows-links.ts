import { absent, joined, older, type RowCheck, rows } from '../row-check.ts'

const live = '`deleted` = 0'
const silent = older('1 DAY', '`last_seen_up`', '`updated_at`', '`created_at`')

export const novaLinks: readonly RowCheck[] = [
  {
    id: 'nova/dead-pins',
    level: 'block',
    title: 'No dead compute has an older version than the live ones',
    source: 'nova/objects/service.py get_minimum_version',
    why: 'RPC stays capped at that version, and newer services may refuse to start.',
    repo: 'nova',
    rows: 'dead computes have an older version than every live one and count as the oldest',
    asks: [
      rows(
        'services',
        ['host', 'binary', 'version', 'last_seen_up', 'updated_at', 'deleted'],
        `${live} AND \`binary\` = 'nova-compute' AND ${silent} AND \`version\` < (SELECT MIN(s.\`version\`) FROM {services} s` +
          " WHERE s.`deleted` = 0 AND s.`binary` = 'nova-compute'" +
          ` AND NOT ${older('1 DAY', 's.`last_seen_up`', 's.`updated_at`', 's.`created_at`')})`,
        "CONCAT(`host`, ' of version ', `version`)",
      ),
    ],
    remedy: 'Delete them: openstack compute service delete ID',
  },
  {
    id: 'nova/mixed-versions',
    level: 'warn',
    title: 'Live computes have the same version',
    source: 'nova/objects/service.py SERVICE_VERSION',
    why: 'RPC stays capped at the oldest version.',
    repo: 'nova',
    rows: 'cell has live computes of several versions',
    asks: [
      joined(
        { services: ['binary', 'version', 'last_seen_up', 'deleted'] },
        '(SELECT GROUP_CONCAT(DISTINCT `version` ORDER BY `version`) AS v, COUNT(DISTINCT `version`) AS n FROM {services}' +
          ` WHERE ${live} AND \`binary\` = 'nova-compute' AND NOT ${silent}) found WHERE n > 1`,
        'v',
      ),
    ],
    remedy: 'Finish the upgrade of the computes first, or leave them all unchanged',
  },
  {
    id: 'nova/servers-on-unknown-hosts',
    level: 'block',
    title: 'The host of every server has a nova-compute',
    source:
      'https://docs.openstack.org/nova/latest/admin/compute-node-identification.html; https://bugs.launchpad.net/bugs/1419785',
    why: 'A renamed compute may consider its servers evacuated and delete their disks.',
    repo: 'nova',
    rows: 'servers are on a host without a nova-compute',
    asks: [
      joined(
        { instances: ['uuid', 'host', 'deleted'], services: ['host', 'binary', 'deleted'] },
        '{instances} i WHERE i.`deleted` = 0 AND i.`host` IS NOT NULL' +
          ` AND ${absent('i.`host`', '`host`', "{services} WHERE `deleted` = 0 AND `binary` = 'nova-compute'")}`,
        "CONCAT(i.`uuid`, ' on ', i.`host`)",
      ),
    ],
    remedy: 'Give the host its old name back, or delete or evacuate these servers',
  },
  {
    id: 'nova/lost-volumes',
    level: 'warn',
    title: 'Volumes of servers exist in cinder',
    source: 'nova/virt/block_device.py: a hard reboot asks cinder for each volume',
    why: 'The server does not start again.',
    repo: 'nova',
    rows: 'disks of servers are volumes that cinder does not have',
    asks: [
      joined(
        { block_device_mapping: ['volume_id', 'instance_uuid', 'deleted'], 'cinder.volumes': ['id', 'deleted'] },
        '{block_device_mapping} m WHERE m.`deleted` = 0 AND m.`volume_id` IS NOT NULL' +
          ` AND ${absent('m.`volume_id`', '`id`', '{cinder.volumes} WHERE `deleted` = 0')}`,
        "CONCAT(m.`volume_id`, ' of ', m.`instance_uuid`)",
      ),
    ],
    remedy: 'Detach the volume: openstack server remove volume SERVER VOLUME',
  },
]
