import { begunOf, type Journal, times } from '../engine/journal.ts'
import { type Phase, type Plan, precedes, type Step } from '../engine/step.ts'
import { isClose } from '../source/freeze.ts'

/** When a step ran, and why not earlier. */
export interface Bar {
  readonly id: Step['id']
  readonly phase: Phase
  readonly title: string
  readonly begun: Date
  /** undefined: it is still running, or was interrupted */
  readonly ended?: Date
  /** of the steps before it, the one that ended last; undefined: it waited for none */
  readonly waitedFor?: Step['id']
  /** when it then had to wait for a free slot of `parallel`: the step whose end freed it */
  readonly slotOf?: Step['id']
}

/** The freeze, from closing the first API to the last step of the migration. */
export interface Freeze {
  readonly begun: Date
  /** end of the last finished step */
  readonly ended: Date
  /** the chain of steps that determined its length, first to last */
  readonly critical: readonly Bar[]
}

export interface Timeline {
  readonly bars: readonly Bar[]
  readonly freeze?: Freeze
}

/** Milliseconds. A shorter gap is the time of a step's questions, not a wait for a slot. */
const unnoticed = 1000

/** A step that ran, before it is known what it waited for. */
export type Ran = Omit<Bar, 'waitedFor' | 'slotOf'> & { readonly after: readonly Step['id'][] }

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
  const isBefore = (one: Ran): boolean => after.includes(one.id) || precedes(one.phase, bar.phase)
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

/** Follows what each step waited for, backwards from the last one. */
const criticalPath = (bars: readonly Bar[], last: Bar): readonly Bar[] => {
  const before = bars.find(({ id }) => id === (last.slotOf ?? last.waitedFor))
  return before === undefined ? [last] : [...criticalPath(bars, before), last]
}

/** The freeze among these; undefined: no API was closed, or nothing has ended since. */
export const freezeOf = (bars: readonly Bar[]): Freeze | undefined => {
  const first = bars.filter(({ id }) => isClose(id)).toSorted((a, b) => +a.begun - +b.begun)[0]
  if (first === undefined) return undefined
  const during = bars.filter((bar) => bar.phase === 'migrate' && bar.begun >= first.begun)
  const last = lastOf(during.filter(({ ended }) => ended !== undefined))
  if (last?.ended === undefined) return undefined
  return { begun: first.begun, ended: last.ended, critical: criticalPath(during, last) }
}

/** What each step waited for, in order of their start. */
export const waited = (ran: readonly Ran[]): readonly Bar[] =>
  ran.map((one) => barOf(one, ran)).toSorted((a, b) => +a.begun - +b.begun)

/**
 * When each step that is not undone last ran, in order of their start. Steps that were found done are left out, because
 * they took no time.
 */
export const timelineOf = (plan: Plan, journal: Pick<Journal, 'entries'>): Timeline => {
  const bars = waited(ranSteps(plan, journal))
  const freeze = freezeOf(bars)
  return { bars, ...(freeze === undefined ? {} : { freeze }) }
}
