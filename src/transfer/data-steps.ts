import type { Context } from '../context.ts'
import type { Step } from '../engine/step.ts'
import type { Recipe } from '../services/recipe.ts'
import { treeSteps } from './tree-steps.ts'
import { volumeSteps } from './volume-steps.ts'

/** The controller's data besides databases and config: keys, images, volumes. Each step proves its copy by checksum. */
export const dataSteps = (context: Context, recipe: Recipe, after: readonly string[]): readonly Step[] => [
  ...treeSteps(context, recipe, after),
  ...volumeSteps(context, recipe, after),
]
