import type { Sample } from './probe-try.ts'

/** How one API was to be reached, as the probe saw it. Times are ISO 8601, lengths in seconds. */
export interface ApiOutage {
  readonly name: string
  readonly tries: number
  readonly failed: number
  /** when it was first found not to answer; undefined when it always did */
  readonly firstFailure?: string
  readonly lastFailure?: string
  /** the longest time from an answer (or the freeze) to the next */
  readonly worstGap: number
  readonly total: number
  /** the first answer after the last failure: by the new side */
  readonly answersSince?: string
  /** the slowest good answer, in milliseconds */
  readonly slowest: number
  /** what the failures said, with their counts */
  readonly failures: Readonly<Record<string, number>>
}

export interface Outage {
  readonly from?: string
  readonly to?: string
  readonly frozenSince?: string
  readonly apis: readonly ApiOutage[]
}

const iso = (at: number): string => new Date(at).toISOString()
const seconds = (ms: number): number => Math.round(ms) / 1000

interface Gap {
  readonly from: number
  readonly to: number
}

/** Times without an answer: from the last good try (`start` when there was none) to the next good one. */
const gapsOf = (samples: readonly Sample[], start: number): readonly Gap[] => {
  const gaps: Gap[] = []
  let good = start
  let failing = false
  for (const sample of samples) {
    if (sample.answer !== 'good') {
      failing = true
      continue
    }
    if (failing) gaps.push({ from: good, to: sample.at + sample.ms })
    failing = false
    good = sample.at
  }
  const last = samples.at(-1)
  return failing && last !== undefined ? [...gaps, { from: good, to: last.at + last.ms }] : gaps
}

const count = (samples: readonly Sample[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {}
  for (const { says } of samples) counts[says] = (counts[says] ?? 0) + 1
  return counts
}

const apiOutage = (name: string, samples: readonly Sample[], frozenSince: number | undefined): ApiOutage => {
  const first = samples[0]
  const start =
    first === undefined ? 0 : first.answer === 'good' ? first.at : Math.min(first.at, frozenSince ?? first.at)
  const bad = samples.filter((sample) => sample.answer === 'bad')
  const gaps = gapsOf(samples, start).map((gap) => gap.to - gap.from)
  const lastBad = bad.at(-1)
  const after = lastBad === undefined ? undefined : samples.find((it) => it.answer === 'good' && it.at > lastBad.at)
  return {
    name,
    tries: samples.length,
    failed: bad.length,
    ...(bad[0] === undefined ? {} : { firstFailure: iso(bad[0] === first ? start : bad[0].at) }),
    ...(lastBad === undefined ? {} : { lastFailure: iso(lastBad.at) }),
    worstGap: seconds(Math.max(0, ...gaps)),
    total: seconds(gaps.reduce((sum, gap) => sum + gap, 0)),
    ...(after === undefined ? {} : { answersSince: iso(after.at + after.ms) }),
    slowest: samples.reduce((most, it) => (it.answer === 'good' ? Math.max(most, it.ms) : most), 0),
    failures: count(bad),
  }
}

/**
 * Samples to what they mean, API by API. An API that was down when the probe began counts as down since `frozenSince`
 * (ISO 8601), when the freeze stopped it. Pure.
 */
export const summarise = (samples: readonly Sample[], frozenSince?: string): Outage => {
  const frozen = frozenSince === undefined ? undefined : Date.parse(frozenSince)
  const ordered = samples.filter((it) => it.answer !== 'unasked').toSorted((a, b) => a.at - b.at)
  const first = ordered[0]
  const last = ordered.at(-1)
  return {
    ...(first === undefined ? {} : { from: iso(first.at) }),
    ...(last === undefined ? {} : { to: iso(last.at + last.ms) }),
    ...(frozenSince === undefined ? {} : { frozenSince }),
    apis: [...new Set(ordered.map((it) => it.name))].map((name) =>
      apiOutage(
        name,
        ordered.filter((it) => it.name === name),
        frozen,
      ),
    ),
  }
}

const clock = (time: string | undefined): string => time?.slice(11, 23) ?? ''

const row = (api: ApiOutage): readonly string[] => [
  api.name,
  api.failed === 0 ? 'never' : `${api.total.toFixed(1)} s`,
  `${api.worstGap.toFixed(1)} s`,
  clock(api.firstFailure),
  api.failed > 0 && api.answersSince === undefined ? 'not yet' : clock(api.answersSince),
  `${api.failed} of ${api.tries}`,
  `${api.slowest} ms`,
]

const heads = ['API', 'outage', 'worst gap', 'down since', 'answers since', 'tries failed', 'slowest answer']

/** A table for the terminal; times are UTC. Pure. */
export const outageText = (outage: Outage): string => {
  if (outage.apis.length === 0) return 'No API was probed'
  const rows = [heads, ...outage.apis.map(row)]
  const widths = heads.map((_, column) => Math.max(...rows.map((cells) => (cells[column] ?? '').length)))
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const since = outage.frozenSince === undefined ? '' : `; frozen since ${clock(outage.frozenSince)}`
  return [`Seen by the probe from ${clock(outage.from)} to ${clock(outage.to)} UTC${since}`, ...lines].join('\n')
}
