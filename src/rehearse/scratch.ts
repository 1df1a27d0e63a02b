import type { Context } from '../context.ts'
import type { Action } from '../engine/step.ts'
import { swapDirectory } from '../places.ts'
import { findRelease } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { madeOf } from '../target/made.ts'
import { hopsOf } from '../target/schema.ts'
import { name } from '../text/sql.ts'
import { databasesOf } from '../verify/schema-tried.ts'

/** What every database and account of a rehearsal begins with. */
export const prefix = 'swapctl_rehearse_'

/** The rehearsal's copy of a database. */
export const scratchName = (database: string): string => `${prefix}${database}`

export const userOf = (recipe: Recipe): string => `${prefix}${recipe.name}`

export const accountOf = (recipe: Recipe): string => `'${userOf(recipe)}'@'localhost'`

type Scratch = Pick<DatabaseSurvey, 'name' | 'repo' | 'charset' | 'collation'>

/** The databases of a service that a rehearsal has: those of the source, and those that the hops will fill. */
export const scratchOf = (context: Context, recipe: Recipe): readonly Scratch[] => [
  ...databasesOf(context, recipe),
  ...madeOf(context, recipe),
]

/** The config file that the tools of a release see: drivers and settings differ. */
export const configFile = (context: Context, recipe: Recipe, hop: string): string =>
  `${swapDirectory(context.config.name)}/rehearse-${recipe.name}-${findRelease(hop).id}.conf`

/** Removes all that a rehearsal of a service has on the target. */
export const dropActions = (context: Context, recipe: Recipe): readonly Action[] => [
  {
    kind: 'sql',
    on: 'target',
    statements: [
      ...scratchOf(context, recipe).map((one) => `DROP DATABASE IF EXISTS ${name(scratchName(one.name))}`),
      `DROP USER IF EXISTS ${accountOf(recipe)}`,
    ],
  },
  ...hopsOf(context, recipe).map(
    (hop): Action => ({ kind: 'remove', on: 'target', path: configFile(context, recipe, hop) }),
  ),
]
