import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import type { Recipe } from '../services/recipe.ts'
import { stateText } from '../state.ts'
import { hopStepId, neededHops } from '../target/hop-step.ts'
import { hopsOf } from '../target/schema.ts'
import { databasesOf, triedPath } from './schema-tried.ts'
import { drop, fill, tools } from './schema-try-fill.ts'
import { curedSays, cures, look, lookCured, lookSays } from './schema-try-look.ts'

export const tryStepIds = (recipe: Recipe): readonly string[] =>
  ['schema-try', 'schema-try-cures', 'schema-try-drop'].map((step) => `${recipe.name}/${step}`)

/**
 * While the source still serves, a copy of each of its databases without rows goes through the same hops as the real
 * copy will. So everything the proof in the window would refuse is known beforehand, all at once; the remedies are
 * tried as well. The tools see no other database and no network, so they cannot reach the source.
 */
export const trySchemaSteps = (context: Context, recipe: Recipe): readonly Step[] =>
  databasesOf(context, recipe).length === 0
    ? []
    : [tryStep(context, recipe), curesStep(context, recipe), dropStep(context, recipe)]

const namesOf = (context: Context, recipe: Recipe): string =>
  databasesOf(context, recipe)
    .map((one) => one.name)
    .join(', ')

const tryStep = (context: Context, recipe: Recipe): Step => ({
  id: `${recipe.name}/schema-try`,
  phase: 'prepare',
  service: recipe.name,
  title: `Upgrade empty copies of ${namesOf(context, recipe)} to ${context.config.release}, to try the schema proof`,
  seconds: 6 * databasesOf(context, recipe).length * hopsOf(context, recipe).length,
  after: [
    `${recipe.name}/schema-new-drop`,
    ...neededHops(context)
      .filter((hop) => hop.recipes.includes(recipe))
      .map(hopStepId),
  ],
  changes: ['target', 'local'],
  run: async () => [...(await fill(context, recipe)), ...tools(context, recipe)],
  undo: async () => drop(context, recipe),
  keeps: [{ path: triedPath(context, recipe), ask: async () => stateText(await look(context, recipe)) }],
  proof: () => lookSays(context, recipe),
})

const curesStep = (context: Context, recipe: Recipe): Step => ({
  id: `${recipe.name}/schema-try-cures`,
  phase: 'prepare',
  service: recipe.name,
  title: `Try the changes that make these copies match ${context.config.release}`,
  after: [`${recipe.name}/schema-try`],
  changes: ['target', 'local'],
  run: () => cures(context, recipe),
  undo: nothing,
  keeps: [{ path: triedPath(context, recipe), ask: async () => stateText(await lookCured(context, recipe)) }],
  proof: () => curedSays(context, recipe),
})

const dropStep = (context: Context, recipe: Recipe): Step => ({
  id: `${recipe.name}/schema-try-drop`,
  phase: 'prepare',
  service: recipe.name,
  title: `Drop the empty copies of ${namesOf(context, recipe)}`,
  after: [`${recipe.name}/schema-try-cures`],
  changes: ['target'],
  run: async () => drop(context, recipe),
  undo: nothing,
})
