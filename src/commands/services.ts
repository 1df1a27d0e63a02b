import type { Context } from '../context.ts'
import { refuse } from '../errors.ts'
import { recipeOf } from '../services/index.ts'
import type { Recipe } from '../services/recipe.ts'

/** The recipes that --service names, or all. Refuses (exit code 2) a name that is not a service of the source. */
export const recipesOf = ({ recipes }: Pick<Context, 'recipes'>, names: readonly string[]): readonly Recipe[] => {
  for (const name of names) recipeOf(name)
  const missing = names.find((name) => !recipes.some((recipe) => recipe.name === name))
  if (missing !== undefined)
    throw refuse(`--service ${missing}`, 'is not on the source', 'Give a service that swapctl plan shows')
  return recipes.filter(({ name }) => names.length === 0 || names.includes(name))
}
