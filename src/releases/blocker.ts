import type { RepoName } from './repo.ts'
import type { ReleaseName } from './series.ts'

/** One place where rows that stop a migration can be. Asked only when every table and column of `needs` exists. */
export interface Probe {
  /** table -> its columns that the question uses; 'nova_api.request_specs' is a table of another database of the service */
  readonly needs: Readonly<Record<string, readonly string[]>>
  /**
   * what follows FROM: {table} stands for the table with its database in front, quoted,
   * {} for the database's name as a string. Each row of the answer is one offender
   */
  readonly from: string
  /** SQL expression that names an offender to an operator */
  readonly example: string
}

/** A migration that refuses (or loses) rows, and how they are mended. */
export interface Blocker {
  /** never renamed: findings and plans name it */
  readonly id: string
  readonly repo: RepoName
  /** the first release whose sync runs into it, and the migration that does */
  readonly stops: { readonly release: ReleaseName; readonly migration: string }
  /** only for databases at this revision ('unversioned havana') */
  readonly at?: string
  /** what the rows are, for a message: 'compute nodes without uuid' */
  readonly rows: string
  readonly asks: readonly Probe[]
  /** first and last release whose code can mend the rows; absent: only a hand can. Ends where `stops` begins or later */
  readonly mends?: readonly [ReleaseName, ReleaseName]
  /** what mends them: a command of those releases, or SQL */
  readonly command: string
  /** statements ({table} as above) that mend the rows on the imported copy, where no command does and no choice is to be made */
  readonly sql?: readonly string[]
  /**
   * true: as long as the rows cannot be counted (their columns do not exist yet), expect them, and let the chain of hops pass a release
   * that mends them. false: only rows that were seen force a hop.
   */
  readonly always: boolean
  /** 'warn': the sync passes, but something is lost or wrong afterwards */
  readonly level: 'block' | 'warn'
  /** migration file, release note or trial that says so */
  readonly source: string
}
