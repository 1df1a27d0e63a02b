import { refuse } from '../errors.ts'
import type { Blocker } from '../releases/blocker.ts'
import type { Repo, RepoName } from '../releases/repo.ts'
import { type Allowed, allowedEverywhere } from './allowed.ts'
import { barbican } from './barbican/index.ts'
import { cinder } from './cinder/index.ts'
import { glance } from './glance/index.ts'
import { heat } from './heat/index.ts'
import type { Kept } from './kept.ts'
import { keystone } from './keystone/index.ts'
import type { Listed } from './listing.ts'
import { neutron } from './neutron/index.ts'
import { nova } from './nova/index.ts'
import { placement } from './placement/index.ts'
import type { Recipe } from './recipe.ts'
import type { Reference } from './reference.ts'
import type { RowCheck } from './row-check.ts'
import type { Service } from './service.ts'

/** Every service swapctl knows, dependencies first. */
export const services: readonly Service[] = [keystone, barbican, glance, placement, neutron, cinder, nova, heat]

export const recipes: readonly Recipe[] = services.map(({ recipe }) => recipe)

/** Where the databases hold what the APIs list. */
export const listed: readonly Listed[] = services.flatMap((service) => service.listed)

export const repos: readonly Repo[] = services.flatMap((service) => service.repos)

/** Every migration known to refuse or lose rows. */
export const blockers: readonly Blocker[] = services.flatMap((service) => service.blockers ?? [])

/** References from one service's rows to another's, or to its own where no foreign key enforces them. */
export const references: readonly Reference[] = services.flatMap((service) => service.references ?? [])

/** Rows that an operator should look at before they are carried over. */
export const rowData: readonly RowCheck[] = services.flatMap((service) => service.rows ?? [])

/**
 * Harmless differences between databases upgraded through the releases and databases that the target's tools created
 * from scratch. All were observed in Victoria and Train databases that Zed's tools and then 2025.1's had upgraded, on
 * MariaDB 11.8.
 */
export const allowedDifferences: readonly Allowed[] = [
  ...allowedEverywhere,
  ...services.flatMap((service) => service.allowed ?? []),
]

/** Kinds of resources that users keep, in the order in which they are reported. */
export const kept: readonly Kept[] = services.flatMap((service) => service.kept ?? [])

/** Tables that the services write by themselves in databases of a repository. */
export const ownTables = (repo: RepoName): readonly string[] =>
  services.find((service) => service.repos[0]?.name === repo)?.own ?? []

/**
 * The line of schema revisions of that name; a TypeError for an unknown name, which only a mistake in the data can
 * cause.
 */
export const repoNamed = (name: RepoName): Repo => {
  const found = repos.find((repo) => repo.name === name)
  if (found === undefined) throw new TypeError(`no service has databases of '${name}'`)
  return found
}

/**
 * The recipe of the service for a catalog type: 'compute'. A TypeError when there is none, which only a mistake in
 * swapctl can cause.
 */
export const serving = (type: string): Recipe => {
  const found = recipes.find(({ catalog }) => catalog.includes(type))
  if (found === undefined) throw new TypeError(`no service answers for '${type}'`)
  return found
}

/** The recipe of the identity service: it issues the tokens and holds the catalog. */
export const identity: Recipe = serving('identity')

/** The recipe of that name; otherwise a SwapError (exit 2) that lists the known ones. */
export const recipeOf = (name: string): Recipe => {
  const found = recipes.find((recipe) => recipe.name === name)
  if (found === undefined)
    throw refuse('--service', `no service is called '${name}'`, `Choose from: ${recipes.map((r) => r.name).join(', ')}`)
  return found
}
