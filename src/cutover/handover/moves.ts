import type { Entry } from '../../engine/journal.ts'

/** The step that moves the addresses, as the journal names it. */
export const moveId = 'cutover/move'

/** A time around a move of the addresses that calls are looked at closely in, in milliseconds since 1970. */
export interface Move {
  readonly from: number
  /** the step began to change something */
  readonly begun: number
  readonly to: number
}

const before = 1000
/** Announcements take this long, and so may a client that was in the middle of something. */
const after = 5000
/** Of a move whose end nobody has written down. */
const longest = 10_000

/**
 * Every time the addresses were moved since `since`, oldest first: from a second before until five after, or until the
 * next thing that happened to the step.
 */
export const movesOf = (entries: readonly Entry[], since: number): readonly Move[] => {
  const own = entries.filter((entry) => 'step' in entry && entry.step === moveId)
  return own.flatMap((entry, index) => {
    const begun = Date.parse(entry.at)
    if (entry.event !== 'begun' || begun < since) return []
    const end = own[index + 1]
    if (end === undefined) return [{ from: begun - before, begun, to: begun + longest }]
    const ended = Date.parse(end.at)
    const next = own[index + 2]
    const over = end.event === 'done' || end.event === 'failed' ? ended + after : ended
    return [{ from: begun - before, begun, to: next === undefined ? over : Math.min(over, Date.parse(next.at)) }]
  })
}
