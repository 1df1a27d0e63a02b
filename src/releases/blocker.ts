import type { Argv } from '../hosts/host.ts'
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

/** A call that fixes a blocker's rows. */
export interface Mend {
  /** first and last release whose code can */
  readonly by: readonly [ReleaseName, ReleaseName]
  readonly argv: Argv
  /** exit codes that mean "run me once more" */
  readonly again?: readonly number[]
  /**
   * 'on-the-way': among what every hop of these releases runs anyway; where the refusing code is one of them, after its
   * refusal. 'before': the refusing code's own, before its sync. 'after-refusal': the refusing code's own, when its sync has
   * refused; then it syncs again. 'hop-end': when everything else of a hop of these releases is done.
   */
  readonly when: 'on-the-way' | 'before' | 'after-refusal' | 'hop-end'
  /** made by root with the target's own program, whatever the hop: it writes where the hops' programs only read */
  readonly own?: true
}

/** A migration that refuses (or loses) rows, and how they are fixed. */
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
  /** calls that fix the rows; their last release is the one before `stops`, or a later one. Absent: only SQL or a hand can */
  readonly mends?: readonly Mend[]
  /** what fixes them where no call does, for a message */
  readonly hand?: string
  /** statements ({table} as above) that fix the rows on the imported copy, where no command does and no choice is to be made */
  readonly sql?: readonly string[]
  /**
   * true: as long as the rows cannot be counted (their columns do not exist yet), expect them, and let the chain of hops pass a release
   * that fixes them. false: only rows that were seen force a hop.
   */
  readonly always: boolean
  /** 'warn': the sync passes, but something is lost or wrong afterwards */
  readonly level: 'block' | 'warn'
  /** migration file, release note or trial that says so */
  readonly source: string
}
