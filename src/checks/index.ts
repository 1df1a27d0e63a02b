import type { Context } from '../context.ts'
import { type Journal, stateOf } from '../engine/journal.ts'
import type { Finding } from '../engine/step.ts'
import { blockers } from '../releases/blockers/index.ts'
import { askChecks, type Check } from '../source/check.ts'
import { sourceChecks } from '../source/source-checks.ts'
import { addressChecks } from '../target/address-checks.ts'
import { targetChecks } from '../target/checks.ts'
import { contentChecks } from './contents.ts'
import { hostChecks } from './hosts/index.ts'
import { machineChecks } from './machines.ts'
import { networkChecks } from './network.ts'
import { packageChecks } from './packages.ts'
import { rowChecks } from './rows/index.ts'
import { serverChecks } from './servers.ts'
import { tableChecks } from './tables.ts'
import { unitChecks } from './units.ts'

/** Everything that is asked before anything is changed. A new check is one more line in one of these lists. */
export const checks: readonly Check[] = [
  ...sourceChecks,
  ...addressChecks,
  ...targetChecks,
  ...machineChecks,
  ...hostChecks,
  ...packageChecks,
  ...unitChecks,
  ...networkChecks,
  ...serverChecks,
  ...tableChecks,
  ...contentChecks,
  ...rowChecks,
]

export type Listed = Pick<Check, 'id' | 'level' | 'title' | 'source'>

/** Every check by its id, and every migration that refuses rows: what findings are named by. */
export const listed: readonly Listed[] = [
  ...checks.map(({ id, level, title, source }) => ({ id, level, title, source })),
  ...blockers.map(({ id, level, rows, source }) => ({ id, level, title: `Migration that stops at ${rows}`, source })),
]

export interface CheckOptions {
  /** the target's databases of an earlier cloud may be dropped */
  readonly recreate: boolean
  readonly journal: Journal
}

/** All findings at once. */
export const runChecks = (context: Context, { recreate, journal }: CheckOptions): Promise<readonly Finding[]> =>
  askChecks(checks, { ...context, recreate, claimed: stateOf(journal, 'target/claim') === 'done' })
