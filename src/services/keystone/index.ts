import type { Service } from '../service.ts'
import { keystoneBlockers } from './blockers.ts'
import { keystoneFixups } from './fixups.ts'
import { keystoneKept, keystoneOwn } from './kept.ts'
import { keystoneListed } from './listed.ts'
import { keystoneOptions } from './options.ts'
import { keystoneRecipe } from './recipe.ts'
import { keystoneReferences } from './references.ts'
import { keystoneRepo } from './releases.ts'
import { keystoneRows } from './rows.ts'
import { keystoneAllowed } from './schema.ts'

export const keystone: Service = {
  recipe: keystoneRecipe,
  options: keystoneOptions,
  fixups: keystoneFixups,
  listed: keystoneListed,
  blockers: keystoneBlockers,
  kept: keystoneKept,
  own: keystoneOwn,
  references: keystoneReferences,
  repos: [keystoneRepo],
  rows: keystoneRows,
  allowed: keystoneAllowed,
}
