import type { Host } from '../hosts/host.ts'
import { clock } from './facts.ts'
import { ask } from './question.ts'

/** How far a machine's clock is ahead of this machine's. Seconds. */
export interface Ahead {
  readonly ahead: number
  /** the truth is no further from `ahead` than this */
  readonly within: number
}

/** One question: when it was sent and answered by this machine's clock, and what the other's said. Seconds since 1970. */
export interface Reading {
  readonly sent: number
  readonly said: number
  readonly answered: number
}

/** A busy machine answers late now and then; one quick answer of these is enough. */
const readings = 5

/**
 * The other clock was read somewhere between question and answer, so that each reading gives a least and a most (RFC 5905,
 * 8, without its two inner times); the truth lies in all of them. Where they contradict each other, a clock was set
 * meanwhile: the quickest reading counts then.
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

/** Asks a machine several times what time it is, one question after the other. */
export const askAhead = async (host: Host): Promise<Ahead> => {
  const all: Reading[] = []
  while (all.length < readings) {
    const sent = Date.now() / 1000
    const said = await ask(host, clock)
    all.push({ sent, said, answered: Date.now() / 1000 })
  }
  return aheadOf(all)
}

/** How far two clocks are apart for certain: seconds, with the sign of `one` being ahead; 0: they may be one clock. */
export const surelyApart = (one: Ahead, other: Ahead): number => {
  const apart = one.ahead - other.ahead
  const least = Math.abs(apart) - one.within - other.within
  return least <= 0 ? 0 : Math.sign(apart) * least
}
