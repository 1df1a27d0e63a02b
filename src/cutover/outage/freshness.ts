import type { Entry } from '../../engine/journal.ts'
import type { Finding } from '../../engine/step.ts'

/** Steps that carry data: 'SERVICE/import-DATABASE'. */
const carries = (step: string): boolean => /\/import-/.test(step)

/**
 * Data imported before the source stopped would lack what it wrote until then: each import must have begun after the
 * last `quiet`, the step that proves the freeze.
 */
export const staleImports = (entries: readonly Entry[], quiet = 'freeze/quiet'): readonly Finding[] => {
  const frozen = entries.findLast((entry) => entry.event === 'done' && entry.step === quiet)?.at
  const begun = new Map<string, string>()
  for (const entry of entries) {
    if (entry.event === 'begun' && carries(entry.step)) begun.set(entry.step, entry.at)
    if (entry.event === 'undone') begun.delete(entry.step)
  }
  return [...begun]
    .filter(([, at]) => frozen === undefined || at < frozen)
    .map(([step, at]) => ({
      id: 'cutover/freshness',
      level: 'block',
      says: `${step} read the source at ${at}, before it was proved frozen${frozen === undefined ? '' : ` at ${frozen}`}`,
      remedy: 'Copy it again: swapctl revert, then swapctl migrate',
    }))
}
