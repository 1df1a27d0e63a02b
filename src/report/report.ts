import type { Judged } from '../checks/accepted.ts'
import type { Outage } from '../cutover/outage/outage.ts'
import type { Timeline } from '../plan/timeline.ts'

/** The result of a step's proof. */
export interface Proof {
  readonly step: string
  readonly title: string
  /** ISO 8601 */
  readonly at: string
  readonly says: string
}

/** Everything the page shows. Plain text; escaping and redaction happen when it becomes HTML. */
export interface Report {
  readonly swap: string
  /** when it was written */
  readonly at: Date
  /** 'victoria to epoxy' */
  readonly releases: string
  readonly phases: readonly { readonly phase: string; readonly done: number; readonly steps: number }[]
  /** what to type next */
  readonly next: string
  /** where each address is, and each side's rollback state */
  readonly standing: readonly string[]
  readonly failed: readonly { readonly step: string; readonly error: string }[]
  readonly left: readonly string[]
  readonly timeline: Timeline
  readonly outage?: Outage
  /** undefined: the freeze has begun, nothing is left to check */
  readonly checks?: Judged
  /** findings accepted by the operator, from the journal */
  readonly accepted: readonly { readonly check: string; readonly reason: string; readonly at: string }[]
  readonly proofs: readonly Proof[]
  /** what a revert would lose, or why that is unknown */
  readonly cost: string
}
