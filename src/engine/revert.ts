import { SwapError } from '../errors.ts'
import { awaitLeftovers } from '../hosts/leftovers.ts'
import { begunOf, newestFirst, stateOf } from './journal.ts'
import { perform } from './perform.ts'
import { redact } from './redact.ts'
import type { Engine } from './run.ts'
import type { Step } from './step.ts'

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

const undo = async (step: Named, engine: Engine): Promise<void> => {
  const { journal, reporter } = engine
  const began = Date.now()
  const { undo: actions = [], machines = [] } = begunOf(journal, step.id) ?? {}
  const setting = { mark: step.id, progress: (text: string) => reporter.progress(step, text) }
  reporter.begin(step)
  try {
    if (stateOf(journal, step.id) !== 'done') await awaitLeftovers(engine.hosts, step.id, machines, setting.progress)
    await journal.append({ event: 'undoing', step: step.id })
    for (const action of actions) await perform(action, engine, setting)
    await journal.append({ event: 'undone', step: step.id })
  } catch (error) {
    const reason = error instanceof Error ? error : new Error(String(error))
    reporter.fail(step, reason)
    await journal.append({ event: 'failed', step: step.id, error: redact(`undo: ${reason.message}`) })
    throw undoFailed(step, error)
  }
  reporter.end(step, actions.length === 0 ? 'nothing to undo' : 'undone', (Date.now() - began) / 1000)
}

/**
 * Goes back from those of the given steps that have changed something, newest first begun first and one after the other,
 * by the way back that was journalled before each began. Throws SwapError at the first undo that fails; run again, it
 * goes on there.
 */
export const revertSteps = async (steps: readonly Named[], engine: Engine): Promise<void> => {
  const order = newestFirst(engine.journal).flatMap((id) => steps.find((step) => step.id === id) ?? [])
  for (const [index, step] of order.entries()) {
    if (engine.signal?.aborted === true)
      throw new SwapError(
        'swapctl',
        `stopped as you asked; ${order.length - index} steps are still to be undone, the next is ${step.id}`,
        'Run the same command again to go on.',
      )
    await undo(step, engine)
  }
}
