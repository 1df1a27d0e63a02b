import type { Context } from '../context.ts'
import { type Action, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { askBlockers, curesFor, repairsFor } from '../hops/blockers.ts'
import { releasesOf } from '../hops/position.ts'
import { askRevision } from '../hops/revision.ts'
import { withDatabase } from '../hosts/db.ts'
import { findRelease, type Release } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import { databasesAt, needs } from '../services/tools.ts'
import { type Copies, eachCopy } from './copies.ts'
import { hopEndSteps } from './hop-end.ts'
import { callsOf, serving } from './tool-calls.ts'

/** The hops of a service from the survey, the target's own release last. */
export const hopsOf = (context: Context, recipe: Recipe): readonly string[] =>
  context.survey.services.find((service) => service.name === recipe.name)?.databases[0]?.hops ?? [
    context.config.release,
  ]

/**
 * One step per hop: that release's own tools upgrade the schemas, then run their data migrations until they are done;
 * one more step where a later hop would otherwise refuse. `copies`: the steps that fill the databases; an interrupted
 * hop starts again from a fresh copy.
 */
export const schemaSteps = (
  context: Context,
  recipe: Recipe,
  copies: readonly string[],
  after: readonly string[],
): readonly Step[] => {
  const steps = hopSteps(context, recipe, serving)
  const ids = steps.map(({ id }) => id)
  return steps.map((step, index) => ({
    ...step,
    after: index === 0 ? after : ids.slice(index - 1, index),
    spoils: [...copies, ...ids.slice(0, index)],
  }))
}

/** The same, on any copies, each to be run after the one before it. */
export const hopSteps = (context: Context, recipe: Recipe, copies: Copies): readonly Step[] => {
  const hops = hopsOf(context, recipe)
  return hops.flatMap((hop, index) => [
    schemaStep(context, recipe, hop, copies),
    ...hopEndSteps(context, recipe, hops, index, copies),
  ])
}

export const lastSchemaStep = (context: Context, recipe: Recipe): string =>
  idOf(recipe, hopsOf(context, recipe).at(-1) as string)

/** What one database's part of a hop lasts, about. */
const seconds = 8

const idOf = (recipe: Recipe, hop: string): string => `${recipe.name}/schema-${hop}`

const namesAt = (recipe: Recipe, release: Release): string =>
  databasesAt(recipe, release)
    .map((database) => database.name)
    .join(', ')

const schemaStep = (context: Context, recipe: Recipe, hop: string, copies: Copies): Step => {
  const release = findRelease(hop)
  return {
    id: idOf(recipe, hop),
    phase: 'migrate',
    service: recipe.name,
    title: `Upgrade the schema of ${namesAt(recipe, release)} to ${hop}`,
    seconds: seconds * databasesAt(recipe, release).length,
    after: [],
    changes: ['target'],
    run: async () => {
      await refuseBlocked(context, recipe, release, copies)
      const cures = await eachCopy(
        context,
        recipe,
        release,
        async (db, where) => [await curesFor(db, where, release)],
        copies,
      )
      const calls = callsOf(recipe, release, cures)
      return [...(await repairs(context, recipe, release, copies)), ...copies.actions(context, recipe, release, calls)]
    },
    undo: nothing,
    proof: () => proveRevision(context, recipe, release, copies),
  }
}

/** A migration that refuses half-way leaves the schema half-way, so its condition is tested first. */
const refuseBlocked = async (context: Context, recipe: Recipe, release: Release, copies: Copies): Promise<void> => {
  const found = await eachCopy(context, recipe, release, (db, where) => askBlockers(db, where, [release]), copies)
  const blocks = found.filter((finding) => finding.level === 'block')
  if (blocks.length > 0)
    throw new SwapError(
      `target, ${recipe.name}`,
      blocks.map((finding) => finding.says).join('\n  '),
      blocks.map((finding) => finding.remedy).join('\n'),
    )
}

/** Rows that this hop's migrations refuse and no tool fixes: fixed in the copy, by SQL that the plan shows. */
const repairs = async (
  context: Context,
  recipe: Recipe,
  release: Release,
  copies: Copies,
): Promise<readonly Action[]> => {
  const statements = await eachCopy(context, recipe, release, async (_, where) => repairsFor(where, release), copies)
  return statements.length === 0 ? [] : [{ kind: 'sql', on: 'target', statements }]
}

/** An exit code proves nothing (keystone-manage of a wrong release exits 0 and does nothing); the revision does. */
const proveRevision = async (context: Context, recipe: Recipe, release: Release, { as }: Copies): Promise<string> =>
  withDatabase(context.hosts('target'), { readOnly: true }, async (db) => {
    const told: string[] = []
    for (const database of databasesAt(recipe, release)) {
      const { repo } = database
      const name = as(database.name)
      const revision = await askRevision(db, repo, name)
      // A database that the release does not need may still be empty: it is filled at the end of the hop.
      if (revision.length === 0 && !needs(database, release)) continue
      if (!releasesOf(repo, revision).includes(release))
        throw new SwapError(
          `target, ${name}`,
          `the schema is at ${revision.join(' + ') || 'no revision'}, not at the revision of ${release.id}`,
          `Read the output of the ${release.id} tools; after a revert another run imports the database again`,
        )
      told.push(`${name} ${revision.join(' + ')}`)
    }
    return told.join(', ')
  })
