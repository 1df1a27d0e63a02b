import { begunOf, type Journal, times } from '../engine/journal.ts'
import { type Phase, type Plan, phases, type Step } from '../engine/step.ts'
import { isClose } from '../source/freeze.ts'

/** When a step ran, and why not earlier. */
export interface Bar {
  readonly id: Step['id']
  readonly phase: Phase
  readonly title: string
  readonly begun: Date
  /** undefined: it runs still, or was cut off */
  readonly ended?: Date
  /** the last of the steps before it to end; undefined: it waited for none */
  readonly waitedFor?: Step['id']
  /** once nothing before it was open, the step whose end let it begin: all slots of `parallel` were taken */
  readonly slotOf?: Step['id']
}

/** The freeze, from the first API that was closed to the last step of the migration. */
export interface Freeze {
  readonly begun: Date
  /** of the last step that has ended */
  readonly ended: Date
  /** the chain of steps that made it as long as it was, first to last */
  readonly critical: readonly Bar[]
}

export interface Timeline {
  readonly bars: readonly Bar[]
  readonly freeze?: Freeze
}

/** Less is what a question before a step takes: nobody waited for a slot then. Milliseconds. */
const unnoticed = 1000

type Ran = Omit<Bar, 'waitedFor' | 'slotOf'> & { readonly after: readonly Step['id'][] }

const ranSteps = (plan: Plan, journal: Pick<Journal, 'entries'>): readonly Ran[] =>
  plan.flatMap(({ id, phase, title, after }) => {
    const { begun, ended } = times(journal, id)
    if (begun === undefined || begunOf(journal, id) === undefined) return []
    return [{ id, phase, title, after, begun, ...(ended === undefined ? {} : { ended }) }]
  })

const ends = ({ ended }: Pick<Bar, 'ended'>): number => ended?.getTime() ?? Number.POSITIVE_INFINITY

const lastOf = <T extends Pick<Bar, 'ended'>>(all: readonly T[]): T | undefined =>
  all.toSorted((a, b) => ends(b) - ends(a))[0]

const barOf = ({ after, ...bar }: Ran, all: readonly Ran[]): Bar => {
  const begun = bar.begun.getTime()
  const isBefore = (one: Ran): boolean =>
    after.includes(one.id) || phases.indexOf(one.phase) < phases.indexOf(bar.phase)
  const gone = all.filter((one) => ends(one) <= begun)
  const waitedFor = lastOf(gone.filter(isBefore))
  const ready = waitedFor === undefined ? Number.POSITIVE_INFINITY : ends(waitedFor)
  const slot = begun - ready <= unnoticed ? undefined : lastOf(gone.filter((one) => ends(one) > ready))
  return {
    ...bar,
    ...(waitedFor === undefined ? {} : { waitedFor: waitedFor.id }),
    ...(slot === undefined ? {} : { slotOf: slot.id }),
  }
}

/** Back from the last step by what each one waited for. */
const criticalPath = (bars: readonly Bar[], last: Bar): readonly Bar[] => {
  const before = bars.find(({ id }) => id === (last.slotOf ?? last.waitedFor))
  return before === undefined ? [last] : [...criticalPath(bars, before), last]
}

const freezeOf = (bars: readonly Bar[]): Freeze | undefined => {
  const first = bars.filter(({ id }) => isClose(id)).toSorted((a, b) => +a.begun - +b.begun)[0]
  if (first === undefined) return undefined
  const during = bars.filter((bar) => bar.phase === 'migrate' && bar.begun >= first.begun)
  const last = lastOf(during.filter(({ ended }) => ended !== undefined))
  if (last?.ended === undefined) return undefined
  return { begun: first.begun, ended: last.ended, critical: criticalPath(during, last) }
}

/**
 * When each step last ran that is not undone, in the order of their beginnings. Steps that were found done already are
 * left out: they took no time.
 */
export const timelineOf = (plan: Plan, journal: Pick<Journal, 'entries'>): Timeline => {
  const ran = ranSteps(plan, journal)
  const bars = ran.map((one) => barOf(one, ran)).toSorted((a, b) => +a.begun - +b.begun)
  const freeze = freezeOf(bars)
  return { bars, ...(freeze === undefined ? {} : { freeze }) }
}
