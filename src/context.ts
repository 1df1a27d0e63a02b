import type { Config } from './config.ts'
import type { Hosts } from './hosts/host.ts'
import type { Recipe } from './services/recipe.ts'
import type { Survey } from './survey.ts'

/** The operator's word on what is not as its release makes it, at a path and below: 'glance', 'nova.v_servers', 'glance.images.status'. */
export interface Decision {
  /** match: the copy is made as the release makes it; drop: it goes from the copy; keep: it stays, and the proof takes it */
  readonly choice: 'match' | 'drop' | 'keep'
  readonly path: string
  readonly reason: string
}

/** What every list of steps is made from: the operator's settings, what both sides said, and the way to ask them more. */
export interface Context {
  readonly config: Config
  readonly survey: Survey
  readonly hosts: Hosts
  /** the recipes of the services found on the source, in the order of their dependencies */
  readonly recipes: readonly Recipe[]
  /** what the operator has said of schemas that are not as their release makes them */
  readonly decisions?: readonly Decision[]
}
