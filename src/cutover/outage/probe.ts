import { followStreaks, type NotGreen, type Wanted } from './green.ts'
import { followLateness } from './lateness.ts'
import type { ProbeTarget } from './probe-target.ts'
import { clock, type Sample, type Sessions, tryTarget } from './probe-try.ts'

/** Milliseconds from one try of a target to the next. */
export const every = 50

/** Milliseconds; a connect that takes longer counts as slow. */
export const slowConnect = 50

/** Tries of one target that may be under way at once: connections (full pace for as long as one may take), answers. */
const mostWires = 40
const mostAnswers = 2

/**
 * Share of the time in which an API is asked, so that the probe does not load a small controller; in between only the
 * connection is tried. An API that answers within 5 ms is asked at full pace, a slow one at least twice a second.
 */
const share = 0.1
const longestRest = 500

/** Milliseconds after which a probe stops by itself. */
const usualLongest = 30 * 60_000

export interface ProbeOptions {
  readonly signal?: AbortSignal
  /** milliseconds after which it stops by itself; half an hour when absent */
  readonly longest?: number
  /** receives every completed sample */
  readonly heard?: (sample: Sample) => void
}

/** What the samples do not show. */
export interface ProbeWork {
  /** tries skipped because too many of the same target were under way, by target */
  readonly leftOut: Readonly<Record<string, number>>
  /** the longest delay of a try in milliseconds: this process was slow, not the cloud */
  readonly late: number
}

export interface Probe {
  /**
   * Resolves with [] as soon as every target is green, or with those that are not when `limit` (milliseconds) has
   * passed, `signal` is aborted, or the probe has ended. Reads only: may be called repeatedly and concurrently.
   */
  green(wanted: Wanted, limit: number, signal?: AbortSignal): Promise<readonly NotGreen[]>
  /** Stops the probe; resolves when the last try has ended. */
  stop(): Promise<ProbeWork>
}

interface Series {
  readonly target: ProbeTarget
  wires: number
  answers: number
  /** clock() before which no request is sent */
  rest: number
  leftOut: number
}

const asks = ({ http, mysql }: ProbeTarget): boolean => http !== undefined || mysql === true

/** Whether this target has tries that only connect. */
const bare = ({ http, mysql }: ProbeTarget): boolean => http?.token === undefined && mysql !== true

/** Whether the next try may send a request, or only connect. */
const mayAsk = ({ target, answers, rest }: Series, now: number): boolean =>
  asks(target) && now >= rest && answers < (bare(target) ? mostAnswers : 1)

const restOf = (ms: number): number => Math.min(longestRest, ms / share)

/**
 * Tries each target twenty times a second from this machine, each time over a new connection and without waiting for
 * earlier tries, until stopped, `signal` is aborted, or its time has passed. Targets with a token always make whole
 * calls, because the same API without a token covers connects; MariaDB always gets a login.
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

  // Spread over the interval, so that tries do not wait for others of the same round; missed tries are not made up for.
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
