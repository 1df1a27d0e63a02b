import type { Sample } from './probe-try.ts'

/**
 * Definition of green: the last `times` tries of each target that began after `since` were answered, each within
 * `within`.
 */
export interface Wanted {
  readonly times: number
  /** milliseconds that one answer may take */
  readonly within: number
  /** milliseconds since 1970: earlier tries do not count */
  readonly since: number
}

/** A target that is not green, and its last answer; undefined when no try since then has ended. */
export interface NotGreen {
  readonly name: string
  readonly address: string
  readonly row: number
  readonly last?: Sample
}

interface Streak {
  readonly address: string
  readonly row: number
  readonly last?: Sample
}

/** Takes samples in the order in which they end. */
export interface Streaks {
  take(sample: Sample): void
  /** targets that are not green; empty: all are */
  missing(): readonly NotGreen[]
}

export const followStreaks = (
  targets: readonly { readonly name: string; readonly address: string }[],
  wanted: Wanted,
): Streaks => {
  const streaks = new Map<string, Streak>(targets.map(({ name, address }) => [name, { address, row: 0 }]))
  return {
    take: (sample) => {
      const before = streaks.get(sample.name)
      if (before === undefined || sample.at < wanted.since || sample.answer === 'unasked') return
      const good = sample.answer === 'good' && sample.ms <= wanted.within
      streaks.set(sample.name, { ...before, row: good ? before.row + 1 : 0, last: sample })
    },
    missing: () =>
      [...streaks].filter(([, { row }]) => row < wanted.times).map(([name, streak]) => ({ name, ...streak })),
  }
}

/** 'compute :8774 at 10.20.0.10: 503', 'image :9292 at fd00::10: 200 after 1204 ms', 'AMQP :5672 at 10.20.0.10: no answer yet'. */
export const notGreenText = ({ name, address, last }: NotGreen): string => {
  const where = name.includes(` at ${address}`) ? name : `${name} at ${address}`
  if (last === undefined) return `${where}: no answer yet`
  return `${where}: ${last.says}${last.answer === 'good' ? ` after ${Math.round(last.ms)} ms` : ''}`
}
