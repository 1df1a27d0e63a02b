import type { Context } from '../context.ts'
import type { Release } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import { programsOf } from './hop-look.ts'
import { hopArgv, type Place } from './hops-env.ts'

/** Seconds for a tool to print its help. */
const limit = 120

/**
 * Starts a service's tool in an environment, in the unit of its later calls but without a network: proves that the
 * code, its Python and the unit work on this machine. Undefined when it starts, otherwise what it said.
 */
export const tryTool = async (
  { hosts }: Pick<Context, 'hosts'>,
  { place, release }: { readonly place: Place; readonly release: Release },
  recipe: Recipe,
): Promise<string | undefined> => {
  const [program = ''] = programsOf(recipe, release)
  const target = hosts('target')
  // Before prepare has installed the packages the service has no account.
  const account = await target.run({ argv: ['id', '-u', recipe.user] })
  const user = account.code === 0 ? recipe.user : 'root'
  const argv = hopArgv(place, [program, '--help'], user, limit, ['PrivateNetwork=yes'])
  const { code, stderr } = await target.run({ argv, limit })
  return code === 0 ? undefined : `${program} exited ${code}: ${stderr.trim().split('\n').at(-1)}`
}
