import type { Context } from '../context.ts'
import { type Action, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { type Db, withDatabase } from '../hosts/db.ts'
import { limitsOf } from '../limits.ts'
import { askBlockers, repairsFor, type Where } from '../releases/blockers.ts'
import { releasesOf } from '../releases/position.ts'
import { findRelease, type Release } from '../releases/release.ts'
import { askRevision } from '../releases/revision.ts'
import type { Recipe, Sync } from '../services/recipe.ts'
import { hopArgv, ownArgv } from './hops-env.ts'
import { schemaAccount } from './schema-account.ts'

/** The hops of a service as the survey planned them, the target's own release last. */
export const hopsOf = (context: Context, recipe: Recipe): readonly string[] =>
  context.survey.services.find((service) => service.name === recipe.name)?.databases[0]?.hops ?? [
    context.config.release,
  ]

/**
 * One step per hop: that release's own tools carry the schemas on, then its data migrations run until they are done.
 * `copies`: the steps that fill the databases; a hop that was broken off begins with a fresh copy.
 */
export const schemaSteps = (
  context: Context,
  recipe: Recipe,
  copies: readonly string[],
  after: readonly string[],
): readonly Step[] => {
  const hops = hopsOf(context, recipe)
  return hops.map((hop, index) => {
    const earlier = hops.slice(0, index).map((one) => idOf(recipe, one))
    const waits = earlier.length === 0 ? after : earlier.slice(-1)
    return { ...schemaStep(context, recipe, hop), after: waits, spoils: [...copies, ...earlier] }
  })
}

export const lastSchemaStep = (context: Context, recipe: Recipe): string =>
  idOf(recipe, hopsOf(context, recipe).at(-1) as string)

const idOf = (recipe: Recipe, hop: string): string => `${recipe.name}/schema-${hop}`

const schemaStep = (context: Context, recipe: Recipe, hop: string): Step => {
  const release = findRelease(hop)
  const arrived = release === findRelease(context.config.release)
  return {
    id: idOf(recipe, hop),
    phase: 'migrate',
    service: recipe.name,
    title: `Carry the schema of ${recipe.databases.map((database) => database.name).join(', ')} to ${hop}`,
    after: [],
    run: async () => {
      await refuseBlocked(context, recipe, release)
      return [...(await repairs(context, recipe, release)), ...tools(context, recipe, arrived ? undefined : hop)]
    },
    undo: nothing,
    proof: () => proveRevision(context, recipe, release),
  }
}

/** The tools of the target itself, or those of a hop's environment, with an account of their own where they need one. */
const tools = (context: Context, recipe: Recipe, hop: string | undefined): readonly Action[] => {
  const account = schemaAccount(context, recipe)
  const { schema: limit } = limitsOf(context.config)
  const calls = [...recipe.sync, ...recipe.online].map((sync) => tool(recipe, sync, hop, limit, account?.environment))
  return account === undefined ? calls : [...account.create, ...calls, ...account.remove]
}

const tool = (recipe: Recipe, sync: Sync, hop: string | undefined, limit: number, environment?: string): Action => ({
  kind: 'exec',
  on: 'target',
  argv:
    hop === undefined
      ? ownArgv(sync.argv, recipe.user, limit, environment)
      : hopArgv(hop, sync.argv, recipe.user, limit, environment),
  limit,
  ...(sync.again === undefined ? {} : { again: sync.again }),
})

/** A migration that would refuse half-way leaves a schema part-way: its own condition is asked first. */
const refuseBlocked = async (context: Context, recipe: Recipe, release: Release): Promise<void> => {
  const found = await eachDatabase(context, recipe, (db, where) => askBlockers(db, where, [release]))
  const blocks = found.filter((finding) => finding.level === 'block')
  if (blocks.length > 0)
    throw new SwapError(
      `target, ${recipe.name}`,
      blocks.map((finding) => finding.says).join('\n  '),
      blocks.map((finding) => finding.remedy).join('\n'),
    )
}

/** Rows that this hop's migrations stumble over and that no tool mends: put right in the copy, by SQL that the plan shows. */
const repairs = async (context: Context, recipe: Recipe, release: Release): Promise<readonly Action[]> => {
  const statements = await eachDatabase(context, recipe, async (_, where) => repairsFor(where, release))
  return statements.length === 0 ? [] : [{ kind: 'sql', on: 'target', statements }]
}

/** Asks something of each of a service's databases on the target. */
const eachDatabase = <T>(
  context: Context,
  recipe: Recipe,
  ask: (db: Db, where: Where) => Promise<readonly T[]>,
): Promise<readonly T[]> => {
  const beside = Object.fromEntries(recipe.databases.map((database) => [database.repo, database.name]))
  return withDatabase(context.hosts('target'), { readOnly: true }, async (db) => {
    const answers: T[] = []
    for (const { repo, name: database } of recipe.databases)
      answers.push(...(await ask(db, { repo, revision: await askRevision(db, repo, database), database, beside })))
    return answers
  })
}

/** An exit code proves nothing (keystone-manage of a wrong release exits 0 and does nothing): the revision does. */
const proveRevision = async (context: Context, recipe: Recipe, release: Release): Promise<string> =>
  withDatabase(context.hosts('target'), { readOnly: true }, async (db) => {
    const told: string[] = []
    for (const { repo, name } of recipe.databases) {
      const revision = await askRevision(db, repo, name)
      if (!releasesOf(repo, revision).includes(release))
        throw new SwapError(
          `target, ${name}`,
          `the schema is at ${revision.join(' + ') || 'no revision'}, which is not ${release.id}'s`,
          `Read what the tools of ${release.id} printed; the database is imported anew when ${recipe.name} is reverted and migrated again`,
        )
      told.push(`${name} ${revision.join(' + ')}`)
    }
    return told.join(', ')
  })
