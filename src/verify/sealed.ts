import { askSealed, type Opened } from '../ask/sealed.ts'
import type { Context } from '../context.ts'
import { SwapError } from '../errors.ts'
import type { Recipe } from '../services/recipe.ts'
import type { Sealed } from '../services/sealed.ts'
import type { Difference } from './difference.ts'
import { differenceText } from './text.ts'

interface Asked {
  readonly recipe: Recipe
  readonly sealed: Sealed
  readonly found: Opened | undefined
}

/** Every service with data that only its own code can read, and what that code reads of it on the target. */
const askAll = async (context: Context, recipes: readonly Recipe[]): Promise<readonly Asked[]> => {
  const asked: Asked[] = []
  for (const recipe of recipes) {
    const { sealed } = recipe
    const databases = context.survey.services.find(({ name }) => name === recipe.name)?.databases ?? []
    const database = databases.find(({ repo }) => repo === sealed?.repo)
    if (sealed === undefined || database === undefined) continue
    asked.push({ recipe, sealed, found: await askSealed(context.hosts('target'), recipe, sealed, database.name) })
  }
  return asked
}

const differencesOf = ({ recipe, sealed, found }: Asked): readonly Difference[] => {
  const of = (where: string, says: string): Difference => ({
    part: 'sealed',
    service: recipe.name,
    where,
    says,
    look: `compare ${sealed.key} of both sides`,
  })
  if (found === undefined) return [of(sealed.what, `cannot be read: the code of ${recipe.name} is not on the target`)]
  return found.closed.map(([id, why]) => of(id, `cannot be read with the settings of the target (${why})`))
}

/** Sealed rows that the target's own code and settings cannot read. */
export const sealedDifferences = async (context: Context, recipes: readonly Recipe[]): Promise<readonly Difference[]> =>
  (await askAll(context, recipes)).flatMap(differencesOf)

/** What could be read, or that there is nothing sealed. */
export const sealedSay = async (context: Context, recipes: readonly Recipe[]): Promise<string> => {
  const asked = await askAll(context, recipes)
  if (asked.length === 0) return 'these services encrypt nothing with keys of their own settings'
  return asked.map(openedText).join('; ')
}

const openedText = ({ sealed, found }: Asked): string => `${found?.opened ?? 0} ${sealed.what} opened`

/** For a service that has just started: what it can read. Throws SwapError that names where the key is. */
export const proveSealed = async (context: Context, recipe: Recipe): Promise<readonly string[]> => {
  const [asked] = await askAll(context, [recipe])
  if (asked === undefined) return []
  const found = differencesOf(asked)
  if (found.length > 0)
    throw new SwapError(
      'target',
      `what ${recipe.name} has encrypted cannot be read on the target:\n  ${found.map(differenceText).join('\n  ')}`,
      `Compare ${asked.sealed.key} of both sides: it must be the same`,
      { final: true },
    )
  return [openedText(asked)]
}
