import type { Config } from './config.ts'
import type { Hosts } from './hosts/host.ts'
import type { Recipe } from './services/recipe.ts'
import type { Survey } from './survey.ts'

/**
 * The operator's decision on a schema difference, for a path and everything below it: 'glance', 'nova.v_servers',
 * 'glance.images.status'.
 */
export interface Decision {
  /**
   * match: the copy is changed to the release's schema; drop: it is removed from the copy; keep: it stays, and the
   * proof accepts it
   */
  readonly choice: 'match' | 'drop' | 'keep'
  readonly path: string
  readonly reason: string
}

/** What every list of steps is built from: settings, survey, and access to the machines. */
export interface Context {
  readonly config: Config
  readonly survey: Survey
  readonly hosts: Hosts
  /** recipes of the services found on the source, dependencies first */
  readonly recipes: readonly Recipe[]
  /** the operator's decisions on schema differences */
  readonly decisions?: readonly Decision[]
}
