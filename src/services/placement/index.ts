import type { Service } from '../service.ts'
import { placementBlockers } from './blockers.ts'
import { placementListed } from './listed.ts'
import { placementOptions } from './options.ts'
import { placementRecipe } from './recipe.ts'
import { placementReferences } from './references.ts'
import { placementRepo } from './releases.ts'
import { placementRows } from './rows.ts'

export const placement: Service = {
  recipe: placementRecipe,
  options: placementOptions,
  listed: placementListed,
  blockers: placementBlockers,
  references: placementReferences,
  repos: [placementRepo],
  rows: placementRows,
}
