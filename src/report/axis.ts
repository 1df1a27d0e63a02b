import { escaped } from './html.ts'

/** A stretch of time. */
export interface Span {
  readonly from: Date
  readonly to: Date
}

/** What is drawn of it: 'critical' is a step that the freeze waited for, 'outage' an API that did not answer. */
export type Kind = 'step' | 'critical' | 'outage'

export const seconds = ({ from, to }: Span): number => Math.max(0, (+to - +from) / 1000)

/** The span of all of them; undefined when there is none. */
export const around = (spans: readonly Span[]): Span | undefined =>
  spans.length === 0
    ? undefined
    : {
        from: new Date(Math.min(...spans.map(({ from }) => +from))),
        to: new Date(Math.max(...spans.map(({ to }) => +to))),
      }

const percent = (share: number): string => `${(100 * Math.min(1, Math.max(0, share))).toFixed(2)}%`

/** Bars under one axis: where each span lies in `axis`. The figures stand beside it, so that it need not be read out. */
export const bars = (spans: readonly Span[], axis: Span, kind: Kind): string => {
  const whole = Math.max(1, +axis.to - +axis.from)
  const one = (span: Span): string =>
    `<i class="${kind}" style="left:${percent((+span.from - +axis.from) / whole)};width:max(2px,${percent((+span.to - +span.from) / whole)})"></i>`
  return `<span class="axis" aria-hidden="true">${spans.map(one).join('')}</span>`
}

/** '10:02:11', with its date for those who hover or listen; UTC. */
export const clock = (date: Date): string =>
  `<time datetime="${escaped(date.toISOString())}">${date.toISOString().slice(11, 19)}</time>`
