import type { Entry } from '../../engine/journal.ts'

/** The id of the step that moves the addresses. */
export const moveId = 'cutover/move'

/** The time around a move of the addresses, in which calls are examined closely. Milliseconds since 1970. */
export interface Move {
  readonly from: number
  /** when the step began */
  readonly begun: number
  readonly to: number
}

const before = 1000
/** Milliseconds after the end: announcements take this long, and so may a client with a call under way. */
const after = 5000
/** Milliseconds assumed for a move without a recorded end. */
const longest = 10_000

/**
 * Every move of the addresses since `since`, oldest first: from one second before it begins until five after it ends,
 * or until the next event of the step.
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
