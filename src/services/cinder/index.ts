import type { Service } from '../service.ts'
import { cinderBlockers } from './blockers.ts'
import { cinderFixups } from './fixups.ts'
import { cinderKept, cinderOwn } from './kept.ts'
import { cinderListed } from './listed.ts'
import { cinderOptions } from './options.ts'
import { cinderRecipe } from './recipe.ts'
import { cinderReferences } from './references.ts'
import { cinderRepo } from './releases.ts'
import { cinderRows } from './rows.ts'
import { cinderLinks } from './rows-links.ts'
import { cinderAllowed } from './schema.ts'

export const cinder: Service = {
  recipe: cinderRecipe,
  options: cinderOptions,
  fixups: cinderFixups,
  listed: cinderListed,
  blockers: cinderBlockers,
  kept: cinderKept,
  own: cinderOwn,
  references: cinderReferences,
  repos: [cinderRepo],
  rows: [...cinderRows, ...cinderLinks],
  allowed: cinderAllowed,
}
