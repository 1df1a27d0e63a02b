import { type RowCheck, rows, twins } from './row-check.ts'

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
    title: 'Volumes stuck in a transition',
    repo: 'cinder',
    rows: 'volumes have been in transition for more than an hour',
    asks: [stuck('volumes')],
    remedy: 'Look what became of each and give it a state: openstack volume set --state available|error ID',
    source: 'cinder/objects/fields.py VolumeStatus; known failure P51',
  },
  {
    id: 'cinder/stuck-snapshots',
    level: 'block',
    title: 'Volume snapshots stuck in a transition',
    repo: 'cinder',
    rows: 'snapshots have been in transition for more than an hour',
    asks: [stuck('snapshots')],
    remedy: 'Give each a state: openstack volume snapshot set --state available|error ID',
    source: 'cinder/objects/fields.py SnapshotStatus; known failure P51',
  },
  {
    id: 'cinder/stuck-backups',
    level: 'block',
    title: 'Volume backups stuck in a transition',
    repo: 'cinder',
    rows: 'backups have been in transition for more than an hour',
    asks: [stuck('backups')],
    remedy: 'Give each a state: openstack volume backup set --state available|error ID',
    source: 'cinder/objects/fields.py BackupStatus; known failure P51',
  },
  {
    id: 'cinder/dead-services',
    level: 'warn',
    title: 'Cinder services that report no more',
    repo: 'cinder',
    rows: 'services have not reported for more than a day',
    asks: [
      rows('services', ['host', 'binary', 'deleted'], `${live} AND ${old('1 DAY')}`, "CONCAT(`binary`, '@', `host`)"),
    ],
    remedy: 'Remove those that are gone: cinder-manage service remove BINARY HOST. Their old versions hold RPC back',
    source: 'cinder/objects/base.py and admin/upgrades documentation; known failure P64',
  },
  {
    id: 'cinder/duplicate-services',
    level: 'block',
    title: 'Cinder services with two rows',
    repo: 'cinder',
    rows: 'services have more than one row',
    asks: [twins('services', ['host', 'binary', 'deleted'], "CONCAT(`binary`, '@', `host`)", live)],
    remedy: 'Look which of them reports (openstack volume service list) and remove the other',
    source: 'cinder/db/api.py volume_update_all_by_service; known failure P63',
  },
  {
    id: 'cinder/unmanaged-volumes',
    level: 'warn',
    title: 'Volumes of a host that no service answers for',
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
    remedy: 'They can be neither attached nor deleted, before as after: cinder-manage volume update_host',
    source: 'cinder/cmd/manage.py update_host; known failure P62',
  },
  {
    id: 'cinder/lost-attachments',
    level: 'warn',
    title: 'Volumes in use with no attachment',
    repo: 'cinder',
    rows: 'volumes are in use, and nothing says by whom',
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
      'Look whether a server has it (nova.block_device_mapping); if none: openstack volume set --state available --detached ID',
    source: 'cinder/objects/volume.py finish_detach; known failure P57',
  },
  {
    id: 'cinder/orphan-attachments',
    level: 'warn',
    title: 'Attachments of deleted volumes',
    repo: 'cinder',
    rows: 'attachments are of volumes that are deleted',
    asks: [
      {
        needs: { volumes: ['id', 'deleted'], volume_attachment: ['volume_id', 'deleted'] },
        from: '{volume_attachment} a JOIN {volumes} v ON v.`id` = a.`volume_id` WHERE a.`deleted` = 0 AND v.`deleted` <> 0',
        example: 'a.`id`',
      },
    ],
    remedy: 'Delete them: cinder attachment-delete ID',
    source: 'cinder/db/sqlalchemy/api.py volume_destroy; known failure P57',
  },
]
