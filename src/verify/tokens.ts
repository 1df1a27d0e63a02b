import type { Context } from '../context.ts'
import { SwapError } from '../errors.ts'
import type { Inventory, Recipe } from '../services/recipe.ts'
import { type KeptToken, openAdmin, savedToken } from '../source/inventory.ts'
import { fileStorage } from '../transfer/stored.ts'
import type { Difference } from './difference.ts'
import { differenceText } from './text.ts'

/** Why the token cannot be used for the proof; undefined: it can. */
export const tokenUnfit = (kept: KeptToken | undefined, now: Date): string | undefined => {
  if (kept === undefined) return 'no token from before the freeze was kept'
  return new Date(kept.expires) <= now ? `the token from before the freeze expired at ${kept.expires}` : undefined
}

interface Refusal {
  readonly recipe: Recipe
  readonly path: string
  readonly error: SwapError
}

const refused = ({ recipe, path, error }: Refusal): Difference => ({
  part: 'tokens',
  service: recipe.name,
  where: 'admin token from before the freeze',
  says: `${recipe.name} refuses it: ${error.message}`,
  look: `journalctl -u ${recipe.target[0]?.units[0] ?? recipe.name} -n 50; on the target, where ${path} was asked; compare ${fileStorage(recipe)[0]?.path ?? recipe.etc[0]} of both sides`,
})

/** The issuer is asked for what only a valid token may see, other services for one of their lists. */
const askedOf = (recipe: Recipe): Pick<Inventory, 'type' | 'path'> | undefined => recipe.tokens ?? recipe.inventory[0]

const askRefusals = async (context: Context, recipes: readonly Recipe[]): Promise<readonly Refusal[]> => {
  const kept = await savedToken(context)
  if (kept === undefined || tokenUnfit(kept, new Date()) !== undefined) return []
  const api = (await openAdmin(context, 'target')).withToken(kept.token)
  const found: Refusal[] = []
  for (const recipe of recipes) {
    const asked = askedOf(recipe)
    if (asked === undefined || api.url(asked.type) === undefined) continue
    await api.get(asked.type, asked.path).catch((error: unknown) => {
      if (!(error instanceof SwapError)) throw error
      found.push({ recipe, path: asked.path, error })
    })
  }
  return found
}

/**
 * Services of the target that refuse the token used on the source before the freeze. [] once the token has expired,
 * because then nothing is known.
 */
export const tokenDifferences = async (context: Context, recipes: readonly Recipe[]): Promise<readonly Difference[]> =>
  (await askRefusals(context, recipes)).map(refused)

export const tokensSay = async (context: Context): Promise<string> =>
  tokenUnfit(await savedToken(context), new Date()) ?? ''

/** For a service that has just started: what to report about the token. Throws SwapError when it is refused. */
export const proveTokens = async (context: Context, recipe: Recipe): Promise<readonly string[]> => {
  const unfit = await tokensSay(context)
  if (unfit !== '') return [unfit]
  const found = await askRefusals(context, [recipe])
  if (found.length > 0)
    throw new SwapError(
      'target',
      found.map(refused).map(differenceText).join('\n  '),
      'Check that all token keys were copied, with owner and mode',
      { final: found.some(({ error }) => error.final) },
    )
  return ['a token from before the freeze works']
}
