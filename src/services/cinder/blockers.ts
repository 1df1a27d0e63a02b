import type { Blocker, Mend, Probe } from '../../releases/blocker.ts'
import type { ReleaseName } from '../../releases/series.ts'

/**
 * The migrations alter the column for all rows, the online data migrations handle only live ones (read_deleted 'no').
 */
const nulls = (table: string, column: string, deleted: boolean): Probe => ({
  needs: { [table]: [column, 'deleted'] },
  from: `{${table}} WHERE \`${column}\` IS NULL AND ${deleted ? 'NOT ' : ''}(\`deleted\` <=> 0)`,
  example: `CONCAT('${table} ', \`id\`)`,
})

const live = (table: string, and = '', columns: readonly string[] = []): Probe => ({
  needs: { [table]: ['deleted', ...columns] },
  from: `{${table}} WHERE \`deleted\` = 0${and}`,
  example: `CONCAT('${table} ', \`id\`)`,
})

const online = (first: ReleaseName, last: ReleaseName): readonly Mend[] => [
  { by: [first, last], argv: ['cinder-manage', 'db', 'online_data_migrations'], again: [1], when: 'on-the-way' },
]

export const cinderBlockers: readonly Blocker[] = [
  {
    id: 'cinder-consistency-groups',
    repo: 'cinder',
    stops: { release: 'pike', migration: '097' },
    rows: 'consistency groups, their snapshots, or messages without VOLUME_ prefix',
    asks: [
      live('consistencygroups'),
      live('cgsnapshots'),
      live('messages', " AND `event_id` NOT LIKE 'VOLUME_%'", ['event_id']),
    ],
    mends: online('ocata', 'ocata'),
    always: false,
    level: 'block',
    source: 'cinder 097_enforce_ocata_online_migrations.py (in pike, queens, rocky)',
  },
  {
    id: 'cinder-service-uuids',
    repo: 'cinder',
    stops: { release: 'train', migration: 'none: train dropped the online migrations' },
    rows: 'services without uuid, or attachment specs not yet moved to connectors',
    asks: [live('services', ' AND `uuid` IS NULL', ['uuid']), live('attachment_specs', '', ['attachment_id'])],
    // queens to stein 14.0.x do this in data migrations that ask running services; later code does not do it at all
    sql: [
      'UPDATE {services} SET `uuid` = UUID() WHERE `uuid` IS NULL AND `deleted` = 0',
      "UPDATE {volumes} v JOIN {services} s ON s.`host` = SUBSTRING_INDEX(v.`host`, '#', 1) SET v.`service_uuid` = s.`uuid`" +
        " WHERE v.`service_uuid` IS NULL AND v.`deleted` = 0 AND s.`binary` = 'cinder-volume' AND s.`deleted` = 0",
      "UPDATE {volume_attachment} a JOIN (SELECT `attachment_id` AS id, CONCAT('{', GROUP_CONCAT(CONCAT(JSON_QUOTE(`key`), ': '," +
        " JSON_QUOTE(`value`)) SEPARATOR ', '), '}') AS connector FROM {attachment_specs} WHERE `deleted` = 0 GROUP BY" +
        ' `attachment_id`) p ON p.id = a.`id` SET a.`connector` = p.connector WHERE a.`connector` IS NULL',
      'UPDATE {attachment_specs} SET `deleted` = 1, `deleted_at` = UTC_TIMESTAMP() WHERE `deleted` = 0',
    ],
    always: false,
    level: 'warn',
    source: 'cinder-status upgrade check of train: "Service UUIDs", "Attachment specs"',
  },
  {
    id: 'cinder-untyped-volumes',
    repo: 'cinder',
    stops: { release: 'ussuri', migration: '136' },
    rows: 'volumes or snapshots without volume type',
    asks: [nulls('volumes', 'volume_type_id', false), nulls('snapshots', 'volume_type_id', false)],
    mends: online('train', 'ussuri'),
    always: true,
    level: 'block',
    source: 'cinder 136_make_vol_type_col_non_nullable.py; the online migrations are in train and ussuri',
  },
  {
    id: 'cinder-untyped-deleted-volumes',
    repo: 'cinder',
    stops: { release: 'ussuri', migration: '136' },
    rows: 'soft-deleted volumes or snapshots without volume type',
    asks: [nulls('volumes', 'volume_type_id', true), nulls('snapshots', 'volume_type_id', true)],
    // any type is fine for a deleted volume; __DEFAULT__ exists since train
    sql: ['volumes', 'snapshots'].map(
      (table) =>
        `UPDATE {${table}} SET \`volume_type_id\` = (SELECT \`id\` FROM {volume_types} WHERE \`deleted\` = 0` +
        " ORDER BY `name` = '__DEFAULT__' DESC LIMIT 1) WHERE `volume_type_id` IS NULL AND NOT (`deleted` <=> 0)",
    ),
    hand: 'cinder-manage db purge',
    always: false,
    level: 'block',
    source: 'cinder 136_make_vol_type_col_non_nullable.py',
  },
  {
    id: 'cinder-duplicate-quota-usages',
    repo: 'cinder',
    stops: { release: 'wallaby', migration: '141' },
    rows: 'duplicate quota usages of one project and resource',
    asks: [
      {
        // rows without race_preventer never collide; before 141 the column exists only where it was backported
        needs: { quota_usages: ['project_id', 'resource', 'race_preventer'] },
        from:
          '(SELECT `project_id`, `resource` FROM {quota_usages} WHERE `race_preventer` IS NOT NULL' +
          ' GROUP BY `project_id`, `resource`, `race_preventer` HAVING COUNT(*) > 1) d',
        example: "CONCAT(d.`project_id`, ' ', d.`resource`)",
      },
    ],
    hand: 'delete all but one of each group from quota_usages, later: cinder-manage quota sync',
    always: false,
    level: 'block',
    source: 'cinder 141_add_quota_usage_unique_constraint.py',
  },
  {
    id: 'cinder-use-quota',
    repo: 'cinder',
    stops: { release: 'caracal', migration: '9ab1b092a404' },
    rows: 'volumes or snapshots whose use_quota is NULL',
    asks: [nulls('volumes', 'use_quota', false), nulls('snapshots', 'use_quota', false)],
    mends: online('xena', 'bobcat'),
    always: true,
    level: 'block',
    source:
      'cinder 9ab1b092a404_make_use_quota_non_nullable.py; the online migrations are in xena (19.0.0) to 2023.2 (23.0.0)',
  },
  {
    id: 'cinder-use-quota-deleted',
    repo: 'cinder',
    stops: { release: 'caracal', migration: '9ab1b092a404' },
    rows: 'soft-deleted volumes or snapshots whose use_quota is NULL',
    asks: [nulls('volumes', 'use_quota', true), nulls('snapshots', 'use_quota', true)],
    // deleted rows use no quota, whatever the column says
    sql: ['volumes', 'snapshots'].map(
      (table) => `UPDATE {${table}} SET \`use_quota\` = 1 WHERE \`use_quota\` IS NULL AND NOT (\`deleted\` <=> 0)`,
    ),
    hand: 'cinder-manage db purge',
    always: false,
    level: 'block',
    // observed: zed's online migrations skip these rows; Debian's epoxy package fixes them itself, upstream's migration
    // fails (1265)
    source: 'cinder 9ab1b092a404_make_use_quota_non_nullable.py',
  },
]
