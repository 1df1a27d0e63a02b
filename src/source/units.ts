import type { Host } from '../host.ts'
import type { Recipe, Role } from '../services/recipe.ts'

export interface Unit {
  readonly name: string
  readonly exists: boolean
  readonly active: boolean
  readonly masked: boolean
}

/** Blocks of `systemctl show -p Id,LoadState,ActiveState,UnitFileState` to units. Pure. */
export const parseUnits = (text: string): readonly Unit[] =>
  text
    .trim()
    .split(/\n\s*\n/)
    .filter((block) => block !== '')
    .map((block) => {
      const value = (key: string): string => new RegExp(`^${key}=(.*)$`, 'm').exec(block)?.[1] ?? ''
      const masked = value('LoadState') === 'masked' || value('UnitFileState').startsWith('masked')
      return {
        name: value('Id').replace(/\.service$/, ''),
        exists: value('LoadState') === 'loaded' || masked,
        active: ['active', 'activating', 'reloading'].includes(value('ActiveState')),
        masked,
      }
    })

/** How the named units stand on a machine; names without '.service'. */
export const askUnits = async (host: Host, names: readonly string[]): Promise<readonly Unit[]> => {
  if (names.length === 0) return []
  const units = names.map((name) => `${name}.service`)
  const { stdout } = await host.run({
    argv: ['systemctl', 'show', '--property=Id,LoadState,ActiveState,UnitFileState', ...units],
    limit: 30,
  })
  return parseUnits(stdout)
}

export const unitsOf = (roles: readonly Role[]): readonly string[] => roles.flatMap((role) => role.units)

/** Every unit of the old controller that swapctl stops. */
export const sourceUnits = (recipes: readonly Recipe[]): readonly string[] =>
  recipes.flatMap((recipe) => unitsOf(recipe.source))
