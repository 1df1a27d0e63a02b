import { refuse } from '../errors.ts'
import { cinder } from './cinder.ts'
import { glance } from './glance.ts'
import { heat } from './heat.ts'
import { keystone } from './keystone.ts'
import { neutron } from './neutron.ts'
import { nova } from './nova.ts'
import { placement } from './placement.ts'
import type { Recipe } from './recipe.ts'

/** Every service swapctl knows, in an order in which their dependencies hold. */
export const recipes: readonly Recipe[] = [keystone, glance, placement, neutron, cinder, nova, heat]

/** The recipe of that name; a SwapError (exit 2) lists the known ones. */
export const recipeOf = (name: string): Recipe => {
  const found = recipes.find((recipe) => recipe.name === name)
  if (found === undefined)
    throw refuse('--service', `no service is called '${name}'`, `Choose from: ${recipes.map((r) => r.name).join(', ')}`)
  return found
}
