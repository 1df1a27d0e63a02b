import { SwapError } from '../errors.ts'
import { type HostName, sideOf } from '../hosts/host.ts'
import type { Action, Step } from './step.ts'

/** The machines that these actions change. The machine that a pipe reads from is not one of them. */
export const changedBy = (actions: readonly Action[]): readonly HostName[] => [
  ...new Set(actions.map((action) => (action.kind === 'pipe' ? action.to.on : action.on))),
]

const refuseStep = (step: Step, what: string): SwapError =>
  new SwapError(
    step.id,
    what,
    'Nothing was changed. Go back (swapctl revert) and start over; if it happens again, report it.',
  )

/**
 * Checks a step against its declaration before it begins. Throws SwapError when an action changes a machine that
 * `changes` does not name, or changes the source without an undo and without `noWayBack`.
 */
export const refuseUndeclared = (step: Step, run: readonly Action[], undo: readonly Action[]): void => {
  const other = changedBy([...run, ...undo]).filter((name) => !step.changes.includes(name))
  if (other.length > 0) throw refuseStep(step, `it would change ${other.join(', ')}, which it does not declare`)
  if (changedBy(run).some((name) => sideOf(name) === 'source') && undo.length === 0 && step.noWayBack === undefined)
    throw refuseStep(step, 'it would change the source without an undo')
}
