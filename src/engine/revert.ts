import { SwapError } from '../errors.ts'
import type { HostName } from '../hosts/host.ts'
import { awaitLeftovers, machinesOf } from '../hosts/leftovers.ts'
import { begunOf, newestFirst, stateOf } from './journal.ts'
import { perform } from './perform.ts'
import { redact } from './redact.ts'
import type { Engine } from './run.ts'
import type { Step } from './step.ts'
import { stoppedText, whenAborted } from './stopped.ts'

type Named = Pick<Step, 'id' | 'title'>

const undoFailed = (step: Named, error: unknown): SwapError => {
  const what = error instanceof SwapError ? `${error.where}: ${error.message}` : String(error)
  return new SwapError(
    step.id,
    `the way back from "${step.title}" failed.\n${what}`,
    `${error instanceof SwapError ? `${error.next}\n` : ''}Mend it and run the same command again: what is undone stays undone.`,
    { cause: error },
  )
}

/** Resolves with how many actions were left out because their machine is lost. */
const undo = async (step: Named, engine: Engine, lost: readonly HostName[]): Promise<number> => {
  const { journal, reporter } = engine
  const began = Date.now()
  const { undo: all = [], machines = [] } = begunOf(journal, step.id) ?? {}
  const actions = all.filter((action) => !machinesOf([action]).some((machine) => lost.includes(machine)))
  const left = all.length - actions.length
  const setting = { mark: step.id, progress: (text: string) => reporter.progress(step, text) }
  reporter.begin(step)
  try {
    const there = machines.filter((machine) => !lost.includes(machine))
    if (stateOf(journal, step.id) !== 'done') await awaitLeftovers(engine.hosts, step.id, there, setting.progress)
    await journal.append({ event: 'undoing', step: step.id })
    for (const action of actions) await perform(action, engine, setting)
    // Not undone as a whole: the step stays open, and another revert performs all of it once the machine is back.
    const error = `undo: ${left} of ${all.length} actions are left, their machine did not answer: ${lost.join(', ')}`
    await journal.append(left > 0 ? { event: 'failed', step: step.id, error } : { event: 'undone', step: step.id })
  } catch (error) {
    const reason = error instanceof Error ? error : new Error(String(error))
    reporter.fail(step, reason)
    await journal.append({ event: 'failed', step: step.id, error: redact(`undo: ${reason.message}`) })
    throw undoFailed(step, error)
  }
  const says = left > 0 ? `${left} of ${all.length} actions left` : all.length === 0 ? 'nothing to undo' : 'undone'
  reporter.end(step, says, (Date.now() - began) / 1000)
  return left
}

/**
 * Goes back from those of the given steps that have changed something, newest first begun first and one after the other,
 * by the way back that was journalled before each began. Throws SwapError at the first undo that fails; run again, it
 * goes on there. `lost`: machines that do not answer and are done without: what was to be done there is left, and told.
 */
export const revertSteps = async (
  steps: readonly Named[],
  engine: Engine,
  lost: readonly HostName[] = [],
): Promise<readonly Named[]> => {
  const partly: Named[] = []
  const order = newestFirst(engine.journal).flatMap((id) => steps.find((step) => step.id === id) ?? [])
  let at = 0
  const stopped = (what: string): SwapError => {
    const state = { done: order.slice(0, at).map(({ id }) => id), of: order.length, next: order[at] }
    return new SwapError('swapctl', stoppedText(what, state, 'undone'), 'Go on with: swapctl revert')
  }
  const stopNow = whenAborted(engine.now, () => stopped(`stopped at once; its undo is left half way: ${order[at]?.id}`))
  stopNow.catch(() => {})
  for (const step of order) {
    if (engine.signal?.aborted === true) throw stopped('stopped as you asked, nothing is half undone')
    if ((await Promise.race([undo(step, engine, lost), stopNow])) > 0) partly.push(step)
    at += 1
  }
  return partly
}
