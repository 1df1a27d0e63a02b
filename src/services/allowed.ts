import type { RepoName } from '../releases/repo.ts'

/** The subject of a finding. */
export type Kind =
  | 'table'
  | 'engine'
  | 'table collation'
  | 'column'
  | 'type'
  | 'nullability'
  | 'default'
  | 'extra'
  | 'charset'
  | 'collation'
  | 'index'
  | 'index name'
  | 'foreign key'
  | 'foreign key name'
  | 'check'
  | 'trigger'

/**
 * A known, harmless schema difference. Texts are complete values; '*' matches any text without a backtick, '' means
 * absent.
 */
export interface Allowed {
  readonly repo: RepoName | '*'
  readonly kind: Kind
  readonly table: string
  readonly name: string
  readonly have: string
  readonly should: string
  /** why it is harmless */
  readonly reason: string
  /** the upstream file, change or bug it comes from */
  readonly source: string
}

/** The leftover version table from before alembic. */
export const oldVersions = (repo: RepoName): Allowed => ({
  repo,
  kind: 'table',
  table: 'migrate_version',
  name: '',
  have: 'base table',
  should: '',
  reason: 'where the schema stood before alembic; nothing reads it any more',
  source: `sqlalchemy-migrate's own table; ${repo} of 2025.1 has no migration that drops it`,
})

/** Harmless differences in databases of any service. */
export const allowedEverywhere: readonly Allowed[] = [
  {
    repo: '*',
    kind: 'check',
    table: '*',
    name: '',
    have: '`*` in (0,1)',
    should: '',
    reason: 'allows just what a Boolean can be; it was made for every Boolean column and no longer is',
    source: 'SQLAlchemy 1.4, Boolean: create_constraint is False by default',
  },
  {
    repo: '*',
    kind: 'check',
    table: '*',
    name: '',
    have: '',
    should: '`*` in (0,1)',
    reason: 'a database as old as that never had it: no service writes anything but 0 and 1 into a Boolean',
    source: 'MySQL before 8.0.16 and MariaDB before 10.2.1 read CHECK and forget it',
  },
]
