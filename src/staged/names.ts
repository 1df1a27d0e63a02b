import type { Context } from '../context.ts'
import { withDatabase } from '../hosts/db.ts'
import { stagedPrefix } from '../places.ts'
import type { Recipe } from '../services/recipe.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { name } from '../text/sql.ts'
import { databasesOf } from '../verify/schema-tried.ts'

/** In each copy: which definition of a table of the source was copied. */
export const marks = 'swapctl_staged'

/** Servers refuse a longer name. */
const longest = 64

export const stagedName = (database: string): string => `${stagedPrefix}${database}`

/** The databases of a service that can be copied ahead. */
export const stageable = (context: Pick<Context, 'survey'>, recipe: Recipe): readonly DatabaseSurvey[] =>
  databasesOf(context, recipe).filter((one) => stagedName(one.name).length <= longest)

export const dropStatement = (database: string): string => `DROP DATABASE IF EXISTS ${name(stagedName(database))}`

/** The names of all copies on the target. */
export const askStaged = ({ hosts }: Pick<Context, 'hosts'>): Promise<readonly string[]> =>
  withDatabase(hosts('target'), { readOnly: true }, async (db) =>
    (
      await db.rows<{ name: string }>(
        'SELECT schema_name AS name FROM information_schema.schemata WHERE LEFT(schema_name, ?) = ? ORDER BY schema_name',
        [stagedPrefix.length, stagedPrefix],
      )
    ).map((row) => row.name),
  )
