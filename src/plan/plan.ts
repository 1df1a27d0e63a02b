import { retargetSteps } from '../computes/retarget-step.ts'
import type { Context } from '../context.ts'
import type { Phase, Plan, Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { finishSteps } from '../finish/steps.ts'
import { rehearseSteps } from '../rehearse/steps.ts'
import type { FreezeOptions } from '../source/freeze.ts'
import { stageDatabaseSteps } from '../staged/steps.ts'
import { stageSteps } from '../transfer/stage-steps.ts'
import { stageVolumeSteps } from '../transfer/volume-stage.ts'
import { type CutoverOptions, cutoverSteps } from './cutover.ts'
import { migrateSteps } from './migrate.ts'
import { prepareSteps } from './prepare.ts'

export const defaultFreeze: FreezeOptions = { acceptInFlight: false, patience: 60 }

/** The whole swap: the one list that plan, run, resume, status, runbook and revert use. */
export const wholePlan = (
  context: Context,
  freeze: FreezeOptions = defaultFreeze,
  cutover: CutoverOptions = {},
): Plan =>
  ordered([
    ...prepareSteps(context),
    ...context.recipes.flatMap((recipe) => rehearseSteps(context, recipe)),
    ...inTurn([
      ...context.recipes.flatMap((recipe) => stageDatabaseSteps(context, recipe)),
      ...context.recipes.flatMap((recipe) => stageSteps(context, recipe)),
      ...context.recipes.flatMap((recipe) => stageVolumeSteps(context, recipe)),
    ]),
    ...migrateSteps(context, freeze),
    ...cutoverSteps(context, cutover),
    ...(context.config.retarget === true ? retargetSteps(context) : []),
    ...finishSteps(context),
  ])

/** Each after the one before: together they keep to the rate that one of them may read the source at. */
const inTurn = (steps: Plan): Plan =>
  steps.map((step, at) => ({ ...step, after: steps.slice(Math.max(0, at - 1), at).map(({ id }) => id) }))

export const ofPhase = (plan: Plan, phase: Phase): Plan => plan.filter((step) => step.phase === phase)

/**
 * The steps for `--service`: its own, and those of the whole cloud unless they wait for something left out. `done`:
 * whether a step need not be waited for.
 */
export const ofServices = (plan: Plan, services: readonly string[], done: (id: string) => boolean): Plan => {
  const chosen = new Set<string>()
  return plan.filter((step) => {
    const meant = services.length === 0 || isShared(step) || services.includes(step.service as string)
    const able = step.after.every((id) => chosen.has(id) || done(id))
    if (meant && able) chosen.add(step.id)
    return meant && able
  })
}

/** The whole cloud is frozen at once: databases dumped at different times would contradict each other. */
const isShared = (step: Step): boolean => step.service === undefined || /\/(close|stop|config)(@|$)/.test(step.id)

/**
 * The steps so that each comes after its `after`; otherwise in the given order. Throws when an id is duplicate, unknown
 * or waits for itself: a bug in swapctl, found before anything runs.
 */
export const ordered = (steps: Plan): Plan => {
  const byId = new Map(steps.map((step) => [step.id, step]))
  if (byId.size !== steps.length) throw broken('an id is used twice', steps)
  const done = new Map<string, Step>()
  const visit = (step: Step, path: readonly string[]): void => {
    if (done.has(step.id)) return
    if (path.includes(step.id)) throw new SwapError('plan', `${step.id} waits for itself`, 'Report this')
    for (const id of step.after) {
      const before = byId.get(id)
      if (before === undefined)
        throw new SwapError('plan', `${step.id} waits for ${id}, which is not a step`, 'Report this')
      visit(before, [...path, step.id])
    }
    done.set(step.id, step)
  }
  for (const step of steps) visit(step, [])
  return [...done.values()]
}

const broken = (what: string, steps: Plan): SwapError => {
  const ids = steps.map((step) => step.id)
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index)
  return new SwapError('plan', `${what}: ${twice.join(', ')}`, 'Report this')
}
