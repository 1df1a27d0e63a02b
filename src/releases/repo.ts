import type { ReleaseName } from './series.ts'

/** A line of schema revisions: one per kind of database. */
export type RepoName = string

/** Lowest and highest value; point releases of a series may end higher than its first version. */
export type Range = readonly [number, number]

/** What the version tables hold when a release's sync has ended. */
export interface End {
  /** migrate_version.version of the repository itself (sqlalchemy-migrate) */
  readonly number?: Range
  /** version of each further repository in migrate_version (keystone: expand, data_migrate, contract) */
  readonly parts?: Range
  /** sets of alembic_version rows, any of which is right */
  readonly heads?: readonly (readonly string[])[]
}

/** From this release's code on (until the next entry) the database must have been brought to `oldest` or later. */
export interface Floor {
  readonly code: ReleaseName
  readonly oldest: ReleaseName | 'any'
  /** what the code does to an older one, and where that is seen */
  readonly because: string
}

/** Everything swapctl knows of one line of schema revisions. Facts read from the upstream tags of each release. */
export interface Repo {
  readonly name: RepoName
  /** repository_id in migrate_version -> word before the number in the notation ('' for the repository itself) */
  readonly migrate: Readonly<Record<string, string>>
  readonly ends: Readonly<Partial<Record<ReleaseName, End>>>
  /** oldest first */
  readonly floors: readonly Floor[]
  /** a database of this service that has no version table: which release made it, told by tables it must and must not have */
  readonly unversioned?: {
    readonly release: ReleaseName
    readonly has: readonly string[]
    readonly lacks: readonly string[]
  }
  /** tables to which its own migrations give a collation, where they give none to the others: {utf8_bin: [...]} */
  readonly collations?: Readonly<Record<string, readonly string[]>>
  /** the database may exist without tables; any release's code then creates them */
  readonly mayBeEmpty?: true
}

export const at = (low: number, high: number = low): End => ({ number: [low, high] })

/** One accepted set of alembic rows per argument. */
export const heads = (...sets: readonly (readonly string[])[]): End => ({ heads: sets })
