import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import type { Recipe } from '../services/recipe.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { arrivedArgv, frozenDumpArgv, importArgv, recreateStatements } from './dump.ts'
import { proveSameTables } from './same-tables.ts'

/**
 * One step per database: dropped, created like the source's, filled from one stream, and compared with the source's.
 */
export const importSteps = (context: Context, recipe: Recipe, after: readonly string[]): readonly Step[] =>
  databasesOf(context, recipe).map((database) => importStep(context, recipe, database, after))

const databasesOf = (context: Context, recipe: Recipe): readonly DatabaseSurvey[] =>
  context.survey.services.find((service) => service.name === recipe.name)?.databases ?? []

/** How long one database takes, about, on a small machine. */
export const importSeconds = ({ bytes }: Pick<DatabaseSurvey, 'bytes'>): number => 2 + bytes / 20e6

/** Copies one database whole, while nothing writes to the source. */
export const importStep = (
  context: Context,
  recipe: Recipe,
  database: DatabaseSurvey,
  after: readonly string[],
): Step => ({
  id: `${recipe.name}/import-${database.name}`,
  phase: 'migrate',
  service: recipe.name,
  title: `Import the database ${database.name}`,
  seconds: importSeconds(database),
  after,
  changes: ['target'],
  run: async () => [
    { kind: 'sql', on: 'target', statements: recreateStatements(database) },
    {
      kind: 'pipe',
      from: { on: 'source', argv: frozenDumpArgv(database.name) },
      to: { on: 'target', argv: importArgv(database.name) },
      what: database.name,
      bytes: database.bytes,
      measure: { on: 'target', argv: arrivedArgv(database.name) },
    },
  ],
  undo: nothing,
  proof: () => proveSameTables(context.hosts, database.name),
})
