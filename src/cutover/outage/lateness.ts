import { gaps } from './gaps.ts'

/** Times in which this process was delayed: what it measured then is its own slowness. */
export interface Lateness {
  /** a timer was due at `due` and fired at `now`, both in milliseconds since 1970 */
  woke(due: number, now: number): void
  /**
   * how many milliseconds this process was delayed at the start or end of this span, as far as known (the last ten
   * seconds); delays in its middle do not affect the measurement
   */
  within(from: number, to: number): number
  /** milliseconds */
  worst(): number
}

const known = 10_000
/** Milliseconds; timers are never exact. */
const usual = 3
/** Milliseconds; after a delay other overdue timers may run first. */
const near = 20

export const followLateness = (): Lateness => {
  let times: { readonly from: number; readonly to: number }[] = []
  let worst = 0
  return {
    woke: (due, now) => {
      worst = Math.max(worst, now - due)
      if (now - due <= usual) return
      // All timers that fell due during a delay fire together after it.
      const last = times.at(-1)
      if (last !== undefined && due <= last.to) times[times.length - 1] = { from: Math.min(last.from, due), to: now }
      else times.push({ from: due, to: now })
      if ((times[0]?.to ?? now) < now - known) times = times.filter(({ to }) => to >= now - known)
    },
    within: (from, to) => {
      const held = gaps()
      const counts = times.filter((time) => time.to > from && time.from < to)
      for (const time of counts.filter((one) => one.from <= from + near || one.to >= to - near))
        held.add(Math.max(from, time.from), Math.min(to, time.to))
      return Math.round(held.total() * 10) / 10
    },
    worst: () => Math.round(worst),
  }
}
