import type { Context } from '../context.ts'
import type { Recipe } from '../services/recipe.ts'
import type { Step } from '../step.ts'

export const dataSteps = (_context: Context, _recipe: Recipe, _after: readonly string[]): readonly Step[] => []
