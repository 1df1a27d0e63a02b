import type { ApiOutage } from '../cutover/outage/outage.ts'
import { outageText } from '../cutover/outage/outage-text.ts'
import { type Finding, phases } from '../engine/step.ts'
import type { Bar } from '../plan/timeline.ts'
import { duration } from '../text/units.ts'
import { around, bars, clock, type Span, seconds } from './axis.ts'
import { escaped, list, paragraph, preformatted, section, table } from './html.ts'
import type { Report } from './report.ts'

export const standing = ({ phases, standing: lines, next, failed, left }: Report): string =>
  section(
    'Status',
    table(
      'Steps done of each phase',
      ['Phase', 'Steps done'],
      phases.map(({ phase, done, steps }) => [escaped(phase), `${done} of ${steps}`]),
    ),
    ...failed.map(({ step, error }) => `<p class="bad"><b>${escaped(step)} failed.</b> ${escaped(error)}</p>`),
    list(lines),
    left.length === 0 ? '' : `<p><b>Do by hand on other machines:</b></p>${list(left)}`,
    `<p><b>Next:</b> ${escaped(next)}</p>`,
  )

const spanOf = (bar: Bar, now: Date): Span => ({ from: bar.begun, to: bar.ended ?? now })

const stepRow = (bar: Bar, axis: Span, now: Date, critical: ReadonlySet<string>): readonly string[] => {
  const span = spanOf(bar, now)
  const waited = [bar.waitedFor, bar.slotOf === undefined ? undefined : `a free slot (${bar.slotOf})`].filter(Boolean)
  const mark = critical.has(bar.id) ? ' <b>critical</b>' : ''
  return [
    clock(bar.begun),
    bar.ended === undefined ? 'not ended' : duration(seconds(span)),
    `${escaped(bar.id)}${mark}<br><small>${escaped(bar.title)}</small>`,
    waited.length === 0 ? '' : `after ${escaped(waited.join(', then '))}`,
    bars([span], axis, critical.has(bar.id) ? 'critical' : 'step'),
  ]
}

const apiSpans = ({ freeze, firstFailure, lastFailure }: ApiOutage, end: Date): readonly Span[] => {
  if (freeze !== undefined)
    return [{ from: new Date(freeze.from), to: freeze.to === undefined ? end : new Date(freeze.to) }]
  if (firstFailure === undefined || lastFailure === undefined) return []
  return [{ from: new Date(firstFailure), to: new Date(lastFailure) }]
}

const apiRow = (api: ApiOutage, axis: Span): readonly string[] => {
  const spans = apiSpans(api, axis.to)
  const first = spans[0]
  const back = api.freeze !== undefined && api.freeze.to === undefined
  return [
    first === undefined ? '' : clock(first.from),
    first === undefined ? 'none' : `${duration(seconds(first))}${back ? ' so far' : ''}`,
    `${escaped(api.name)}<br><small>did not answer</small>`,
    `${api.failed} of ${api.tries} tries failed`,
    bars(spans, axis, 'outage'),
  ]
}

const heads = ['Begun (UTC)', 'Took', 'What', 'Detail', 'When']

/** Steps before the freeze get their own axis: they take far longer, and the cloud keeps serving. */
export const timeline = ({ timeline: { bars: all, freeze }, outage, at }: Report): string => {
  const critical = new Set(freeze?.critical.map(({ id }) => id) ?? [])
  const isBefore = (bar: Bar): boolean => phases.indexOf(bar.phase) < phases.indexOf('migrate')
  const groups = [all.filter(isBefore), all.filter((bar) => !isBefore(bar))]
  const [before = '', since = ''] = groups.map((group, index) => {
    const apis = index === 0 ? [] : (outage?.apis ?? [])
    const axis = around([...group.map((bar) => spanOf(bar, at)), ...apis.flatMap((api) => apiSpans(api, at))])
    if (axis === undefined) return ''
    const title = index === 0 ? 'Before the freeze' : 'From the freeze on, with the outage of each API'
    return table(
      `${title}: ${axis.from.toISOString().slice(0, 19).replace('T', ' ')} to ${axis.to.toISOString().slice(11, 19)} UTC`,
      heads,
      [...group.map((bar) => stepRow(bar, axis, at, critical)), ...apis.map((api) => apiRow(api, axis))],
    )
  })
  const length = freeze === undefined ? undefined : seconds({ from: freeze.begun, to: freeze.ended })
  return section(
    'Timeline',
    all.length === 0 ? paragraph('No step has run yet.') : '',
    freeze === undefined || length === undefined
      ? ''
      : paragraph(
          `The freeze took ${duration(length)}. Its critical path: ${freeze.critical.map((bar) => `${bar.id} (${duration(seconds(spanOf(bar, freeze.ended)))})`).join(', ')}.`,
        ),
    since,
    before,
  )
}

export const outages = ({ outage }: Report): string =>
  section('Outage', outage === undefined ? paragraph('Not measured yet.') : preformatted(outageText(outage)))

const finding = ({ id, level, says, remedy }: Finding): readonly string[] => [
  level === 'block' ? '<b class="bad">block</b>' : 'warning',
  escaped(id),
  `${escaped(says)}<br><small>${escaped(remedy)}</small>`,
]

export const checks = ({ checks: judged, accepted }: Report): string =>
  section(
    'Checks and decisions',
    judged === undefined ? paragraph('The freeze has begun: no more checks.') : '',
    judged !== undefined && judged.blocks.length + judged.warnings.length === 0
      ? paragraph('Every check passed or its findings are accepted.')
      : '',
    table(
      'What the checks find now',
      ['Level', 'Check', 'What'],
      [...(judged?.blocks ?? []), ...(judged?.warnings ?? [])].map(finding),
    ),
    table(
      'Accepted or decided by the operator',
      ['When (UTC)', 'Check', 'Reason'],
      accepted.map(({ check, reason, at }) => [
        escaped(at.slice(0, 19).replace('T', ' ')),
        escaped(check),
        escaped(reason),
      ]),
    ),
  )

export const proofs = ({ proofs: all, at }: Report): string =>
  section(
    'Proofs',
    all.length === 0 ? paragraph('Nothing has been proved yet.') : '',
    table(
      'Results of the steps, newest first',
      ['Step', 'Result', 'Age'],
      all
        .toSorted((a, b) => b.at.localeCompare(a.at))
        .map(({ step, title, says, at: seen }) => [
          `${escaped(step)}<br><small>${escaped(title)}</small>`,
          escaped(says),
          escaped(duration(seconds({ from: new Date(seen), to: at }))),
        ]),
    ),
  )

export const cost = ({ cost: text }: Report): string => section('What a revert would lose', preformatted(text))
