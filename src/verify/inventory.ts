import { join } from 'node:path'
import type { Context } from '../context.ts'
import { stateOf } from '../engine/journal.ts'
import { readJournal } from '../engine/journal-file.ts'
import type { Recipe } from '../services/recipe.ts'
import { askListing, becameText, differing, type Otherwise, savedListing } from '../source/inventory.ts'
import type { Difference } from './difference.ts'

/** How the target's APIs list a resource differently from the source's before the freeze. */
export const differenceOfListing = (recipes: readonly Recipe[], one: Otherwise): Difference => {
  const recipe = recipes.find(({ inventory }) => inventory.some(({ what }) => what === one.what))
  const item = recipe?.inventory.find(({ what }) => what === one.what)
  return {
    part: 'inventory',
    ...(recipe === undefined ? {} : { service: recipe.name }),
    where: `${one.what} ${one.id}`,
    says: becameText(one),
    look: `GET ${item?.path ?? one.what} of the ${item?.type ?? ''} API, as the admin of the openrc file; before: inventory.json in the state directory`,
  }
}

/** After the move users work with the new APIs, and changes in their lists are no longer the swap's. */
const isServing = async ({ config }: Context): Promise<boolean> => {
  const { entries } = await readJournal(join(config.state, 'journal.jsonl'), config.name)
  return !['pending', 'undone'].includes(stateOf({ entries }, 'cutover/move'))
}

const compare = async (context: Context, recipes: readonly Recipe[]): Promise<readonly Otherwise[]> =>
  differing(await savedListing(context), await askListing(context, 'target', recipes))

/** Differences per resource. [] once the target serves: see `inventorySays`. */
export const inventoryDifferences = async (
  context: Context,
  recipes: readonly Recipe[],
): Promise<readonly Difference[]> =>
  (await isServing(context)) ? [] : (await compare(context, recipes)).map((one) => differenceOfListing(recipes, one))

const mostSaid = 20

/** '3 new, 1 gone, 2 changed since the freeze: ...' */
export const sinceText = (found: readonly Otherwise[]): string => {
  if (found.length === 0) return 'the target serves and lists the same as the source'
  const count = (kind: (one: Otherwise) => boolean): number => found.filter(kind).length
  const made = count(({ before }) => before === undefined)
  const gone = count(({ after }) => after === undefined)
  const lines = found.slice(0, mostSaid).map((one) => `${one.what} ${one.id}: ${becameText(one).replaceAll(';', ',')}`)
  const more = found.length > mostSaid ? [`and ${found.length - mostSaid} more`] : []
  return [
    `the target serves: since the freeze ${made} new, ${gone} gone, ${found.length - made - gone} changed`,
    ...lines,
    ...more,
  ].join('; ')
}

/** For a target that serves: what has changed in the lists. */
export const inventorySays = async (context: Context, recipes: readonly Recipe[]): Promise<string> =>
  (await isServing(context)) ? sinceText(await compare(context, recipes)) : ''
