import { many, type RowCheck, rows, twins } from '../row-check.ts'

const live = '`deleted` = 0'
const old = (unit: string): string => `COALESCE(\`updated_at\`, \`created_at\`) < UTC_TIMESTAMP() - INTERVAL ${unit}`
const stuck = (table: string) =>
  rows(
    table,
    ['id', 'status', 'deleted'],
    `${live} AND (\`status\` LIKE '%ing' OR \`status\` = 'maintenance') AND ${old('1 HOUR')}`,
    "CONCAT(`id`, ' ', `status`)",
  )

export const cinderRows: readonly RowCheck[] = [
  {
    id: 'cinder/stuck-volumes',
    level: 'block',
    title: 'No volume is stuck in a transition',
    repo: 'cinder',
    rows: 'volumes have been in transition for more than an hour',
    asks: [stuck('volumes')],
    remedy: 'Find out what became of each and set its state: openstack volume set --state available|error ID',
    source: 'cinder/objects/fields.py VolumeStatus',
    why: 'The operation is lost at the freeze, and the volume stays unusable.',
  },
  {
    id: 'cinder/stuck-snapshots',
    level: 'block',
    title: 'No volume snapshot is stuck in a transition',
    repo: 'cinder',
    rows: 'snapshots have been in transition for more than an hour',
    asks: [stuck('snapshots')],
    remedy: 'Set the state of each: openstack volume snapshot set --state available|error ID',
    source: 'cinder/objects/fields.py SnapshotStatus',
    why: 'The operation is lost at the freeze, and the snapshot stays unusable.',
  },
  {
    id: 'cinder/stuck-backups',
    level: 'block',
    title: 'No volume backup is stuck in a transition',
    repo: 'cinder',
    rows: 'backups have been in transition for more than an hour',
    asks: [stuck('backups')],
    remedy: 'Set the state of each: openstack volume backup set --state available|error ID',
    source: 'cinder/objects/fields.py BackupStatus',
    why: 'The operation is lost at the freeze, and the backup stays unusable.',
  },
  {
    id: 'cinder/dead-services',
    level: 'warn',
    title: 'All cinder services report',
    repo: 'cinder',
    rows: 'services have not reported for more than a day',
    asks: [
      rows('services', ['host', 'binary', 'deleted'], `${live} AND ${old('1 DAY')}`, "CONCAT(`binary`, '@', `host`)"),
    ],
    remedy: 'Remove those that are gone: cinder-manage service remove BINARY HOST',
    source: 'cinder/objects/base.py and admin/upgrades documentation',
    why: 'Old versions of dead services hold RPC back.',
  },
  {
    id: 'cinder/duplicate-services',
    level: 'block',
    title: 'Each cinder service has one row',
    repo: 'cinder',
    rows: 'services have more than one row',
    asks: [twins('services', ['host', 'binary', 'deleted'], "CONCAT(`binary`, '@', `host`)", live)],
    remedy: 'Find out which one reports (openstack volume service list) and remove the other',
    source: 'cinder/db/api.py volume_update_all_by_service',
    why: 'Volumes may belong to the wrong row.',
  },
  {
    id: 'cinder/unmanaged-volumes',
    level: 'warn',
    title: 'Each volume has a volume service',
    repo: 'cinder',
    rows: 'volumes belong to a host without a volume service',
    asks: [
      {
        needs: { volumes: ['id', 'host', 'deleted'], services: ['host', 'binary', 'deleted'] },
        from:
          "{volumes} v LEFT JOIN {services} s ON s.`host` = SUBSTRING_INDEX(v.`host`, '#', 1) AND s.`binary` = 'cinder-volume' AND s.`deleted` = 0" +
          ' WHERE v.`deleted` = 0 AND v.`host` IS NOT NULL AND s.`id` IS NULL',
        example: "CONCAT(v.`id`, ' on ', v.`host`)",
      },
    ],
    remedy: 'On the old controller run cinder-manage volume update_host',
    source: 'cinder/cmd/manage.py update_host',
    why: 'Such a volume can be neither attached nor deleted, before or after the swap.',
  },
  {
    id: 'cinder/lost-attachments',
    level: 'warn',
    title: 'Volumes in use have an attachment',
    repo: 'cinder',
    rows: 'volumes are in use without an attachment',
    asks: [
      {
        needs: { volumes: ['id', 'status', 'deleted'], volume_attachment: ['volume_id', 'deleted'] },
        from:
          '{volumes} v LEFT JOIN {volume_attachment} a ON a.`volume_id` = v.`id` AND a.`deleted` = 0' +
          " WHERE v.`deleted` = 0 AND v.`status` = 'in-use' AND a.`id` IS NULL",
        example: 'v.`id`',
      },
    ],
    remedy:
      'Check whether a server uses it (nova.block_device_mapping); if none: openstack volume set --state available --detached ID',
    source: 'cinder/objects/volume.py finish_detach',
    why: 'The volume cannot be detached.',
  },
  {
    id: 'cinder/orphan-attachments',
    level: 'warn',
    title: 'No attachment belongs to a deleted volume',
    repo: 'cinder',
    rows: 'attachments belong to deleted volumes',
    asks: [
      {
        needs: { volumes: ['id', 'deleted'], volume_attachment: ['volume_id', 'deleted'] },
        from: '{volume_attachment} a JOIN {volumes} v ON v.`id` = a.`volume_id` WHERE a.`deleted` = 0 AND v.`deleted` <> 0',
        example: 'a.`id`',
      },
    ],
    remedy: 'Delete them: cinder attachment-delete ID',
    source: 'cinder/db/sqlalchemy/api.py volume_destroy',
    why: 'Dead attachments confuse cleanups.',
  },
  {
    id: 'cinder/deleted-volumes',
    level: 'warn',
    title: 'Deleted volumes were purged',
    repo: 'cinder',
    rows: 'table holds too many deleted rows to copy',
    asks: [many('volumes', ['id', 'deleted'], '`deleted` <> 0', 100_000)],
    remedy: 'On the old controller: cinder-manage db purge 30',
    source: 'cinder/cmd/manage.py db purge',
    why: 'The freeze lasts longer than it needs to.',
  },
  {
    id: 'cinder/fixed-key',
    level: 'warn',
    title: 'No volume is encrypted with the fixed key of the settings',
    source: "castellan's ConfKeyManager and cinder/keymgr/conf_key_mgr.py: one key of zeros' id for all volumes",
    why: 'Without that key these volumes are lost.',
    repo: 'cinder',
    rows: 'volumes can be read only with [key_manager] fixed_key of cinder.conf and nova.conf',
    asks: [
      rows(
        'volumes',
        ['id', 'encryption_key_id', 'deleted'],
        `${live} AND \`encryption_key_id\` = '00000000-0000-0000-0000-000000000000'`,
        '`id`',
      ),
    ],
    remedy: 'Keep a copy of the key outside both controllers',
  },
]
