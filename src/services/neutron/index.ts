import type { Service } from '../service.ts'
import { neutronBlockers } from './blockers.ts'
import { neutronFixups } from './fixups.ts'
import { neutronKept, neutronOwn } from './kept.ts'
import { neutronListed } from './listed.ts'
import { neutronOptions } from './options.ts'
import { neutronRecipe } from './recipe.ts'
import { neutronReferences } from './references.ts'
import { neutronRepo } from './releases.ts'
import { neutronRows } from './rows.ts'
import { neutronLinks } from './rows-links.ts'
import { neutronAllowed } from './schema.ts'

export const neutron: Service = {
  recipe: neutronRecipe,
  options: neutronOptions,
  fixups: neutronFixups,
  listed: neutronListed,
  blockers: neutronBlockers,
  kept: neutronKept,
  own: neutronOwn,
  references: neutronReferences,
  repos: [neutronRepo],
  rows: [...neutronRows, ...neutronLinks],
  allowed: neutronAllowed,
}
