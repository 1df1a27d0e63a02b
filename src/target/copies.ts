import type { Context } from '../context.ts'
import type { Where } from '../hops/blockers.ts'
import { askRevision } from '../hops/revision.ts'
import { type Db, withDatabase } from '../hosts/db.ts'
import type { Release } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import { databasesAt } from '../services/tools.ts'

/** Queries each database that a service has on the target at a release. */
export const eachCopy = <T>(
  context: Context,
  recipe: Recipe,
  release: Release,
  ask: (db: Db, where: Where) => Promise<readonly T[]>,
): Promise<readonly T[]> => {
  const databases = databasesAt(recipe, release)
  const beside = Object.fromEntries(databases.map((database) => [database.repo, database.name]))
  return withDatabase(context.hosts('target'), { readOnly: true }, async (db) => {
    const answers: T[] = []
    for (const { repo, name: database } of databases)
      answers.push(...(await ask(db, { repo, revision: await askRevision(db, repo, database), database, beside })))
    return answers
  })
}
