import type { Service } from '../service.ts'
import { novaApiBlockers, novaBlockers } from './blockers.ts'
import { novaFixups } from './fixups.ts'
import { novaKept, novaOwn } from './kept.ts'
import { novaListed } from './listed.ts'
import { novaOptions } from './options.ts'
import { novaRecipe } from './recipe.ts'
import { novaReferences } from './references.ts'
import { novaApiRepo, novaRepo } from './releases.ts'
import { novaRows } from './rows.ts'
import { novaLinks } from './rows-links.ts'
import { novaAllowed } from './schema.ts'

export const nova: Service = {
  recipe: novaRecipe,
  options: novaOptions,
  fixups: novaFixups,
  listed: novaListed,
  blockers: [...novaBlockers, ...novaApiBlockers],
  kept: novaKept,
  own: novaOwn,
  references: novaReferences,
  repos: [novaRepo, novaApiRepo],
  rows: [...novaRows, ...novaLinks],
  allowed: novaAllowed,
}
