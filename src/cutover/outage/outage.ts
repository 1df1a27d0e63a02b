import type { Move } from '../handover/moves.ts'
import type { ComputeReturn } from '../keepers/returns.ts'
import { gaps } from './gaps.ts'
import { slowConnect } from './probe.ts'
import { baseName } from './probe-target.ts'
import type { Sample } from './probe-try.ts'

/**
 * Since when a frozen API has refused calls, and the source of that time: migrate's probe, or the journal, which knows
 * when the API was closed.
 */
export interface Refused {
  readonly from: string
  readonly by: 'probe' | 'journal'
}

/**
 * How connects around the moves of the addresses went. Lengths in seconds, `slowestConnect` in milliseconds. Delays of
 * this process are subtracted from a connect's time.
 */
export interface MoveOutage {
  readonly tries: number
  /** connects without an answer, and refused or failed ones after the new side had answered once */
  readonly lost: number
  /** the longest wait for a connection if it exceeded 50 ms; otherwise 0 */
  readonly gap: number
  readonly slowestConnect: number
  /** connects slower than 50 ms */
  readonly slow: number
  /** connects that were slow only because this process was delayed */
  readonly held: number
}

/** Availability of one API or port as the probe saw it. Times are ISO 8601, lengths in seconds. */
export interface ApiOutage {
  readonly name: string
  /** finished connects and calls, and the failed ones among them */
  readonly tries: number
  readonly failed: number
  /** from the first refused call on the old side to the first good answer of the new */
  readonly freeze?: Refused & { readonly to?: string; readonly seconds?: number }
  readonly move?: MoveOutage
  readonly firstFailure?: string
  readonly lastFailure?: string
  /** the longest time from a good answer (or the freeze) to the next, and the sum of all such times */
  readonly worstGap: number
  readonly total: number
  /** the first answer after the last failure */
  readonly answersSince?: string
  /** in milliseconds */
  readonly slowestAnswer: number
  readonly slowestConnect: number
  /** number of failures by message */
  readonly failures: Readonly<Record<string, number>>
}

export interface Between {
  readonly from: string
  readonly to: string
}

/** outage.json. A version may gain members; changing a member's meaning needs a new version. */
export interface Outage {
  readonly version: 1
  readonly from?: string
  readonly to?: string
  readonly frozenSince?: string
  /** the times around the moves, which `move` here and in the APIs refers to */
  readonly moves: readonly Between[]
  /** all APIs and ports together; `worst`: the one with the longest gap */
  readonly move?: MoveOutage & { readonly worst?: string }
  /** times in which swapctl did not run */
  readonly unwatched: readonly Between[]
  /** the longest delay of the probe itself, in milliseconds */
  readonly late: number
  /** tries skipped because too many of the same target were under way */
  readonly leftOut: Readonly<Record<string, number>>
  readonly apis: readonly ApiOutage[]
  readonly computes: readonly ComputeReturn[]
}

const iso = (at: number): string => new Date(at).toISOString()
const seconds = (ms: number): number => Math.round(ms) / 1000

/** Milliseconds of the connect, without delays of this process. */
const connectOf = ({ wireMs, held }: Sample): number => Math.round((wireMs - (held ?? 0)) * 10) / 10

/** Around one move: a refusal by the old side is not lost traffic until the new side has answered. */
const aroundMove = ({ from, to }: Move) => {
  const waits = gaps()
  let [tries, lost, slow, held, slowest] = [0, 0, 0, 0, 0]
  let [opened, served] = [false, false]
  let waiting: number | undefined
  const take = (sample: Sample): void => {
    if (sample.at < from || sample.at > to) return
    const { at, wire, wireMs, answer, ms } = sample
    const took = connectOf(sample)
    const connected = wire === 'open' || (wire === 'refused' && !opened)
    const good = connected && !(served && answer === 'bad')
    opened ||= wire === 'open'
    served ||= answer === 'good'
    tries++
    if (connected) slowest = Math.max(slowest, took)
    if (connected && wireMs > slowConnect && took <= slowConnect) held++
    if (connected && took > slowConnect) {
      slow++
      waits.add(at, at + took)
    }
    if (!good) {
      lost++
      waiting ??= at
      waits.add(at, at + ms)
    } else if (waiting !== undefined) {
      waits.add(waiting, at + wireMs)
      waiting = undefined
    }
  }
  const result = (): MoveOutage => ({
    tries,
    lost,
    slow,
    held,
    slowestConnect: slowest,
    gap: waits.worst() > slowConnect ? seconds(waits.worst()) : 0,
  })
  return { take, result }
}

const together = (all: readonly MoveOutage[]): MoveOutage => ({
  tries: all.reduce((sum, one) => sum + one.tries, 0),
  lost: all.reduce((sum, one) => sum + one.lost, 0),
  slow: all.reduce((sum, one) => sum + one.slow, 0),
  held: all.reduce((sum, one) => sum + one.held, 0),
  slowestConnect: Math.max(0, ...all.map((one) => one.slowestConnect)),
  gap: Math.max(0, ...all.map((one) => one.gap)),
})

