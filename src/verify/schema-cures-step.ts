import type { Context } from '../context.ts'
import { type Action, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { releasesOf } from '../hops/position.ts'
import { askRevision } from '../hops/revision.ts'
import { withDatabase } from '../hosts/db.ts'
import { findRelease } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { differenceOf } from './schema-compare.ts'
import { cureSession, curesOf } from './schema-cures.ts'
import { type Choice, decided } from './schema-decisions.ts'
import type { Finding } from './schema-findings.ts'
import { askPicture, type Picture } from './schema-picture.ts'
import { savedPicture } from './schema-state.ts'
import { schemaText } from './schema-text.ts'
import { databasesOf, harmful, savedTried } from './schema-tried.ts'

/** The name of a database's copy. */
export type Naming = (database: string) => string

export const itself: Naming = (database) => database

export const schemaCuresId = (recipe: Recipe): string => `${recipe.name}/schema-cures`

/** After the last hop: applies the operator's decisions on schema differences to the copy. */
export const schemaCuresStep = (
  context: Context,
  recipe: Recipe,
  after: readonly string[],
  as: Naming = itself,
): Step => ({
  id: schemaCuresId(recipe),
  phase: 'migrate',
  service: recipe.name,
  title: `Make the copies of ${databasesOf(context, recipe)
    .map((one) => one.name)
    .join(', ')} match ${context.config.release} where you decided so`,
  after,
  changes: ['target'],
  run: () => cures(context, recipe, as),
  undo: nothing,
  proof: () => proveCured(context, recipe, as),
})

/** All remedies of a service over one connection, whose mode refuses values that would be truncated. */
const cures = async (context: Context, recipe: Recipe, as: Naming): Promise<readonly Action[]> => {
  const statements: string[] = []
  for (const database of databasesOf(context, recipe)) {
    const have = (await arrived(context, database, as)) ?? (await tried(context, recipe, database, as))
    if (have === undefined) continue
    const should = await savedPicture(context, database.repo)
    statements.push(...curesOf(chosen(context, database, harmful(have, should), 'match', 'drop'), have, should))
  }
  return statements.length === 0 ? [] : [{ kind: 'sql', on: 'target', statements: [...cureSession, ...statements] }]
}

const chosen = (
  { decisions }: Context,
  { name }: DatabaseSurvey,
  findings: readonly Finding[],
  ...choices: readonly Choice[]
): readonly Finding[] =>
  findings.filter((finding) => choices.some((one) => one === decided(decisions, name, finding)?.choice))

/** The copy's schema after all hops. */
const arrived = (context: Context, { name, repo }: DatabaseSurvey, as: Naming): Promise<Picture | undefined> =>
  withDatabase(context.hosts('target'), { readOnly: true }, async (db) =>
    releasesOf(repo, await askRevision(db, repo, as(name))).includes(findRelease(context.config.release))
      ? askPicture(db, repo, as(name))
      : undefined,
  )

/** Earlier, for a plan: the schema that prepare expects. */
const tried = async (
  context: Context,
  recipe: Recipe,
  { name }: DatabaseSurvey,
  as: Naming,
): Promise<Picture | undefined> => {
  const have = (await savedTried(context, recipe))?.databases.find((one) => one.name === name)?.have
  return have === undefined ? undefined : { ...have, database: as(name) }
}

const proveCured = async (context: Context, recipe: Recipe, as: Naming): Promise<string> => {
  const left = []
  for (const database of databasesOf(context, recipe)) {
    const have = await arrived(context, database, as)
    const should = await savedPicture(context, database.repo)
    const open = have === undefined ? [] : chosen(context, database, harmful(have, should), 'match', 'drop')
    left.push(...open.map((finding) => differenceOf({ database: database.name }, finding)))
  }
  if (left.length > 0)
    throw new SwapError(
      `target, ${recipe.name}`,
      `these decided changes did not take effect:\n${schemaText(left)}`,
      'Change it by hand on the target, or keep it: swapctl check --accept schema/keep/PATH --reason TEXT',
    )
  return 'every decided change is done'
}
