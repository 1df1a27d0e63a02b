import type { Blocker, Probe } from '../blocker.ts'
import type { RepoName } from '../repo.ts'

/** The services' db_sync (oslo.db) wants every table but the version tables in some utf8. */
const notUtf8: Probe = {
  needs: { migrate_version: [] },
  from:
    "information_schema.TABLES WHERE TABLE_SCHEMA = {} AND TABLE_COLLATION NOT LIKE '%utf8%'" +
    " AND TABLE_NAME NOT IN ('migrate_version', 'alembic_version')",
  example: 'TABLE_NAME',
}

const charset = (repo: RepoName, how: string): Blocker => ({
  id: `${repo}-charset`,
  repo,
  stops: { release: 'icehouse', migration: 'the check before any' },
  rows: 'tables that are not utf8',
  asks: [notUtf8],
  command:
    'SET foreign_key_checks = 0; ALTER TABLE ... CONVERT TO CHARACTER SET utf8 for each, on the copy, and the database too',
  always: false,
  level: 'block',
  source: how,
})

export const otherBlockers: readonly Blocker[] = [
  charset('keystone', 'seen: "have non utf8 collation, please make sure all tables are CHARSET=utf8"'),
  charset('glance', 'seen: as keystone; db_enforce_mysql_charset = False switches it off'),
  charset('heat', 'the same check, read in its code; without it the foreign key of stack_lock fails (errno 150, seen)'),
  {
    id: 'keystone-credential-keys',
    repo: 'keystone',
    stops: { release: 'newton', migration: 'data_migrate 003' },
    rows: 'credentials that this hop will encrypt, with the null key when the key repository is empty',
    asks: [{ needs: { credential: ['blob'] }, from: '{credential}', example: '`id`' }],
    command: 'keystone-manage credential_setup with the hop or target release, before its db_sync; keep those keys',
    always: false,
    level: 'warn',
    source: 'keystone 003_migrate_unencrypted_credentials.py; encrypted silently with the null key (seen)',
  },
  {
    id: 'heat-legacy-revision',
    repo: 'heat',
    stops: { release: 'bobcat', migration: 'c6214ca60943' },
    rows: 'a legacy revision before 86, whose missing migrations 2023.2 would skip in silence',
    asks: [
      {
        needs: { migrate_version: ['repository_id', 'version'] },
        from: "{migrate_version} WHERE `repository_id` = 'heat' AND `version` < 86",
        example: "CONCAT('revision ', `version`)",
      },
    ],
    mends: ['rocky', 'antelope'],
    command: 'heat-manage db_sync',
    always: false,
    level: 'block',
    source: 'heat/db/migration.py stamps any legacy database without looking',
  },
  {
    id: 'placement-root-providers',
    repo: 'placement',
    stops: { release: 'train', migration: '611cd6dffd7b' },
    rows: 'resource providers without root provider',
    asks: [
      {
        needs: { resource_providers: ['root_provider_id'] },
        from: '{resource_providers} WHERE `root_provider_id` IS NULL',
        example: '`uuid`',
      },
    ],
    mends: ['stein', 'gazpacho'],
    command: 'placement-manage db online_data_migrations',
    always: false,
    level: 'block',
    source: 'placement 611cd6dffd7b_block_on_null_root_provider_id.py',
  },
  {
    id: 'placement-consumers',
    repo: 'placement',
    stops: { release: 'train', migration: 'b5c396305c25' },
    rows: 'allocations without consumer',
    asks: [
      {
        needs: { allocations: ['consumer_id'], consumers: ['uuid'] },
        from: '{allocations} a LEFT JOIN {consumers} c ON c.`uuid` = a.`consumer_id` WHERE c.`id` IS NULL',
        example: 'a.`consumer_id`',
      },
    ],
    mends: ['stein', 'gazpacho'],
    command: 'placement-manage db online_data_migrations',
    always: false,
    level: 'block',
    source: 'placement b5c396305c25_block_on_null_consumer.py',
  },
]
