import type { Context } from './context.ts'
import { credentialsSteps } from './credentials/steps.ts'
import { fenceSteps } from './cutover/fence.ts'
import { holdSteps } from './cutover/hold.ts'
import type { Plan, Step } from './engine/step.ts'
import { cellsStep, fixupSteps } from './fixups/steps.ts'
import type { Recipe } from './services/recipe.ts'
import { fingerprintStep } from './source/fingerprint.ts'
import { type FreezeOptions, freezeSteps } from './source/freeze.ts'
import { inventoryStep } from './source/inventory.ts'
import { untouchedStep } from './source/untouched.ts'
import { lastSchemaStep, schemaSteps } from './target/schema.ts'
import { startStep, verifyStep } from './target/start.ts'
import { configStep } from './transfer/config-step.ts'
import { dataSteps } from './transfer/data-steps.ts'
import { importSteps } from './transfer/import.ts'
import { contentSteps } from './verify/content-step.ts'
import { referencesStep } from './verify/references.ts'
import { schemaProofStep } from './verify/schema-step.ts'

const ids = (steps: readonly Step[]): readonly string[] => steps.map((step) => step.id)

/** From a serving source to a target on which everything runs, unseen. Services run side by side where they can. */
export const migrateSteps = (context: Context, options: FreezeOptions): Plan => {
  const fence = fenceSteps(context)
  const hold = holdSteps(context)
  const gate = [...ids(fence), ...ids(hold)]
  const inventory = inventoryStep(
    context,
    context.recipes.map((recipe) => `${recipe.name}/config`),
  )
  const credentials = credentialsSteps(context, [inventory.id])
  return [
    inventory,
    ...credentials,
    ...freezeSteps(context, options, ids([inventory, ...credentials])),
    fingerprintStep(context),
    ...fence,
    ...hold,
    ...context.recipes.flatMap((recipe) => serviceSteps(context, recipe, gate)),
    referencesStep(
      context,
      context.recipes.map((recipe) => `${recipe.name}/verify`),
    ),
    untouchedStep(
      context,
      context.recipes.map((recipe) => `${recipe.name}/verify`),
    ),
  ]
}

/**
 * The general method, for every service: carry its databases, files and configs over, prove where its cells lead, carry
 * the schema through the hops and prove it, repair the rows that name the old machine, start, verify.
 */
const serviceSteps = (context: Context, recipe: Recipe, gate: readonly string[]): Plan => {
  const frozen = ['freeze/quiet']
  const imports = [...importSteps(context, recipe, frozen), ...contentSteps(context, recipe)]
  const data = dataSteps(context, recipe, frozen)
  const config = configStep(context, recipe)
  const cells = cellsStep(context, recipe, [...ids(imports), config.id, ...gate])
  const before = cells.length > 0 ? ids(cells) : [...ids(imports), config.id, ...gate]
  const schema = schemaSteps(context, recipe, [...ids(imports), ...ids(cells)], before)
  const schemaProof = schemaProofStep(context, recipe, [lastSchemaStep(context, recipe)])
  const fixups = fixupSteps(context, recipe, [schemaProof.id])
  const called = recipe.after
    .filter((name) => context.recipes.some((other) => other.name === name))
    .map((name) => `${name}/verify`)
  const ready = [...(fixups.length > 0 ? ids(fixups) : [schemaProof.id]), ...ids(data)]
  const start = startStep(context, recipe, [...ready, ...called, 'freeze/fingerprint'])
  return [
    ...imports,
    ...data,
    config,
    ...cells,
    ...schema,
    schemaProof,
    ...fixups,
    start,
    verifyStep(context, recipe, [start.id]),
  ]
}
