import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../../context.ts'
import { nothing, type Step } from '../../engine/step.ts'
import { SwapError } from '../../errors.ts'
import { connectionText } from '../handover/connections.ts'
import { askForeign } from '../handover/foreign.ts'
import { askSide } from '../rollback/state.ts'
import { notGreenText } from './green.ts'
import { type Probe, startProbe } from './probe.ts'
import { askProbeTargets } from './probe-target.ts'
import { clock } from './probe-try.ts'

/**
 * Resolves with [] once every target has answered often enough in a row at the moved addresses, or after `limit`
 * milliseconds with those that have not: 'compute :8774 at 10.20.0.10: ECONNREFUSED'. Seen from the operator's machine.
 */
export type Green = (limit: number, signal?: AbortSignal) => Promise<readonly string[]>

/**
 * Answers in a row: a quarter of a second at the probe's pace, a few seconds for a slow API. The report says how slow.
 */
const wanted = { times: 5, within: 10_000 }

/** Seconds between two progress messages. */
const slice = 10

/** Milliseconds between two questions that the probe does not cover. */
const between = 1000

/** Seconds of the budget left when swapctl gives up: enough to roll back itself before the timers do. */
const reserve = 5

/** Uses a probe that tries each API of the catalog, the database and the queue from here. */
export const greenOf =
  (probe: Pick<Probe, 'green'>): Green =>
  async (limit, signal) => {
    const since = clock()
    const missing = await probe.green({ ...wanted, since }, limit, signal)
    return missing.map(notGreenText)
  }

/** Starts a probe of its own when none is running yet. */
const askGreen = async (context: Context, limit: number, signal?: AbortSignal): Promise<readonly string[]> => {
  const probe = startProbe((await askProbeTargets(context)).targets)
  try {
    return await greenOf(probe)(limit, signal)
  } finally {
    await probe.stop()
  }
}

/**
 * Waits until everything answers at the moved addresses. Throws SwapError with what does not, early enough that swapctl
 * and not the timers can roll back, or when `signal` is aborted.
 */
export const greenStep = (
  context: Context,
  after: readonly string[],
  green: Green = (limit, signal) => askGreen(context, limit, signal),
  signal?: AbortSignal,
): Step => ({
  id: 'cutover/green',
  phase: 'cutover',
  title: `Probe the services at the moved addresses until ${wanted.times} consecutive passes; confirm the old controller is silent`,
  after,
  changes: [],
  run: nothing,
  undo: nothing,
  proof: async (progress) => {
    let says = ''
    for (const began = Date.now(); ; ) {
      const left = (await askLeft(context)) - reserve
      const stopped = signal?.aborted === true
      if (left <= 0 || stopped) throw late(says, left + reserve, stopped)
      const complaints = await green(Math.min(left, slice) * 1000, signal)
      const all = complaints.length > 0 ? complaints : await askElsewhere(context)
      if (all.length === 0)
        return `every service answered ${wanted.times} times in a row, ${((Date.now() - began) / 1000).toFixed(1)} s after the move`
      says = all.join('; ')
      progress?.(`${says}; ${left} s are left`)
      if (complaints.length === 0) await sleep(between)
    }
  },
})

const late = (says: string, left: number, stopped: boolean): SwapError =>
  new SwapError(
    'cutover',
    `some services do not answer at the moved addresses${stopped ? '' : ` with ${left} s of the budget left`}: ${says || (stopped ? 'stopped as requested' : 'there was no time left for a probe')}`,
    'Fix what does not answer, or set a longer [cutover] budget in the settings',
  )

const askLeft = async ({ hosts }: Context): Promise<number> => {
  const state = await askSide(hosts('target'))
  if (typeof state === 'object' && state.state === 'armed') return state.left
  const says = typeof state === 'object' ? `${state.state} since ${state.at}: ${state.why}` : state
  throw new SwapError('target', `no longer has a running rollback timer: ${says}`, 'Run the same command again')
}

/** What a probe from here cannot see: whether anything on the old controller has followed the addresses. */
const askElsewhere = async (context: Context): Promise<readonly string[]> =>
  (await askForeign(context)).map((it) => `connected from the old controller: ${connectionText(it)}`)
