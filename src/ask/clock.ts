import type { Host } from '../hosts/host.ts'
import { clock } from './facts.ts'
import { ask } from './question.ts'

/** How far a machine's clock is ahead of the operator's machine, in seconds. */
export interface Ahead {
  readonly ahead: number
  /** maximum error of `ahead` */
  readonly within: number
}

/** One question: when it was sent and answered by our clock, and what the other clock said. Seconds since 1970. */
export interface Reading {
  readonly sent: number
  readonly said: number
  readonly answered: number
}

/** A busy machine sometimes answers late; one fast answer is enough. */
const readings = 5

/**
 * The other clock was read between question and answer, so each reading gives a lower and an upper bound (RFC 5905, 8,
 * without its two inner times); the truth lies within all of them. If they contradict each other, a clock was set
 * meanwhile, and the fastest reading counts.
 */
export const aheadOf = (all: readonly Reading[]): Ahead => {
  const least = Math.max(...all.map(({ said, answered }) => said - answered))
  const most = Math.min(...all.map(({ said, sent }) => said - sent))
  if (least <= most) return { ahead: (least + most) / 2, within: (most - least) / 2 }
  const [quickest] = all.toSorted((a, b) => a.answered - a.sent - (b.answered - b.sent))
  return quickest === undefined || all.length === 1
    ? { ahead: 0, within: Number.POSITIVE_INFINITY }
    : aheadOf([quickest])
}

/** Asks a machine for its time several times in a row. */
export const askAhead = async (host: Host): Promise<Ahead> => {
  const all: Reading[] = []
  while (all.length < readings) {
    const sent = Date.now() / 1000
    const said = await ask(host, clock)
    all.push({ sent, said, answered: Date.now() / 1000 })
  }
  return aheadOf(all)
}

/** By how many seconds two clocks differ at least, positive when `one` is ahead; 0: they may be equal. */
export const surelyApart = (one: Ahead, other: Ahead): number => {
  const apart = one.ahead - other.ahead
  const least = Math.abs(apart) - one.within - other.within
  return least <= 0 ? 0 : Math.sign(apart) * least
}
