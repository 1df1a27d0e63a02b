import type { Context } from '../context.ts'
import { credentialsSteps } from '../credentials/steps.ts'
import { fenceSteps } from '../cutover/handover/fence.ts'
import { holdSteps } from '../cutover/handover/hold.ts'
import type { Plan, Step } from '../engine/step.ts'
import { cellsStep, fixupSteps } from '../fixups/steps.ts'
import type { Recipe } from '../services/recipe.ts'
import { fingerprintSteps } from '../source/fingerprint.ts'
import { type FreezeOptions, freezeSteps } from '../source/freeze.ts'
import { inventoryStep } from '../source/inventory.ts'
import { listedId, listedStep } from '../source/inventory-frozen.ts'
import { sameRowsSteps } from '../source/same-rows.ts'
import { importSteps } from '../staged/import.ts'
import { againSteps } from '../target/again.ts'
import { madeSteps } from '../target/made.ts'
import { lastSchemaStep, schemaSteps } from '../target/schema.ts'
import { configAgainStep, configStep } from '../transfer/config-step.ts'
import { dataSteps } from '../transfer/data-steps.ts'
import { contentSteps } from '../verify/content-step.ts'
import { referencesStep } from '../verify/references.ts'
import { schemaCuresStep } from '../verify/schema-cures-step.ts'
import { schemaProofStep } from '../verify/schema-step.ts'
import { untouchedStep } from '../verify/untouched.ts'
import { startStep, verifyStep } from './start.ts'

const ids = (steps: readonly Step[]): readonly string[] => steps.map((step) => step.id)

/**
 * From a serving source to a target on which everything runs, unseen by clients. Services are migrated in parallel
 * where possible.
 */
export const migrateSteps = (context: Context, options: FreezeOptions): Plan => {
  const fence = fenceSteps(context)
  const hold = holdSteps(context)
  const fingerprints = [...fingerprintSteps(context), ...sameRowsSteps(context)]
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
    listedStep(context),
    ...fingerprints,
    ...againSteps(context, ['freeze/quiet']),
    ...fence,
    ...hold,
    ...context.recipes.flatMap((recipe) => serviceSteps(context, recipe, gate, ids(fingerprints))),
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
 * The general method for every service: copy its databases, files and configs, prove where its cells lead, upgrade the
 * schema through the hops, apply the schema decisions, prove the schema, rewrite rows that name the old machine, start,
 * verify. The target's copy is created only after the fence is up; programs of the target's release run only after the
 * fingerprints were taken.
 */
const serviceSteps = (
  context: Context,
  recipe: Recipe,
  gate: readonly string[],
  fingerprints: readonly string[],
): Plan => {
  const frozen = ['freeze/quiet', 'freeze/accounts', ...gate]
  const made = madeSteps(context, recipe, frozen)
  const imports = [...importSteps(context, recipe, frozen), ...contentSteps(context, recipe), ...made]
  const data = dataSteps(context, recipe, frozen)
  const first = configStep(context, recipe)
  const config = configAgainStep(context, recipe, ['freeze/quiet'])
  const cells = cellsStep(context, recipe, [...ids(imports), config.id, ...gate, ...fingerprints])
  const before = cells.length > 0 ? ids(cells) : [...ids(imports), config.id, ...gate, ...fingerprints]
  const schema = schemaSteps(context, recipe, [...ids(imports), ...ids(cells)], before)
  const cures = schemaCuresStep(context, recipe, [lastSchemaStep(context, recipe)])
  const schemaProof = schemaProofStep(context, recipe, [cures.id])
  const late = cellsStep(context, recipe, [schemaProof.id], made)
  const fixups = fixupSteps(context, recipe, [schemaProof.id, ...ids(late)])
  const ready = [...(fixups.length > 0 ? ids(fixups) : [schemaProof.id, ...ids(late)]), ...ids(data)]
  const start = startStep(context, recipe, [
    ...ready,
    ...neededToStart(context, recipe),
    ...fingerprints,
    'freeze/definitions',
    'freeze/memcached',
  ])
  return [
    ...imports,
    ...data,
    first,
    config,
    ...cells,
    ...schema,
    cures,
    schemaProof,
    ...late,
    ...fixups,
    start,
    verifyStep(context, recipe, [start.id, listedId, ...neededToAnswer(context, recipe)]),
  ]
}

/**
 * What a service that calls no other one answers must be proved before others start: nova-conductor gives up without
 * keystone. All others retry until what they call is up, so a start suffices, and no proof is waited for.
 */
const neededToStart = (context: Context, recipe: Recipe): readonly string[] =>
  context.recipes
    .filter(({ name }) => recipe.after.includes(name))
    .map(({ name, calls }) => `${name}/${calls.length === 0 ? 'verify' : 'start'}`)

/** Its lists may ask the services that it calls: heat's answer to one question waits a minute for a nova that is down. */
const neededToAnswer = (context: Context, recipe: Recipe): readonly string[] =>
  context.recipes
    .filter(({ name }) => [...recipe.after, ...recipe.calls].includes(name))
    .map(({ name }) => `${name}/start`)
