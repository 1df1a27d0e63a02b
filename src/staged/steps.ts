import { membersIn } from '../ask/members.ts'
import { readFrom } from '../ask/roles.ts'
import { defaultStageRate } from '../config.ts'
import type { Context } from '../context.ts'
import { type Journal, openSteps } from '../engine/journal.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { Recipe } from '../services/recipe.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { name } from '../text/sql.ts'
import { importSeconds } from '../transfer/import.ts'
import { saidOf } from './follow.ts'
import { askStaged, dropStatement, stageable, stagedName } from './names.ts'

const idPart = '/stage-database-'

/** The database that a step of phase 'stage' copies; undefined for files and volumes. */
export const stagedDatabase = (id: Step['id']): string | undefined => id.split(idPart)[1]

/** The steps whose copies are on the target: their undo removes them. */
export const stagedDatabases = (journal: Pick<Journal, 'entries'>): readonly Pick<Step, 'id' | 'title'>[] =>
  openSteps(journal, ['stage']).filter(({ id }) => stagedDatabase(id) !== undefined)

/**
 * Copies a service's databases to names of their own on the target, while the source serves. Repeated, only rows that
 * differ are carried. `migrate` brings the copies up to date once more and makes them the databases; `revert` and
 * `finish` remove them.
 */
export const stageDatabaseSteps = (context: Context, recipe: Recipe): readonly Step[] =>
  stageable(context, recipe).map((database) => stageStep(context, recipe, database))

const stageStep = (context: Context, recipe: Recipe, database: DatabaseSurvey): Step => ({
  id: `${recipe.name}${idPart}${database.name}`,
  phase: 'stage',
  service: recipe.name,
  title: `Copy the database ${database.name} ahead to ${stagedName(database.name)}, while the source serves`,
  seconds: importSeconds(database),
  after: [],
  changes: ['target'],
  run: async () => [
    {
      kind: 'follow',
      on: 'target',
      from: readFrom(membersIn(context.survey, context.config)),
      database: database.name,
      charset: database.charset,
      collation: database.collation,
      into: stagedName(database.name),
      bytes: database.bytes,
      parallel: 1,
      rate: context.config.stageRate ?? defaultStageRate,
    },
  ],
  undo: async () => [{ kind: 'sql', on: 'target', statements: [dropStatement(database.name)] }],
  proof: async () => saidOf(stagedName(database.name)) ?? '',
})

/** Removes all copies made ahead that no migrate has used. */
export const finishStagedStep = (context: Context): Step => ({
  id: 'finish/staged',
  phase: 'finish',
  title: 'Drop the copies of databases that swapctl stage made and migrate did not use',
  after: [],
  changes: ['target'],
  run: async () => {
    const left = await askStaged(context)
    if (left.length === 0) return []
    return [{ kind: 'sql', on: 'target', statements: left.map((one) => `DROP DATABASE IF EXISTS ${name(one)}`) }]
  },
  undo: nothing,
  proof: async () => {
    const left = await askStaged(context)
    if (left.length > 0)
      throw new SwapError('target, MariaDB', `still there: ${left.join(', ')}`, 'Drop these databases')
    return 'none left'
  },
})
