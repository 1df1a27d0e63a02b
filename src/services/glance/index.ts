import type { Service } from '../service.ts'
import { glanceBlockers } from './blockers.ts'
import { glanceFixups } from './fixups.ts'
import { glanceKept, glanceOwn } from './kept.ts'
import { glanceListed } from './listed.ts'
import { glanceOptions } from './options.ts'
import { glanceRecipe } from './recipe.ts'
import { glanceReferences } from './references.ts'
import { glanceRepo } from './releases.ts'
import { glanceRows } from './rows.ts'
import { glanceAllowed } from './schema.ts'

export const glance: Service = {
  recipe: glanceRecipe,
  options: glanceOptions,
  fixups: glanceFixups,
  listed: glanceListed,
  blockers: glanceBlockers,
  kept: glanceKept,
  own: glanceOwn,
  references: glanceReferences,
  repos: [glanceRepo],
  rows: glanceRows,
  allowed: glanceAllowed,
}
