import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import { withDatabase } from '../hosts/db.ts'
import { allowedDifferences } from '../services/index.ts'
import type { Database, Recipe } from '../services/recipe.ts'
import { readState } from '../state.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { askDatabase } from '../transfer/facts.ts'
import { allows } from './schema-compare.ts'
import { decided } from './schema-decisions.ts'
import { type Finding, schemaFindings } from './schema-findings.ts'
import type { Picture } from './schema-picture.ts'

/** What the hops made of a copy of a service's databases without rows, while the source was still serving. */
export interface Tried {
  /** output of a tool that failed: then nothing is known about the databases */
  readonly failed?: string
  readonly databases: readonly TriedDatabase[]
}

export interface TriedDatabase {
  readonly name: string
  readonly repo: Database['repo']
  /** to detect changes of the source's tables: see structureOf */
  readonly source: string
  /** after the last hop, under the real name */
  readonly have: Picture
  /** what the proof in the window will find */
  readonly findings: readonly Finding[]
  /** what would still be refused after every remedy was tried */
  readonly left?: readonly Finding[]
}

/** Differences from a schema created from scratch, without the harmless ones. */
export const harmful = (have: Picture, should: Picture): readonly Finding[] =>
  schemaFindings(have, should).filter((one) => !allowedDifferences.some((entry) => allows(entry, have.repo, one)))

export const databasesOf = (context: Pick<Context, 'survey'>, recipe: Recipe): readonly DatabaseSurvey[] =>
  context.survey.services.find((service) => service.name === recipe.name)?.databases ?? []

/** A digest of a source database's tables, views and triggers. */
export const structureOf = (context: Context, database: string): Promise<string> =>
  withDatabase(context.hosts('source'), { readOnly: true }, async (db) =>
    createHash('sha256')
      .update(JSON.stringify(await askDatabase(db, database)))
      .digest('hex'),
  )

/** The file with the result. */
export const triedPath = (context: Context, recipe: Recipe): string =>
  join(context.config.state, 'schemas', `tried-${recipe.name}.json`)

/** undefined: prepare has not come that far. */
export const savedTried = async (context: Context, recipe: Recipe): Promise<Tried | undefined> => {
  return readState<Tried>(triedPath(context, recipe))
}

/** Whether prepare has tried the hops for a database. */
export const isTried = async (context: Context, database: string): Promise<boolean> => {
  const recipe = context.recipes.find((one) => databasesOf(context, one).some(({ name }) => name === database))
  const tried = recipe === undefined ? undefined : await savedTried(context, recipe)
  return tried !== undefined && tried.failed === undefined
}

/** Databases whose tables on the source have changed since the try. */
export const changedSinceTried = async (context: Context, tried: Tried): Promise<readonly string[]> => {
  const changed: string[] = []
  for (const { name, source } of tried.databases) if ((await structureOf(context, name)) !== source) changed.push(name)
  return changed
}

/** Whether prepare must try a service's schemas again: something is open, and may have been corrected on the source. */
export const worthAnotherTry = async (context: Context, recipe: Recipe): Promise<boolean> => {
  const tried = await savedTried(context, recipe)
  if (tried === undefined) return false
  const open = tried.databases.some(({ name, findings }) =>
    findings.some((finding) => decided(context.decisions, name, finding) === undefined),
  )
  return tried.failed !== undefined || open || (await changedSinceTried(context, tried)).length > 0
}
