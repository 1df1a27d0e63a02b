import { stateOf } from '../engine/journal.ts'
import { revertSteps } from '../engine/revert.ts'
import { type Engine, execute, renew } from '../engine/run.ts'
import type { Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { limiter } from '../hosts/limiter.ts'
import { redact } from '../text/redact.ts'

export interface Batches {
  /** at most so many computes are in work at once: begun, and not proven yet */
  readonly batch: number
}

/** After so many failed computes no further one is begun: the cause is not one machine's. */
const mostFailed = 3

interface Failed {
  readonly id: string
  readonly why: string
  readonly next: string
}

export interface Outcome {
  readonly failed: readonly Failed[]
  /** ids that were not begun */
  readonly untouched: readonly string[]
}

/** Runs a step that is not done, or is done but no longer stands. */
const runOne = async (step: Step, engine: Engine): Promise<void> => {
  if (stateOf(engine.journal, step.id) !== 'done') return execute([step], engine)
  if ((await step.stands?.()) === false) return renew([step], engine)
  engine.reporter.skip(step, 'already done')
}

/** A compute that fails is put back as it was: its agents use the old controller as before, and nothing is half done. */
const orBack = async (step: Step, engine: Engine): Promise<Failed | undefined> => {
  try {
    await runOne(step, engine)
    return undefined
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    const why = redact(error.cause instanceof SwapError ? error.cause.message : error.message)
    const next = error.cause instanceof SwapError ? error.cause.next : error.next
    if (stateOf(engine.journal, step.id) === 'pending' || stateOf(engine.journal, step.id) === 'undone')
      return { id: step.id, why: `${why}; nothing was changed there`, next }
    const { signal: _, ...calm } = engine
    const left = (await revertSteps([step], calm)).flatMap((partly) => partly.left)
    const back = left.length === 0 ? 'it was put back' : `it could not be put back: ${left.join('; ')}`
    return { id: step.id, why: `${why}; ${back}`, next }
  }
}

/**
 * Runs a step per compute: the first one alone, and until it is proven no other one begins; then the others, some at a
 * time. One that fails is put back; after three no further one begins. A stop at once is the caller's.
 */
export const retargetAll = async (steps: readonly Step[], whole: Engine, { batch }: Batches): Promise<Outcome> => {
  const { now: _, ...engine } = whole
  const [canary, ...others] = steps
  const failed: Failed[] = []
  const untouched: string[] = []
  const one = async (step: Step, most: number): Promise<void> => {
    if (failed.length >= most || engine.signal?.aborted === true) return void untouched.push(step.id)
    const failure = await orBack(step, engine)
    if (failure !== undefined) failed.push(failure)
  }
  if (canary === undefined) return { failed, untouched }
  await one(canary, 1)
  const most = failed.length > 0 ? 1 : mostFailed
  const inTurn = limiter(batch)
  await Promise.all(others.map((step) => inTurn(() => one(step, most))))
  return { failed, untouched }
}
