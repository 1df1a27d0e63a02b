import type { Journal } from '../engine/journal.ts'
import type { Finding } from '../engine/step.ts'

export interface Acceptance {
  readonly at: string
  readonly reason: string
}

/** What the operator has accepted in this swap, by check id; the latest entry counts. */
export const acceptances = ({ entries }: Pick<Journal, 'entries'>): ReadonlyMap<string, Acceptance> =>
  new Map(
    entries.flatMap((entry) =>
      entry.event === 'accepted' ? [[entry.check, { at: entry.at, reason: entry.reason }] as const] : [],
    ),
  )

export interface Judged {
  readonly blocks: readonly Finding[]
  readonly warnings: readonly Finding[]
  readonly accepted: readonly (Finding & Acceptance)[]
}

/** Splits findings into those that block, warn, or are accepted. */
export const judge = (findings: readonly Finding[], accepted: ReadonlyMap<string, Acceptance>): Judged => ({
  blocks: findings.filter((one) => one.level === 'block' && !accepted.has(one.id)),
  warnings: findings.filter((one) => one.level === 'warn' && !accepted.has(one.id)),
  accepted: findings.flatMap((one) => {
    const acceptance = accepted.get(one.id)
    return acceptance === undefined ? [] : [{ ...one, ...acceptance }]
  }),
})
