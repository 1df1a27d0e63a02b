import { type DefaultChange, newRules } from '../default-change.ts'

/** Changed defaults of placement: those of oslo.policy. */
export const placementDefaults: readonly DefaultChange[] = newRules(
  'dalmatian',
  'oslo_policy/opts.py at 4.3.0 (2024.1: false) and 4.4.0 (2024.2: true)',
)
