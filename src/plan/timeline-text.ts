import { phases } from '../engine/step.ts'
import { duration } from '../text/units.ts'
import type { Bar, Freeze, Timeline } from './timeline.ts'

/** Characters of a bar. */
const width = 30

interface Span {
  readonly begun: Date
  readonly ended: Date
}

const seconds = ({ begun, ended }: Span): number => (+ended - +begun) / 1000

const clock = (date: Date): string => date.toISOString().slice(11, 19)

/** '····███·······': a step's place in `whole`, at least one character. */
const drawn = ({ begun, ended }: Span, whole: Span): string => {
  const column = (date: Date): number =>
    Math.round(((+date - +whole.begun) / Math.max(1, +whole.ended - +whole.begun)) * width)
  const from = Math.min(column(begun), width - 1)
  const to = Math.max(column(ended), from + 1)
  return `${'·'.repeat(from)}${'█'.repeat(to - from)}${'·'.repeat(width - to)}`
}

const why = ({ waitedFor, slotOf }: Bar): string => {
  const slot = slotOf === undefined ? '' : `, then for a free slot until ${slotOf} ended`
  return waitedFor === undefined ? '' : `  waited for ${waitedFor}${slot}`
}

const spanOf = (bars: readonly Bar[], now: Date): Span => ({
  begun: new Date(Math.min(...bars.map(({ begun }) => +begun))),
  ended: new Date(Math.max(...bars.map(({ ended }) => +(ended ?? now)))),
})

const line = (bar: Bar, whole: Span, now: Date): string => {
  const span = { begun: bar.begun, ended: bar.ended ?? now }
  const took = bar.ended === undefined ? 'not ended' : duration(seconds(span))
  return `  ${clock(bar.begun)} ${drawn(span, whole)} ${took.padStart(11)}  ${bar.id}${why(bar)}`
}

const freezeLines = (freeze: Freeze): readonly string[] => [
  `freeze  ${clock(freeze.begun)} to ${clock(freeze.ended)}: ${duration(seconds(freeze))}. Its critical path:`,
  ...freeze.critical.map(
    (bar) =>
      `  ${duration(seconds({ begun: bar.begun, ended: bar.ended ?? freeze.ended })).padStart(11)}  ${bar.id}  ${bar.title}`,
  ),
]

/** One line per step with a bar under its phase's axis, then the freeze and its critical path. Times are UTC. */
export const timelineText = ({ bars, freeze }: Timeline, now: Date): string => {
  if (bars.length === 0) return 'No step has run yet'
  const lines = phases.flatMap((phase) => {
    const those = bars.filter((bar) => bar.phase === phase)
    if (those.length === 0) return []
    const whole = spanOf(those, now)
    const head = `${phase}  ${clock(whole.begun)} to ${clock(whole.ended)} UTC: ${duration(seconds(whole))}`
    return [head, ...those.map((bar) => line(bar, whole, now))]
  })
  return [...lines, ...(freeze === undefined ? [] : freezeLines(freeze))].join('\n')
}
