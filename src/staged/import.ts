import type { Context } from '../context.ts'
import type { Action, Step } from '../engine/step.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Recipe } from '../services/recipe.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { name } from '../text/sql.ts'
import { importArgv, recreateStatements, restDumpArgv } from '../transfer/dump.ts'
import { importStep } from '../transfer/import.ts'
import { databasesOf } from '../verify/schema-tried.ts'
import { viewsOf } from '../verify/schema-try-fill.ts'
import { forgetSaid, saidOf } from './follow.ts'
import { askStaged, dropStatement, stageable, stagedName } from './names.ts'
import { askDefinitions } from './tables.ts'

/**
 * The import of each database, as without `stage` where no copy was made ahead. A copy is brought up to date while
 * nothing writes, and becomes the database; when it cannot be used, the database is copied whole in the same step. The
 * content proof that follows reads every row either way.
 */
export const importSteps = (context: Context, recipe: Recipe, after: readonly string[]): readonly Step[] => {
  const able = stageable(context, recipe)
  return databasesOf(context, recipe).map((database) => {
    const step = importStep(context, recipe, database, after)
    return able.includes(database) ? withCopy(context, database, step) : step
  })
}

const withCopy = (context: Context, database: DatabaseSurvey, step: Step): Step => {
  const into = stagedName(database.name)
  return {
    ...step,
    run: async () => {
      const whole = await step.run()
      forgetSaid(into)
      if (!(await askStaged(context)).includes(into)) return whole
      return [await followAction(context, database, whole)]
    },
    proof: async (...told) => {
      const [same, says] = [await step.proof?.(...told), saidOf(into)]
      return [same, ...(says === undefined ? [] : [`with the copy made ahead: ${says}`])].join('; ')
    },
  }
}

const followAction = async (
  { hosts, config }: Context,
  database: DatabaseSurvey,
  whole: readonly Action[],
): Promise<Action> => {
  const { name: own, charset, collation, bytes } = database
  const into = stagedName(own)
  const { tables, views } = await withDatabase(hosts('source'), { readOnly: true }, async (db) => ({
    tables: [...(await askDefinitions(db, own)).keys()],
    views: await viewsOf(db, own),
  }))
  const renames = tables.map((table) => `${name(into, table)} TO ${name(own, table)}`)
  const drop = dropStatement(own)
  return {
    kind: 'follow',
    on: 'target',
    from: 'source',
    ...{ database: own, charset, collation, into, bytes },
    parallel: config.parallel,
    frozen: {
      right: [
        {
          kind: 'sql',
          on: 'target',
          statements: [
            ...recreateStatements(database),
            ...(renames.length === 0 ? [] : [`RENAME TABLE ${renames.join(', ')}`]),
            drop,
          ],
        },
        {
          kind: 'pipe',
          from: { on: 'source', argv: restDumpArgv(own, views) },
          to: { on: 'target', argv: importArgv(own) },
          what: `${own}, all but rows`,
        },
      ],
      otherwise: [{ kind: 'sql', on: 'target', statements: [drop] }, ...whole],
    },
  }
}
