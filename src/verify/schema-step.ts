import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Recipe } from '../services/recipe.ts'
import type { Difference } from './difference.ts'
import { adviceOn } from './schema-advice.ts'
import { differenceOf } from './schema-compare.ts'
import { itself, type Naming, schemaCuresId } from './schema-cures-step.ts'
import { decided } from './schema-decisions.ts'
import { type Finding, schemaFindings } from './schema-findings.ts'
import { askPicture } from './schema-picture.ts'
import { savedPicture } from './schema-state.ts'
import { schemaText } from './schema-text.ts'
import { databasesOf, harmful } from './schema-tried.ts'

const idOf = (recipe: Recipe): string => `${recipe.name}/schema-proof`

export const schemaProofIds = (_: Context, recipe: Recipe): readonly string[] => [idOf(recipe)]

/**
 * After the last hop: every database has the schema that the target's own tools create from scratch. Catches a tool
 * that exited well but did nothing, or half of it, before any service starts.
 */
export const schemaProofStep = (
  context: Context,
  recipe: Recipe,
  after: readonly string[],
  as: Naming = itself,
): Step => ({
  id: idOf(recipe),
  phase: 'migrate',
  service: recipe.name,
  title: `Compare the schema of ${databasesOf(context, recipe)
    .map((one) => one.name)
    .join(', ')} with a newly created one`,
  after,
  changes: [],
  run: nothing,
  undo: nothing,
  // That step applies decisions made after this proof has failed.
  spoils: [schemaCuresId(recipe)],
  proof: () => prove(context, recipe, as),
})

const prove = async (context: Context, recipe: Recipe, as: Naming): Promise<string> => {
  const compared = await compare(context, recipe, as)
  const differences = compared.flatMap((one) => one.differences)
  if (differences.length === 0) return compared.map((one) => one.says).join('; ')
  const advice = compared.flatMap(({ database, open }) => adviceOn(database, open))
  throw new SwapError(
    `target, ${recipe.name}`,
    `the schema differs from the one that the tools of ${context.config.release} create:\n${schemaText(differences)}`,
    advice.map(({ what, remedy }) => `${what}: ${remedy}`).join('\n'),
  )
}

interface Compared {
  readonly database: string
  /** differences that are refused */
  readonly open: readonly Finding[]
  readonly differences: readonly Difference[]
  /** 'nova: 117 tables, 4 known differences, 1 kept as you decided' */
  readonly says: string
}

const compare = (context: Context, recipe: Recipe, as: Naming = itself): Promise<readonly Compared[]> =>
  withDatabase(context.hosts('target'), { readOnly: true }, async (db) => {
    const compared: Compared[] = []
    for (const { name, repo } of databasesOf(context, recipe)) {
      const should = await savedPicture(context, repo)
      const have = { ...(await askPicture(db, repo, as(name))), database: name }
      const found = harmful(have, should)
      const open = found.filter((one) => decided(context.decisions, name, one)?.choice !== 'keep')
      const known = schemaFindings(have, should).length - found.length
      const kept = found.length - open.length
      compared.push({
        database: name,
        open,
        differences: open.map((one) => ({ ...differenceOf(have, one), service: recipe.name })),
        says: `${name}: ${Object.keys(have.tables).length} tables, ${known} known differences${kept > 0 ? `, ${kept} kept by your decision` : ''}`,
      })
    }
    return compared
  })

/** How the target's schemas differ from what its own tools create, without known differences. */
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
