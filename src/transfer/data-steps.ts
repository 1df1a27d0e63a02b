import type { Context } from '../context.ts'
import type { Recipe } from '../services/recipe.ts'
import type { Step } from '../step.ts'
import { treeSteps } from './tree-steps.ts'
import { volumeSteps } from './volume-steps.ts'

/** What lies on the controller's own disks and belongs to the service: keys, images, volumes. */
export const dataSteps = (context: Context, recipe: Recipe, after: readonly string[]): readonly Step[] => [
  ...treeSteps(context, recipe, after),
  ...volumeSteps(context, recipe, after),
]
