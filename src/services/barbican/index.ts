import type { Service } from '../service.ts'
import { barbicanKept } from './kept.ts'
import { barbicanListed } from './listed.ts'
import { barbicanOptions } from './options.ts'
import { barbicanRecipe } from './recipe.ts'
import { barbicanReferences } from './references.ts'
import { barbicanRepo } from './releases.ts'
import { barbicanRows } from './rows.ts'

export const barbican: Service = {
  recipe: barbicanRecipe,
  options: barbicanOptions,
  listed: barbicanListed,
  kept: barbicanKept,
  references: barbicanReferences,
  repos: [barbicanRepo],
  rows: barbicanRows,
}
