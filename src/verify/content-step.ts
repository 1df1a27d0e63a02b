import { join } from 'node:path'
import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Recipe } from '../services/recipe.ts'
import { readState, stateText } from '../state.ts'
import { redactStrings } from '../text/redact.ts'
import { duration } from '../text/units.ts'
import { type Content, compareContent, contentText } from './content.ts'
import type { Difference } from './difference.ts'
import { differenceText } from './text.ts'

const databasesOf = (context: Context, recipe: Recipe): readonly string[] =>
  (context.survey.services.find(({ name }) => name === recipe.name)?.databases ?? []).map(({ name }) => name)

const idOf = (recipe: Recipe, database: string): string => `${recipe.name}/content-${database}`

export const contentIds = (context: Context, recipe: Recipe): readonly string[] =>
  databasesOf(context, recipe).map((database) => idOf(recipe, database))

const pathOf = (context: Context, database: string): string =>
  join(context.config.state, 'content', `${encodeURIComponent(database)}.json`)

/**
 * One step per database, between its import and the first change to the copy: compares every row while both sides are
 * frozen. To fix a differing copy, run the command again, which makes a new one.
 */
export const contentSteps = (context: Context, recipe: Recipe): readonly Step[] =>
  databasesOf(context, recipe).map((database) => ({
    id: idOf(recipe, database),
    phase: 'migrate',
    service: recipe.name,
    title: `Compare every row of ${database} with the source`,
    after: [`${recipe.name}/import-${database}`],
    changes: ['local'],
    run: nothing,
    undo: nothing,
    spoils: [`${recipe.name}/import-${database}`],
    keeps: [
      { path: pathOf(context, database), ask: (progress) => askContent(context, recipe.name, database, progress) },
    ],
    proof: () => proveContent(context, database),
  }))

/** Differences are kept too, without secrets: `verify` shows them again. */
const askContent = async (
  context: Context,
  service: string,
  database: string,
  progress?: (text: string) => void,
): Promise<string> => {
  const content = await compareContent(context.hosts, {
    database,
    service,
    parallel: context.config.parallel,
    ...(progress === undefined ? {} : { progress }),
  })
  return stateText(content, redactStrings)
}

const proveContent = async (context: Context, database: string): Promise<string> => {
  const content = (await savedContent(context, database)) as Content
  if (content.differences.length === 0) return `${contentText(content)} equal`
  const shown = content.differences.slice(0, 10).map(differenceText)
  const left = content.differences.length - shown.length
  throw new SwapError(
    `database ${database}`,
    `the copy on the target differs from the source:\n  ${[...shown, ...(left > 0 ? [`and ${left} more`] : [])].join('\n  ')}`,
    'Make sure that nothing writes to either database, then run the same command again: it imports the database again',
  )
}

/** The result of a database's comparison; undefined: not compared yet. */
const savedContent = async (context: Context, database: string): Promise<Content | undefined> => {
  return readState<Content>(pathOf(context, database))
}

const saved = async (context: Context, recipes: readonly Recipe[]): Promise<readonly Content[]> => {
  const databases = recipes.flatMap((recipe) => databasesOf(context, recipe))
  return (await Promise.all(databases.map((database) => savedContent(context, database)))).filter(
    (content) => content !== undefined,
  )
}

/**
 * The differences found before the first hop changed the copies. After that the rows differ from the source's on
 * purpose, and the comparison cannot be repeated.
 */
export const contentDifferences = async (
  context: Context,
  recipes: readonly Recipe[],
): Promise<readonly Difference[]> => (await saved(context, recipes)).flatMap(({ differences }) => differences)

/** 'keystone at 2026-11-21T06:12:00Z: 43 tables, 812 rows in 0.4 s; ...' */
export const contentSays = async (context: Context, recipes: readonly Recipe[]): Promise<string> =>
  (await saved(context, recipes))
    .map((content) => `${content.database} at ${content.at}: ${contentText(content)} in ${duration(content.seconds)}`)
    .join('; ')
