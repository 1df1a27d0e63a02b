import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Recipe } from '../services/recipe.ts'
import { lastSchemaStep } from '../target/schema.ts'
import { allowedDifferences } from './data/schema-allowed.ts'
import type { Difference } from './difference.ts'
import { compareSchemas } from './schema-compare.ts'
import { schemaFindings } from './schema-findings.ts'
import { askPicture } from './schema-picture.ts'
import { savedPicture } from './schema-state.ts'
import { schemaText } from './schema-text.ts'

const idOf = (recipe: Recipe): string => `${recipe.name}/schema-proof`

export const schemaProofIds = (_: Context, recipe: Recipe): readonly string[] => [idOf(recipe)]

/**
 * After the last hop: every database looks as if the target's own tools had made it from nothing. A tool that ended well
 * and did nothing, or half of it, is seen here, before anything starts on it.
 */
export const schemaProofStep = (context: Context, recipe: Recipe, after: readonly string[]): Step => ({
  id: idOf(recipe),
  phase: 'migrate',
  service: recipe.name,
  title: `Compare the schema of ${databasesOf(context, recipe)
    .map((one) => one.name)
    .join(', ')} with one made from nothing`,
  after,
  run: nothing,
  undo: nothing,
  proof: () => prove(context, recipe),
})

const databasesOf = (context: Context, recipe: Recipe) =>
  context.survey.services.find((service) => service.name === recipe.name)?.databases ?? []

const prove = async (context: Context, recipe: Recipe): Promise<string> => {
  const compared = await compare(context, recipe)
  const differences = compared.flatMap((one) => one.differences)
  if (differences.length === 0) return compared.map((one) => one.says).join('; ')
  throw new SwapError(
    `target, ${recipe.name}`,
    `the schema is not what the tools of ${context.config.release} make from nothing:\n${schemaText(differences)}`,
    `What only this cloud has can be dropped from the copy on the target, the source keeps it; what is missing says that a tool did not do its work: read what ${lastSchemaStep(context, recipe)} printed`,
  )
}

interface Compared {
  readonly differences: readonly Difference[]
  /** 'nova: 117 tables, 4 known differences' */
  readonly says: string
}

const compare = (context: Context, recipe: Recipe): Promise<readonly Compared[]> =>
  withDatabase(context.hosts('target'), { readOnly: true }, async (db) => {
    const compared: Compared[] = []
    for (const { name, repo } of databasesOf(context, recipe)) {
      const should = await savedPicture(context, repo)
      const have = await askPicture(db, repo, name)
      const differences = compareSchemas(have, should, allowedDifferences)
      const known = schemaFindings(have, should).length - differences.length
      compared.push({
        differences: differences.map((one) => ({ ...one, service: recipe.name })),
        says: `${name}: ${Object.keys(have.tables).length} tables, ${known} known differences`,
      })
    }
    return compared
  })

/** Whatever of the target's schemas is not as its own tools make them, known differences left out. */
export const schemaDifferences = async (
  context: Context,
  recipes: readonly Recipe[],
): Promise<readonly Difference[]> => {
  const differences: Difference[] = []
  for (const recipe of recipes) differences.push(...(await compare(context, recipe)).flatMap((one) => one.differences))
  return differences
}

/** 'nova: 117 tables, 4 known differences; ...' */
export const schemaSays = async (context: Context, recipes: readonly Recipe[]): Promise<string> => {
  const told: string[] = []
  for (const recipe of recipes) told.push(...(await compare(context, recipe)).map((one) => one.says))
  return told.join('; ')
}
