import type { Config } from '../config.ts'
import { withDatabase } from '../db.ts'
import { SwapError } from '../errors.ts'
import type { Host } from '../host.ts'
import { type HopPlan, planServiceHops } from '../releases/hops.ts'
import { releasesOf } from '../releases/position.ts'
import { findRelease } from '../releases/release.ts'
import { askRevision } from '../releases/revision.ts'
import type { Recipe } from '../services/recipe.ts'
import type { DatabaseSurvey } from '../survey.ts'
import type { Schema } from './facts-mariadb.ts'

type Found = Omit<DatabaseSurvey, 'hops'>

/** A service's databases that exist on the source: size, charset, revision, and the releases whose code has to sync them. */
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
  const found = await withDatabase(host, { readOnly: true }, async (db): Promise<Found[]> => {
    const described: Found[] = []
    for (const schema of there) {
      const revision = await askRevision(db, schema.repo, schema.name)
      described.push({ ...schema, revision, releases: releasesOf(schema.repo, revision).map((one) => one.id) })
    }
    return described
  })
  const hops = likelyHops(config, found)
  return found.map((database) => ({ ...database, hops }))
}

/** The chain of hops with the environments in the settings. Throws SwapError (exit 2) naming what is missing. */
export const hopsOf = (config: Config, databases: readonly Pick<Found, 'repo' | 'revision'>[]): HopPlan =>
  planServiceHops(databases, {
    target: findRelease(config.release, config.file),
    available: config.hops.map((hop) => findRelease(hop.release, config.file)),
  })

/** The same, but where an environment is missing the chain that would need it: a check names it, the survey goes on. */
const likelyHops = (config: Config, databases: readonly Found[]): readonly string[] => {
  const any = () => planServiceHops(databases, { target: findRelease(config.release, config.file) })
  for (const plan of [() => hopsOf(config, databases), any]) {
    try {
      return plan().hops.map((release) => release.id)
    } catch (error) {
      if (!(error instanceof SwapError)) throw error
    }
  }
  return []
}
