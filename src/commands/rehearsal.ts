import { stateOf } from '../engine/journal.ts'
import { revertSteps } from '../engine/revert.ts'
import { leftOfRehearsal } from '../rehearse/left.ts'
import type { Session } from './session.ts'

type Needs = Pick<Session, 'engine' | 'journal' | 'reporter'>

/**
 * Removes what a rehearsal that broke off has left on the target, once none of its programs runs any more. `services`:
 * only of these.
 */
export const clearRehearsal = async (
  { engine, journal, reporter }: Needs,
  services?: readonly string[],
): Promise<void> => {
  const left = leftOfRehearsal(journal).filter(
    ({ id }) => services === undefined || services.includes(id.split('/')[0] ?? ''),
  )
  if (left.length === 0) return
  if (services === undefined) reporter.note('removing what a rehearsal that broke off has left on the target')
  await revertSteps(left, engine)
}

/** Marks the steps of an earlier rehearsal as undone: they have removed what they made. */
export const forgetRehearsed = async ({ journal }: Needs, ids: readonly string[]): Promise<void> => {
  for (const step of ids) if (stateOf(journal, step) === 'done') await journal.append({ event: 'undone', step })
}
