import { gaps } from './gaps.ts'

/** Times in which this process did not come to run although it wanted to: what it measured then is its own slowness. */
export interface Lateness {
  /** it wanted to wake at `due` and did so at `now`, both in milliseconds since 1970 */
  woke(due: number, now: number): void
  /**
   * how many milliseconds it was held up for when this time began or ended, as far as it still knows (the last ten
   * seconds): in the middle of it nothing was to be done
   */
  within(from: number, to: number): number
  /** milliseconds */
  worst(): number
}

const known = 10_000
/** Timers are never exact to the millisecond. */
const usual = 3
/** Others that were late too may come first when it runs again. */
const near = 20

export const followLateness = (): Lateness => {
  let times: { readonly from: number; readonly to: number }[] = []
  let worst = 0
  return {
    woke: (due, now) => {
      worst = Math.max(worst, now - due)
      if (now - due <= usual) return
      // Timers that were due one after the other all wake when the process runs again.
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
