import type { Sample } from './probe-try.ts'

/** What "green" means: of each target, the last `times` tries begun after `since` were answered, each within `within`. */
export interface Wanted {
  readonly times: number
  /** milliseconds a single answer may take */
  readonly within: number
  /** milliseconds since 1970: no try that began before counts */
  readonly since: number
}

/** A target that is not green, and what it said last; undefined when no try begun since then has come to an end. */
export interface NotGreen {
  readonly name: string
  readonly row: number
  readonly last?: Sample
}

interface Streak {
  readonly row: number
  readonly last?: Sample
}

/** Follows samples as they come in, in the order in which they end. */
export interface Streaks {
  take(sample: Sample): void
  /** those that are not green; none: all are */
  missing(): readonly NotGreen[]
}

export const followStreaks = (names: readonly string[], wanted: Wanted): Streaks => {
  const streaks = new Map<string, Streak>(names.map((name) => [name, { row: 0 }]))
  return {
    take: (sample) => {
      const before = streaks.get(sample.name)
      if (before === undefined || sample.at < wanted.since || sample.answer === 'unasked') return
      const good = sample.answer === 'good' && sample.ms <= wanted.within
      streaks.set(sample.name, { row: good ? before.row + 1 : 0, last: sample })
    },
    missing: () =>
      [...streaks].filter(([, { row }]) => row < wanted.times).map(([name, streak]) => ({ name, ...streak })),
  }
}

/** 'compute :8774: 503', 'image :9292: 200 after 1204 ms', 'AMQP :5672: not tried since'. Pure. */
export const notGreenText = ({ name, last }: NotGreen): string => {
  if (last === undefined) return `${name}: not tried since`
  return `${name}: ${last.says}${last.answer === 'good' ? ` after ${Math.round(last.ms)} ms` : ''}`
}
