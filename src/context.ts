import type { Config } from './config.ts'
import type { Hosts } from './hosts/host.ts'
import type { Recipe } from './services/recipe.ts'
import type { Survey } from './survey.ts'

/** What every list of steps is made from: the operator's settings, what both sides said, and the way to ask them more. */
export interface Context {
  readonly config: Config
  readonly survey: Survey
  readonly hosts: Hosts
  /** the recipes of the services found on the source, in the order of their dependencies */
  readonly recipes: readonly Recipe[]
}
