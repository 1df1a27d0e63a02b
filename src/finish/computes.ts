import { isRetarget } from '../computes/retarget-step.ts'
import type { Context } from '../context.ts'
import { computesOf } from '../cutover/handover/neighbours.ts'
import { type Journal, leftToDo, stateOf } from '../engine/journal.ts'
import { type Finding, nothing, type Plan, type Step } from '../engine/step.ts'
import { ownName } from '../hosts/sides.ts'
import { retargetDirectory } from '../places.ts'

/** Removes what the computes kept of their settings. A compute that gives no answer is left to the operator. */
export const forgetComputes = ({ config }: Context): readonly Step[] =>
  computesOf(config).map((host) => ({
    id: `finish/computes@${ownName(host)}`,
    phase: 'finish',
    title: `Remove what ${ownName(host)} kept of its settings: ${retargetDirectory(config.name)}`,
    after: [],
    changes: [host],
    run: async () => [{ kind: 'remove', on: host, path: retargetDirectory(config.name) }],
    undo: nothing,
  }))

/** Computes whose settings should lead to the target, and do not, or not with everything. */
export const behindFindings = (journal: Pick<Journal, 'entries'>, plan: Plan): readonly Finding[] => {
  const steps = plan.filter(isRetarget)
  const left = leftToDo({
    entries: journal.entries.filter((entry) => 'step' in entry && steps.some(({ id }) => id === entry.step)),
  })
  const open = steps.filter(({ id }) => stateOf(journal, id) !== 'done')
  return [...open.map(({ id }) => `${id} is not done`), ...left].map((says) => ({
    id: 'finish/computes',
    level: 'warn',
    says,
    remedy: 'See swapctl computes list: what stays behind loses its controller when that is switched off',
  }))
}
