import type { ReleaseName } from './series.ts'

/** The name of a line of schema revisions: one per kind of database. */
export type RepoName = string

/** Lowest and highest value; point releases may end higher than the first version of a series. */
export type Range = readonly [number, number]

/** Content of the version tables after a release's sync. */
export interface End {
  /** migrate_version.version of the repository itself (sqlalchemy-migrate) */
  readonly number?: Range
  /** version of each further repository in migrate_version (keystone: expand, data_migrate, contract) */
  readonly parts?: Range
  /** sets of alembic_version rows, each of which is valid */
  readonly heads?: readonly (readonly string[])[]
}

/** From this release's code on (until the next entry) a database must be at `oldest` or later. */
export interface Floor {
  readonly code: ReleaseName
  readonly oldest: ReleaseName | 'any'
  /** what the code does with an older one, and where that is written */
  readonly because: string
}

/** All data on one line of schema revisions, read from the upstream tags of each release. */
export interface Repo {
  readonly name: RepoName
  /** the word before the number in our notation, by repository_id in migrate_version ('' for the repository itself) */
  readonly migrate: Readonly<Record<string, string>>
  readonly ends: Readonly<Partial<Record<ReleaseName, End>>>
  /** oldest first */
  readonly floors: readonly Floor[]
  /** for a database without version table: the release, recognised by tables it must and must not have */
  readonly unversioned?: {
    readonly release: ReleaseName
    readonly has: readonly string[]
    readonly lacks: readonly string[]
  }
  /** tables that get their own collation in a migration, unlike the others: {utf8_bin: [...]} */
  readonly collations?: Readonly<Record<string, readonly string[]>>
  /** the database may exist without tables; any release's code then creates them */
  readonly mayBeEmpty?: true
}

export const at = (low: number, high: number = low): End => ({ number: [low, high] })

/** One valid set of alembic rows per argument. */
export const heads = (...sets: readonly (readonly string[])[]): End => ({ heads: sets })
