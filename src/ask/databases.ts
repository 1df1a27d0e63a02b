import type { Config } from '../config.ts'
import { SwapError } from '../errors.ts'
import { countBlockers } from '../hops/blockers.ts'
import { availableTo } from '../hops/environment.ts'
import { type HopPlan, planServiceHops } from '../hops/hops.ts'
import { releasesOf } from '../hops/position.ts'
import { askRevision } from '../hops/revision.ts'
import { type Db, withDatabase } from '../hosts/db.ts'
import type { Host } from '../hosts/host.ts'
import { findRelease } from '../releases/release.ts'
import type { Database, Recipe } from '../services/recipe.ts'
import type { DatabaseSurvey } from '../survey.ts'
import type { Schema } from './facts-mariadb.ts'

type Found = Omit<DatabaseSurvey, 'hops'>

/** A service's databases on the source: size, charset, revision, and the releases whose code has to sync them. */
export const askDatabases = async (
  config: Config,
  host: Host,
  recipe: Recipe,
  schemas: readonly Schema[],
): Promise<readonly DatabaseSurvey[]> => {
  const there = recipe.databases.flatMap((database) => {
    const schema = schemas.find((one) => one.name === database.name)
    return schema === undefined ? [] : [{ ...schema, repo: database.repo }]
  })
  if (there.length === 0) return []
  const found = await withDatabase(host, { readOnly: true }, async (db) => {
    const described: Found[] = []
    for (const schema of there) described.push(await describe(db, schema, config, besideOf(there)))
    return described
  })
  const hops = likelyHops(config, recipe.name, found)
  return found.map((database) => ({ ...database, hops }))
}

type There = Schema & { readonly repo: Database['repo'] }

const describe = async (db: Db, schema: There, config: Config, beside: Record<string, string>): Promise<Found> => {
  const revision = await askRevision(db, schema.repo, schema.name)
  const where = { repo: schema.repo, revision, database: schema.name, beside }
  const target = findRelease(config.release, config.file)
  // An unknown revision has no position and so no blockers; a check reports it.
  const blockers = await countBlockers(db, where, target).catch(unlessRefused({}))
  return { ...schema, revision, releases: releasesOf(schema.repo, revision).map((one) => one.id), blockers }
}

const unlessRefused =
  <T>(instead: T) =>
  (error: unknown): T => {
    if (error instanceof SwapError && error.exitCode === 2) return instead
    throw error
  }

/** The databases of one service by repository: some questions about one database need another. */
export const besideOf = (databases: readonly Pick<There, 'repo' | 'name'>[]): Record<string, string> =>
  Object.fromEntries(databases.map((one) => [one.repo, one.name]))

/** A service's chain of hops, with the environments in the settings. Throws SwapError (exit 2) naming what is missing. */
export const hopsOf = (
  config: Config,
  service: string,
  databases: readonly Pick<Found, 'repo' | 'revision' | 'blockers'>[],
): HopPlan =>
  planServiceHops(databases, {
    blockers: countsOf(databases),
    target: findRelease(config.release, config.file),
    available: availableTo(config, service),
  })

/**
 * Like hopsOf, but if an environment is missing, the chain that would need it: a check reports it, and the survey
 * continues.
 */
const likelyHops = (config: Config, service: string, databases: readonly Found[]): readonly string[] => {
  const blockers = countsOf(databases)
  const any = () => planServiceHops(databases, { target: findRelease(config.release, config.file), blockers })
  for (const plan of [() => hopsOf(config, service, databases), any]) {
    try {
      return plan().hops.map((release) => release.id)
    } catch (error) {
      if (!(error instanceof SwapError)) throw error
    }
  }
  return []
}

/** A blocker counted in two databases (nova and its cell0) applies if either has rows. */
const countsOf = (databases: readonly Pick<Found, 'blockers'>[]): Readonly<Record<string, number>> => {
  const sums: Record<string, number> = {}
  for (const [id, rows] of databases.flatMap((one) => Object.entries(one.blockers ?? {})))
    sums[id] = (sums[id] ?? 0) + rows
  return sums
}
