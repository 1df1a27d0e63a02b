import { escaped } from './html.ts'

export interface Span {
  readonly from: Date
  readonly to: Date
}

/** 'critical': a step on the freeze's critical path; 'outage': an API that did not answer. */
export type Kind = 'step' | 'critical' | 'outage'

export const seconds = ({ from, to }: Span): number => Math.max(0, (+to - +from) / 1000)

/** The span from the first start to the last end; undefined when there is none. */
export const around = (spans: readonly Span[]): Span | undefined =>
  spans.length === 0
    ? undefined
    : {
        from: new Date(Math.min(...spans.map(({ from }) => +from))),
        to: new Date(Math.max(...spans.map(({ to }) => +to))),
      }

const percent = (share: number): string => `${(100 * Math.min(1, Math.max(0, share))).toFixed(2)}%`

/** Bars on one axis. The numbers are given beside them as text. */
export const bars = (spans: readonly Span[], axis: Span, kind: Kind): string => {
  const whole = Math.max(1, +axis.to - +axis.from)
  const one = (span: Span): string =>
    `<i class="${kind}" style="left:${percent((+span.from - +axis.from) / whole)};width:max(2px,${percent((+span.to - +span.from) / whole)})"></i>`
  return `<span class="axis" aria-hidden="true">${spans.map(one).join('')}</span>`
}

/** '10:02:11' in UTC, with the date on hover and for screen readers. */
export const clock = (date: Date): string =>
  `<time datetime="${escaped(date.toISOString())}">${date.toISOString().slice(11, 19)}</time>`
