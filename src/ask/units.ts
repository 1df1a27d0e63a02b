import type { Host } from '../hosts/host.ts'
import type { Recipe, Role } from '../services/recipe.ts'
import { type UnitState, unitStates } from './facts.ts'
import { ask } from './question.ts'

export interface Unit {
  readonly name: string
  readonly exists: boolean
  readonly active: boolean
  readonly masked: boolean
}

/** systemd's state of a unit, reduced to what stopping and starting need. */
export const unitOf = (state: UnitState): Unit => {
  const masked = state.load === 'masked' || state.file.startsWith('masked')
  return {
    name: state.unit,
    exists: state.load === 'loaded' || masked,
    active: ['active', 'activating', 'reloading'].includes(state.active),
    masked,
  }
}

/** The state of these units on a machine; names without '.service'. */
export const askUnits = async (host: Host, names: readonly string[]): Promise<readonly Unit[]> =>
  names.length === 0 ? [] : (await ask(host, unitStates(names))).map(unitOf)

export const unitsOf = (roles: readonly Role[]): readonly string[] => roles.flatMap((role) => role.units)

/** Every unit on the old controller that swapctl stops. */
export const sourceUnits = (recipes: readonly Recipe[]): readonly string[] =>
  recipes.flatMap((recipe) => unitsOf(recipe.source))
