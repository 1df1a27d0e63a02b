import { SwapError } from '../errors.ts'
import { type Plan, precedes, type Step } from './step.ts'

/** A bug in swapctl, found before anything runs. */
export const mistake = (what: string): SwapError =>
  new SwapError('plan', what, 'This is a bug in swapctl: please report it.')

/**
 * What each step waits for: those of its `after` that are in the plan, and every step of an earlier phase that is not
 * optional.
 */
const waitsFor = (plan: Plan): ReadonlyMap<Step['id'], ReadonlySet<Step['id']>> => {
  const ids = new Set(plan.map(({ id }) => id))
  if (ids.size !== plan.length) throw mistake(`two steps of the plan have the same id`)
  const earlier = (step: Step) => plan.filter((other) => precedes(other.phase, step.phase))
  return new Map(
    plan.map((step) => [
      step.id,
      new Set([...step.after.filter((id) => ids.has(id)), ...earlier(step).map(({ id }) => id)]),
    ]),
  )
}

/**
 * Seconds from the begin of each step to the end of the longest chain that waits for it. Longer ones start first, which
 * keeps the freeze short.
 */
const ways = (plan: Plan, waits: ReadonlyMap<Step['id'], ReadonlySet<Step['id']>>): ReadonlyMap<Step['id'], number> => {
  const known = new Map<Step['id'], number>()
  const way = ({ id, seconds = 1 }: Step): number => {
    const found = known.get(id)
    if (found !== undefined) return found
    known.set(id, 0)
    const behind = plan.filter((other) => waits.get(other.id)?.has(id)).map(way)
    known.set(id, seconds + Math.max(0, ...behind))
    return known.get(id) ?? 0
  }
  for (const step of plan) way(step)
  return known
}

/** Those of `left` that may begin now, the most urgent first, at most `free`. `done`: ids of finished steps. */
export type Next = (left: Plan, done: ReadonlySet<Step['id']>, free: number) => Plan

/** The rule by which the steps of a plan begin. Throws SwapError when an id is used twice. */
export const orderOf = (plan: Plan): Next => {
  const waits = waitsFor(plan)
  const way = ways(plan, waits)
  const urgent = (a: Step, b: Step) => (way.get(b.id) ?? 0) - (way.get(a.id) ?? 0)
  return (left, done, free) =>
    left
      .filter((step) => [...(waits.get(step.id) ?? [])].every((id) => done.has(id)))
      .toSorted(urgent)
      .slice(0, Math.max(0, free))
}
