import { type Journal, lasted } from '../engine/journal.ts'
import { mistake, orderOf } from '../engine/order.ts'
import type { Plan, Step } from '../engine/step.ts'
import { rehearsedId } from '../rehearse/fill.ts'
import { type Bar, freezeOf, type Ran, waited } from './timeline.ts'

/** Where a step's length is known from: its rehearsal, an earlier migrate of this swap, or nothing but its kind. */
export type Known = 'rehearsed' | 'earlier' | 'estimated'

export interface Length {
  readonly seconds: number
  readonly known: Known
}

export interface PredictedStep extends Length {
  readonly id: Step['id']
  readonly title: string
  /** seconds after the freeze has begun */
  readonly begins: number
}

/** How long the freeze would last, and why. */
export interface Prediction {
  readonly seconds: number
  readonly steps: readonly PredictedStep[]
  /** ids of the steps that determine its length, first to last */
  readonly critical: readonly Step['id'][]
}

/** What is known about a step's length. */
export const lengthOf = (journal: Pick<Journal, 'entries'>, step: Pick<Step, 'id' | 'seconds'>): Length => {
  const rehearsed = lasted(journal, rehearsedId(step.id))
  if (rehearsed !== undefined) return { seconds: rehearsed, known: 'rehearsed' }
  const earlier = lasted(journal, step.id)
  if (earlier !== undefined) return { seconds: earlier, known: 'earlier' }
  return { seconds: step.seconds ?? 1, known: 'estimated' }
}

/** When each step would run, by the engine's own rule. `parallel`: how many run side by side. Begins at time 0. */
export const simulate = (plan: Plan, parallel: number, secondsOf: (step: Step) => number): readonly Ran[] => {
  const next = orderOf(plan)
  const done = new Set<Step['id']>()
  const ran: Ran[] = []
  let left = plan
  let running: readonly Ran[] = []
  let now = 0
  for (;;) {
    const starting = next(left, done, parallel - running.length).map(
      ({ id, phase, title, after, ...step }): Ran => ({
        id,
        phase,
        title,
        after,
        begun: new Date(now),
        ended: new Date(now + 1000 * secondsOf({ id, phase, title, after, ...step })),
      }),
    )
    left = left.filter(({ id }) => !starting.some((one) => one.id === id))
    ran.push(...starting)
    running = [...running, ...starting]
    if (running.length === 0) break
    now = Math.min(...running.map(({ ended }) => Number(ended)))
    for (const { id } of running.filter(({ ended }) => Number(ended) === now)) done.add(id)
    running = running.filter(({ ended }) => Number(ended) > now)
  }
  if (left.length > 0) throw mistake(`steps wait for each other: ${left.map(({ id }) => id).join(', ')}`)
  return ran
}

/** The freeze that these steps of migrate would make; undefined when none of them closes an API. */
export const predict = (steps: Plan, parallel: number, journal: Pick<Journal, 'entries'>): Prediction | undefined => {
  const lengths = new Map(steps.map((step) => [step.id, lengthOf(journal, step)]))
  const known = ({ id }: Pick<Step, 'id'>): Length => lengths.get(id) ?? { seconds: 1, known: 'estimated' }
  const bars = waited(simulate(steps, parallel, (step) => known(step).seconds))
  const freeze = freezeOf(bars)
  if (freeze === undefined) return undefined
  const after = (date: Date): number => (+date - +freeze.begun) / 1000
  const during = bars.filter(({ begun }) => begun >= freeze.begun)
  return {
    seconds: after(freeze.ended),
    steps: during.map((bar: Bar) => ({ id: bar.id, title: bar.title, begins: after(bar.begun), ...known(bar) })),
    critical: freeze.critical.map(({ id }) => id),
  }
}
