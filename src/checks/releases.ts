import { block, type Check, type Message } from '../ask/check.ts'
import { hopsOf } from '../ask/databases.ts'
import { SwapError } from '../errors.ts'
import { releases as known } from '../releases/release.ts'
import { needs } from '../services/tools.ts'

const releases: Check['ask'] = async ({ survey }) =>
  survey.services
    .filter((service) => service.release === 'unknown')
    .map((service) =>
      block(
        `${service.name}'s package version ${service.version} belongs to no release that swapctl knows`,
        'swapctl recognises the package versions of Debian and Ubuntu; install their packages or ask for this version to be added',
      ),
    )

const databases: Check['ask'] = async ({ survey, recipes }) => {
  if (survey.source.mariadb === undefined) return []
  return recipes.flatMap((recipe) => {
    const service = survey.services.find((one) => one.name === recipe.name)
    const release = known.find(({ id }) => id === service?.release)
    return recipe.databases
      .filter((database) => needs(database, release))
      .filter(({ name }) => !service?.databases.some((one) => one.name === name))
      .map(({ name }) =>
        block(
          `${recipe.name} is installed, but the source's MariaDB has no database ${name}`,
          `If ${recipe.name} keeps its data on another machine, swapctl cannot copy it; if it is not used, remove its packages from the source`,
        ),
      )
  })
}

/** Packages and schema must belong to the same release: otherwise a sync is missing, or the wrong code is installed. */
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
          `Run the schema tool of ${service.release} to the end on the source, and find out why the two differ`,
        ),
      ),
  )

/** Chains of hops that lack an environment, in the planner's words. */
const hops: Check['ask'] = async ({ config, survey, recipes }) =>
  recipes.flatMap((recipe) => {
    const found = survey.services.find((one) => one.name === recipe.name)?.databases ?? []
    return found.length === 0 ? [] : refusalOf(() => hopsOf(config, recipe.name, found))
  })

const refusalOf = (plan: () => unknown): readonly Message[] => {
  try {
    plan()
    return []
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    return [block(`${error.where}: ${error.message}`, error.next)]
  }
}

/** Releases of packages and schemas, and the path from there to the target's. */
export const releaseChecks: readonly Check[] = [
  {
    id: 'source/databases',
    level: 'block',
    title: 'Each service has its database on the source',
    source: 'src/services/*/recipe.ts: the databases of each service',
    why: 'The data of that service would be lost.',
    remedy: 'Move the database to the source, or leave the service out.',
    ask: databases,
  },
  {
    id: 'source/release',
    level: 'block',
    title: 'swapctl knows the release of each package',
    source: 'https://docs.openstack.org/nova/latest/admin/upgrades.html',
    why: 'swapctl could not tell which releases the schema must pass.',
    remedy: 'Install packages of a known release, or check the version of the package.',
    ask: releases,
  },
  {
    id: 'source/revision',
    level: 'block',
    title: 'Packages and schema are of the same release',
    source: 'src/services/*/releases.ts: the final schema revisions of each release',
    why: 'The wrong tools would continue a half-finished upgrade.',
    remedy: 'Finish the upgrade on the source: run its db sync and online data migrations.',
    ask: revisions,
  },
  {
    id: 'source/hops',
    level: 'block',
    title: 'Each hop has an environment',
    source:
      'nova/db/migration.py and cinder/db/migration.py: the oldest revision that db sync accepts; heat/db/migration.py',
    why: "The target's schema tools refuse databases that are too old.",
    remedy:
      'Make the environment (swapctl hop make RELEASE) and set its archive in [hop RELEASE]; or set a tree or venv that is on the target.',
    ask: hops,
  },
]
