import type { OptionRules } from '../options.ts'
import { placementDefaults } from './defaults.ts'
import { placementGoneOptions } from './gone-options.ts'
import { placementKnownOptions } from './known-options.ts'

export const placementOptions: OptionRules = {
  known: placementKnownOptions,
  defaults: placementDefaults,
  removed: placementGoneOptions,
}
