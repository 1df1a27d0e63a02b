import { SwapError } from '../errors.ts'
import { block, type Check, type Said } from './check.ts'
import { hopsOf } from './databases.ts'

const releases: Check['ask'] = async ({ survey }) =>
  survey.services
    .filter((service) => service.release === 'unknown')
    .map((service) =>
      block(
        `${service.name}'s package version ${service.version} is of no release that swapctl knows`,
        'swapctl reads the release from versions as Debian and Ubuntu give them; install the distribution packages or ask for this version to be added',
      ),
    )

const databases: Check['ask'] = async ({ survey, recipes }) => {
  if (survey.source.mariadb === undefined) return []
  return recipes.flatMap((recipe) => {
    const service = survey.services.find((one) => one.name === recipe.name)
    return recipe.databases
      .filter(({ name }) => !service?.databases.some((one) => one.name === name))
      .map(({ name }) =>
        block(
          `${recipe.name} is installed, but the source's MariaDB has no database ${name}`,
          `Where ${recipe.name} keeps its data elsewhere this swap cannot carry it; where it is not used, remove its packages from the source`,
        ),
      )
  })
}

/** Packages and schema must tell of the same release: otherwise a sync is missing, or the wrong code is installed. */
const revisions: Check['ask'] = async ({ survey }) =>
  survey.services.flatMap((service) =>
    service.databases
      .filter((database) => service.release !== 'unknown' && !database.releases.includes(service.release))
      .filter((database) => database.revision.length > 0)
      .map((database) =>
        block(
          `${service.name}'s packages are of ${service.release}, but the schema of ${database.name} is ${
            database.releases.length === 0 ? 'that of no release' : `that of ${database.releases.join(' or ')}`
          } (${database.revision.join(', ')})`,
          `Let ${service.release}'s own schema tool finish on the source, and look how this came to be`,
        ),
      ),
  )

/** Chains of hops for which an environment is missing, in the planner's own words. */
const hops: Check['ask'] = async ({ config, survey, recipes }) =>
  recipes.flatMap((recipe) => {
    const found = survey.services.find((one) => one.name === recipe.name)?.databases ?? []
    return found.length === 0 ? [] : refusalOf(() => hopsOf(config, found))
  })

const refusalOf = (plan: () => unknown): readonly Said[] => {
  try {
    plan()
    return []
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    return [block(`${error.where}: ${error.message}`, error.next)]
  }
}

/** Releases of packages and schemas, and the way from there to the target's. */
export const releaseChecks: readonly Check[] = [
  {
    id: 'source/databases',
    level: 'block',
    title: 'A database for every service',
    source: 'a service whose data is elsewhere cannot be carried',
    ask: databases,
  },
  {
    id: 'source/release',
    level: 'block',
    title: 'Releases of the packages',
    source: 'known failure P18: the way depends on the release',
    ask: releases,
  },
  {
    id: 'source/revision',
    level: 'block',
    title: 'Packages and schemas of the same release',
    source: 'known failure P18: packages and schema must be of one release',
    ask: revisions,
  },
  {
    id: 'source/hops',
    level: 'block',
    title: 'An environment for every hop',
    source: "known failures P18 to P21: floors of each release's db sync",
    ask: hops,
  },
]
