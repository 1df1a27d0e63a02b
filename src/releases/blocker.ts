import type { Argv } from '../hosts/host.ts'
import type { RepoName } from './repo.ts'
import type { ReleaseName } from './series.ts'

/** One place where rows that stop a migration can be. Asked only when every table and column of `needs` exists. */
export interface Probe {
  /** columns used by the query, by table; 'nova_api.request_specs' is a table in another database of the service */
  readonly needs: Readonly<Record<string, readonly string[]>>
  /**
   * what follows FROM: {table} stands for the quoted table with its database, {} for the database's name as a string.
   * Each row of the result is one offender
   */
  readonly from: string
  /** SQL expression that identifies an offender for the operator */
  readonly example: string
}

/** A call that fixes a blocker's rows. */
export interface Mend {
  /** first and last release whose code can */
  readonly by: readonly [ReleaseName, ReleaseName]
  readonly argv: Argv
  /** exit codes that mean "run it again" */
  readonly again?: readonly number[]
  /**
   * 'on-the-way': among the calls that every hop of these releases makes anyway; if the refusing code is one of them,
   * after its refusal. 'before': by the refusing code, before its sync. 'after-refusal': by the refusing code when its
   * sync has refused; then it syncs again. 'hop-end': at the end of a hop of these releases.
   */
  readonly when: 'on-the-way' | 'before' | 'after-refusal' | 'hop-end'
  /** run as root with the target's own program, whatever the hop: it writes where the hops' programs may only read */
  readonly own?: true
}

/** A migration that refuses (or loses) rows, and how to fix them. */
export interface Blocker {
  /** never renamed: findings and plans refer to it */
  readonly id: string
  readonly repo: RepoName
  /** the first release whose sync runs the refusing migration, and that migration */
  readonly stops: { readonly release: ReleaseName; readonly migration: string }
  /** only for databases at this revision ('unversioned havana') */
  readonly at?: string
  /** what the rows are, for messages: 'compute nodes without uuid' */
  readonly rows: string
  readonly asks: readonly Probe[]
  /**
   * calls that fix the rows; their last release is the one before `stops`, or later. Absent: only SQL or manual work
   * can
   */
  readonly mends?: readonly Mend[]
  /** the manual fix when no call exists, for messages */
  readonly hand?: string
  /**
   * statements ({table} as above) that fix the rows on the imported copy, when no command does and no choice is needed
   */
  readonly sql?: readonly string[]
  /**
   * true: while the rows cannot be counted (their columns do not exist yet), assume them, and let the chain of hops
   * include a release that fixes them. false: only rows that were counted force a hop.
   */
  readonly always: boolean
  /** 'warn': the sync succeeds, but something is lost or wrong afterwards */
  readonly level: 'block' | 'warn'
  /** migration file, release note or experiment that shows it */
  readonly source: string
}
