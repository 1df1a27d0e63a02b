import type { Context } from '../context.ts'
import type { Action } from '../engine/step.ts'
import type { Where } from '../hops/blockers.ts'
import { askRevision } from '../hops/revision.ts'
import { type Db, withDatabase } from '../hosts/db.ts'
import type { Release } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import { databasesAt } from '../services/tools.ts'
import type { Call } from './tool-calls.ts'

/** The copies that a hop works on: those that will serve, or a rehearsal's. */
export interface Copies {
  /** the name of a database's copy */
  readonly as: (database: string) => string
  /** calls of a release's tools on them */
  readonly actions: (context: Context, recipe: Recipe, release: Release, calls: readonly Call[]) => readonly Action[]
}

/** Queries each database that a service has on the target at a release. */
export const eachCopy = <T>(
  context: Context,
  recipe: Recipe,
  release: Release,
  ask: (db: Db, where: Where) => Promise<readonly T[]>,
  { as }: Pick<Copies, 'as'> = { as: (database) => database },
): Promise<readonly T[]> => {
  const databases = databasesAt(recipe, release)
  const beside = Object.fromEntries(databases.map((database) => [database.repo, as(database.name)]))
  return withDatabase(context.hosts('target'), { readOnly: true }, async (db) => {
    const answers: T[] = []
    for (const { repo, name } of databases) {
      const database = as(name)
      answers.push(...(await ask(db, { repo, revision: await askRevision(db, repo, database), database, beside })))
    }
    return answers
  })
}