/** Summarises one API's samples, in the order in which they began. Does not keep the samples. */
const follow = (name: string, refused: Refused | undefined, moves: readonly Move[]) => {
  const waits = gaps()
  const around = moves.map(aroundMove)
  const failures: Record<string, number> = {}
  const frozen = refused === undefined ? undefined : Date.parse(refused.from)
  let [tries, failed, slowestAnswer, slowestConnect] = [0, 0, 0, 0]
  let good: number | undefined
  let waiting: number | undefined
  let [firstBad, lastBad, back, since]: (number | undefined)[] = []
  let wasDown: boolean | undefined
  const bad = (sample: Sample): void => {
    failed++
    failures[sample.says] = (failures[sample.says] ?? 0) + 1
    // A target that was down when the probe began has been down since the freeze.
    waiting ??= Math.min(sample.at, good ?? frozen ?? sample.at)
    firstBad ??= good === undefined ? waiting : sample.at
    lastBad = sample.at
    since = undefined
    waits.add(waiting, sample.at + sample.ms)
  }
  const well = (sample: Sample): void => {
    const end = sample.at + sample.ms
    if (waiting !== undefined) waits.add(waiting, end)
    waiting = undefined
    good = end
    slowestAnswer = Math.max(slowestAnswer, sample.ms)
    if (lastBad !== undefined) since ??= end
    if (frozen !== undefined && sample.at >= frozen) back ??= end
  }
  const take = (sample: Sample): void => {
    for (const one of around) one.take(sample)
    const took = connectOf(sample)
    if (sample.wire !== 'lost') slowestConnect = Math.max(slowestConnect, took)
    if (sample.wire === 'open' && took > slowConnect) waits.add(sample.at, sample.at + took)
    if (sample.answer === 'unasked') return
    tries++
    wasDown ??= sample.answer === 'bad'
    if (sample.answer === 'bad') bad(sample)
    else well(sample)
  }
  const freeze = (): ApiOutage['freeze'] => {
    // The journal knows when the freeze began, not which API it affected: one that answers at first was not frozen.
    if (refused === undefined || frozen === undefined || (refused.by === 'journal' && wasDown !== true))
      return undefined
    return { ...refused, ...(back === undefined ? {} : { to: iso(back), seconds: seconds(back - frozen) }) }
  }
  const result = (frost = freeze()): ApiOutage => ({
    name,
    tries,
    failed,
    ...(frost === undefined ? {} : { freeze: frost }),
    ...(around.length === 0 ? {} : { move: together(around.map((one) => one.result())) }),
    ...(firstBad === undefined ? {} : { firstFailure: iso(firstBad) }),
    ...(lastBad === undefined ? {} : { lastFailure: iso(lastBad) }),
    worstGap: seconds(waits.worst()),
    total: seconds(waits.total()),
    ...(since === undefined ? {} : { answersSince: iso(since) }),
    slowestAnswer,
    slowestConnect,
    failures,
  })
  return { take, result }
}

export interface Known {
  /** ISO 8601: when the freeze began */
  readonly frozenSince?: string
  /** ISO 8601: the first refused call by API; where it was not seen, `frozenSince` is used */
  readonly refused: Readonly<Record<string, string>>
  readonly moves: readonly Move[]
}

export interface Follower {
  /** samples in the order in which they began */
  take(sample: Sample): void
  result(): Pick<Outage, 'from' | 'to' | 'frozenSince' | 'moves' | 'move' | 'apis'>
}

/** samples in the order in which they began */
export const followOutage = (known: Known): Follower => {
  const series = new Map<string, ReturnType<typeof follow>>()
  const refusedOf = (name: string): Refused | undefined => {
    const seen = known.refused[baseName(name)]
    if (seen !== undefined) return { from: seen, by: 'probe' }
    return known.frozenSince === undefined ? undefined : { from: known.frozenSince, by: 'journal' }
  }
  let from: number | undefined
  let to = 0
  return {
    take: (sample) => {
      from ??= sample.at
      to = Math.max(to, sample.at + sample.ms)
      const own = series.get(sample.name)
      const one = own ?? follow(sample.name, refusedOf(sample.name), known.moves)
      if (own === undefined) series.set(sample.name, one)
      one.take(sample)
    },
    result: () => {
      const apis = [...series.values()].map((one) => one.result())
      const moved = apis.flatMap(({ name, move }) => (move === undefined ? [] : [{ name, move }]))
      const whole = together(moved.map(({ move }) => move))
      const worst = moved.find(({ move }) => move.gap > 0 && move.gap === whole.gap)?.name
      return {
        ...(from === undefined ? {} : { from: iso(from), to: iso(to) }),
        ...(known.frozenSince === undefined ? {} : { frozenSince: known.frozenSince }),
        moves: known.moves.map((move) => ({ from: iso(move.from), to: iso(move.to) })),
        ...(moved.length === 0 ? {} : { move: { ...whole, ...(worst === undefined ? {} : { worst }) } }),
        apis,
      }
    },
  }
}
