import { followStreaks, type NotGreen, type Wanted } from './green.ts'
import { followLateness } from './lateness.ts'
import type { ProbeTarget } from './probe-target.ts'
import { clock, type Sample, type Sessions, tryTarget } from './probe-try.ts'

/** Milliseconds from one try of a target to the next. */
export const every = 50

/** Milliseconds: a connect that takes longer has been held up by something. */
export const slowConnect = 50

/** Tries of one target that may be under way at once: connections (at the full pace for as long as one is given), answers. */
const mostWires = 40
const mostAnswers = 2

/**
 * An API is asked for at most this share of the time, so that the probe is no load to a small controller; in between only
 * the connection is tried. One that answers within 5 ms is asked at the full pace, a slow one twice a second at least.
 */
const share = 0.1
const longestRest = 500

/** A probe that nobody stops ends by itself. Milliseconds. */
const usualLongest = 30 * 60_000

export interface ProbeOptions {
  readonly signal?: AbortSignal
  /** milliseconds after which it ends by itself, instead of half an hour */
  readonly longest?: number
  /** is given every sample when it is complete */
  readonly heard?: (sample: Sample) => void
}

/** What the samples do not tell. */
export interface ProbeWork {
  /** tries that were left out because too many of the same target were under way, by target */
  readonly leftOut: Readonly<Record<string, number>>
  /** milliseconds by which a try began too late, at most: this process, not the cloud, was slow */
  readonly late: number
}

export interface Probe {
  /**
   * Resolves with nothing as soon as every target is green, and with those that are not when `limit` (milliseconds) has
   * passed, when `signal` says so, or when the probe has ended. Only reads: it may be asked again and side by side.
   */
  green(wanted: Wanted, limit: number, signal?: AbortSignal): Promise<readonly NotGreen[]>
  /** Ends it, and resolves when the last try has. */
  stop(): Promise<ProbeWork>
}

interface Series {
  readonly target: ProbeTarget
  wires: number
  answers: number
  /** no question before */
  rest: number
  leftOut: number
}

const asks = ({ http, mysql }: ProbeTarget): boolean => http !== undefined || mysql === true

/** Whether there are tries of the connection alone. */
const bare = ({ http, mysql }: ProbeTarget): boolean => http?.token === undefined && mysql !== true

/** Whether the next try may ask, or is to leave it at the connection. */
const mayAsk = ({ target, answers, rest }: Series, now: number): boolean =>
  asks(target) && now >= rest && answers < (bare(target) ? mostAnswers : 1)

const restOf = (ms: number): number => Math.min(longestRest, ms / share)

/**
 * Tries each target twenty times a second, with a new connection each time and without waiting for the one before, from
 * this machine, until it is stopped, `signal` says so, or its longest time has passed. With a token nothing is tried but whole
 * calls: the connections are those of the same API without; nor a connection to MariaDB that nobody logs in over.
 */
export const startProbe = (targets: readonly ProbeTarget[], options: ProbeOptions = {}): Probe => {
  const all: readonly Series[] = targets.map((target) => ({ target, wires: 0, answers: 0, rest: 0, leftOut: 0 }))
  const sessions: Sessions = new Map()
  const listeners = new Set<(sample: Sample) => void>(options.heard === undefined ? [] : [options.heard])
  const timers = new Map<Series, NodeJS.Timeout>()
  const running = new Set<Promise<void>>()
  const ended = new AbortController()
  const lateness = followLateness()

  const shoot = (series: Series): void => {
    const { target } = series
    const began = clock()
    const ask = mayAsk(series, began)
    if (!ask && !bare(target)) return
    if (series.wires >= mostWires) {
      series.leftOut++
      return
    }
    series.wires++
    if (ask) series.answers++
    const shot: Promise<void> = tryTarget(target, ask, sessions).then((sample) => {
      series.wires--
      if (ask) series.answers--
      if (ask && sample.wire === 'open') series.rest = began + restOf(sample.ms - sample.wireMs)
      running.delete(shot)
      const held = sample.wireMs > slowConnect ? lateness.within(sample.at, sample.at + sample.wireMs) : 0
      const whole = held > 0 ? { ...sample, held } : sample
      for (const listener of listeners) listener(whole)
    })
    running.add(shot)
  }

  // Spread over the interval, so that a try does not wait for the others of its round; what was missed is not made up for.
  const begin = clock()
  const turn = (series: Series, due: number): void => {
    const wake = (): void => {
      const now = clock()
      lateness.woke(due, now)
      shoot(series)
      turn(series, due + every * Math.max(1, Math.ceil((now - due) / every)))
    }
    timers.set(series, setTimeout(wake, Math.max(0, due - clock())))
  }
  all.forEach((series, index) => {
    turn(series, begin + (every * index) / all.length)
  })

  const halt = (): void => {
    for (const timer of timers.values()) clearTimeout(timer)
    clearTimeout(limit)
    options.signal?.removeEventListener('abort', halt)
    ended.abort()
  }
  const limit = setTimeout(halt, options.longest ?? usualLongest)
  limit.unref()
  if (options.signal?.aborted === true) halt()
  options.signal?.addEventListener('abort', halt, { once: true })

  return {
    green: (wanted, patience, signal) => {
      const streaks = followStreaks(targets, wanted)
      return new Promise((resolve) => {
        const stops = [ended.signal, ...(signal === undefined ? [] : [signal])]
        const end = (): void => {
          clearTimeout(timer)
          listeners.delete(hear)
          for (const stop of stops) stop.removeEventListener('abort', end)
          resolve(streaks.missing())
        }
        const hear = (sample: Sample): void => {
          streaks.take(sample)
          if (streaks.missing().length === 0) end()
        }
        const timer = setTimeout(end, patience)
        listeners.add(hear)
        for (const stop of stops) stop.addEventListener('abort', end, { once: true })
        if (targets.length === 0 || stops.some((stop) => stop.aborted)) end()
      })
    },
    stop: async () => {
      halt()
      await Promise.all(running)
      return {
        late: lateness.worst(),
        leftOut: Object.fromEntries(
          all.filter((series) => series.leftOut > 0).map((series) => [series.target.name, series.leftOut]),
        ),
      }
    },
  }
}
