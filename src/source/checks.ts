import type { Context } from '../context.ts'
import { type Journal, stateOf } from '../engine/journal.ts'
import type { Finding } from '../engine/step.ts'
import { addressChecks } from '../target/address-checks.ts'
import { targetChecks } from '../target/checks.ts'
import { askChecks, type Check } from './check.ts'
import { sourceChecks } from './source-checks.ts'

/** Everything `prepare` asks before it changes anything. A new check is one more line in one of these lists. */
export const checks: readonly Check[] = [...sourceChecks, ...addressChecks, ...targetChecks]

export interface CheckOptions {
  /** the target's databases of an earlier cloud may be dropped */
  readonly recreate: boolean
  readonly journal: Journal
}

/** All findings at once. */
export const runChecks = (context: Context, { recreate, journal }: CheckOptions): Promise<readonly Finding[]> =>
  askChecks(checks, { ...context, recreate, claimed: stateOf(journal, 'target/claim') === 'done' })
