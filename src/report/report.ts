import type { Judged } from '../checks/accepted.ts'
import type { Outage } from '../cutover/outage/outage.ts'
import type { Timeline } from '../plan/timeline.ts'

/** What one step's proof has seen. */
export interface Proof {
  readonly step: string
  readonly title: string
  /** ISO 8601 */
  readonly at: string
  readonly says: string
}

/** Everything that the page shows. Nothing in it is HTML; secrets are taken out where it becomes HTML. */
export interface Report {
  readonly swap: string
  /** when it was written */
  readonly at: Date
  /** 'victoria to epoxy' */
  readonly releases: string
  readonly phases: readonly { readonly phase: string; readonly done: number; readonly steps: number }[]
  /** what to type next */
  readonly next: string
  /** where each address is, and how far each side is with a cutover */
  readonly standing: readonly string[]
  readonly failed: readonly { readonly step: string; readonly error: string }[]
  readonly left: readonly string[]
  readonly timeline: Timeline
  readonly outage?: Outage
  /** undefined: the freeze has begun, there is nothing left to check */
  readonly checks?: Judged
  /** what the operator has accepted, from the journal */
  readonly accepted: readonly { readonly check: string; readonly reason: string; readonly at: string }[]
  readonly proofs: readonly Proof[]
  /** what a revert would give up, or why that is not known */
  readonly cost: string
}
