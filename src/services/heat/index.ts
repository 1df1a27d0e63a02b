import type { Service } from '../service.ts'
import { heatBlockers } from './blockers.ts'
import { heatFixups } from './fixups.ts'
import { heatKept, heatOwn } from './kept.ts'
import { heatListed } from './listed.ts'
import { heatOptions } from './options.ts'
import { heatRecipe } from './recipe.ts'
import { heatReferences } from './references.ts'
import { heatRepo } from './releases.ts'
import { heatRows } from './rows.ts'
import { heatAllowed } from './schema.ts'

export const heat: Service = {
  recipe: heatRecipe,
  options: heatOptions,
  fixups: heatFixups,
  listed: heatListed,
  blockers: heatBlockers,
  kept: heatKept,
  own: heatOwn,
  references: heatReferences,
  repos: [heatRepo],
  rows: heatRows,
  allowed: heatAllowed,
}
