import type { Blocker, Probe } from '../releases/blocker.ts'
import type { RepoName } from '../releases/repo.ts'

/** The services' db_sync (oslo.db) requires utf8 for all tables but the version tables. */
const notUtf8: Probe = {
  needs: { migrate_version: [] },
  from:
    "information_schema.TABLES WHERE TABLE_SCHEMA = {} AND TABLE_COLLATION NOT LIKE '%utf8%'" +
    " AND TABLE_NAME NOT IN ('migrate_version', 'alembic_version')",
  example: 'TABLE_NAME',
}

/** Tables that are not utf8 stop the sync of that repository; `how`: where this was observed. */
export const charset = (repo: RepoName, how: string): Blocker => ({
  id: `${repo}-charset`,
  repo,
  stops: { release: 'icehouse', migration: 'the check before any' },
  rows: 'tables that are not utf8',
  asks: [notUtf8],
  // with foreign keys MariaDB refuses it since 10.6.20 and 10.11.10, even with key checks off (error 1832)
  hand: 'on the copy drop the foreign keys, ALTER TABLE ... CONVERT TO CHARACTER SET utf8 for each table and ALTER DATABASE, then make the keys again',
  always: false,
  level: 'block',
  source: how,
})
