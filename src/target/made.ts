import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { askThings } from '../hops/revision.ts'
import { withDatabase } from '../hosts/db.ts'
import { findRelease } from '../releases/release.ts'
import type { Database, Recipe } from '../services/recipe.ts'
import { databasesAt } from '../services/tools.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { type Account, patternMeans } from '../transfer/accounts.ts'
import { recreateStatements } from '../transfer/dump.ts'

/**
 * A database that the target's release has and the source does not: created empty, filled by the release's own tools.
 */
export interface Made extends Pick<Database, 'name' | 'repo'>, Pick<DatabaseSurvey, 'charset' | 'collation'> {
  /** the source's database of the same service whose charset and accounts it gets */
  readonly like: string
}

type Needs = Pick<Context, 'config' | 'survey'>

/** The new databases of a service on the way to the target's release; [] when the source has none of its databases. */
export const madeOf = ({ config, survey }: Needs, recipe: Recipe): readonly Made[] => {
  const there = survey.services.find((service) => service.name === recipe.name)?.databases ?? []
  const main = there.at(-1)
  if (main === undefined) return []
  const { name: like, charset, collation } = main
  return databasesAt(recipe, findRelease(config.release, config.file))
    .filter(({ name }) => !there.some((one) => one.name === name))
    .map(({ name, repo }) => ({ name, repo, charset, collation, like }))
}

/** The step that creates them, parallel to the copying of the others; [] when there are none. */
export const madeSteps = (context: Context, recipe: Recipe, after: readonly string[]): readonly Step[] => {
  const made = madeOf(context, recipe)
  return made.length === 0 ? [] : [madeStep(context, recipe, made, after)]
}

const madeStep = (context: Context, recipe: Recipe, made: readonly Made[], after: readonly string[]): Step => ({
  id: `${recipe.name}/new-databases`,
  phase: 'migrate',
  service: recipe.name,
  title: `Create ${made.map(({ name }) => name).join(', ')} empty: ${recipe.name} needs them from an intermediate release on`,
  after,
  changes: ['target'],
  run: async () => [{ kind: 'sql', on: 'target', statements: made.flatMap(recreateStatements) }],
  undo: nothing,
  proof: () =>
    withDatabase(context.hosts('target'), { readOnly: true }, async (db) => {
      for (const { name } of made) {
        const there = await db.rows('SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?', [name])
        const things = await askThings(db, name)
        if (there.length === 0 || things.size > 0)
          throw new SwapError(`target, ${name}`, 'the database is missing or not empty', 'Run the same command again')
      }
      return made.map(({ name, like }) => `${name} like ${like}`).join(', ')
    }),
})

/** Accounts with access to a service's database get the same access to its new ones. */
export const withMade = (accounts: readonly Account[], made: readonly Made[]): readonly Account[] =>
  accounts.map((account) => {
    const more = made
      .filter(({ name }) => !account.grants.some(({ pattern }) => patternMeans(pattern, name)))
      .flatMap(({ name, like }) =>
        account.grants
          .filter(({ pattern }) => patternMeans(pattern, like))
          // In a grant's pattern an unescaped underscore matches any character.
          .map((grant) => ({ ...grant, pattern: name.replaceAll('_', '\\_') })),
      )
    return more.length === 0 ? account : { ...account, grants: [...account.grants, ...more] }
  })
