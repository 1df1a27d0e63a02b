import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Api, listInventory, openApi } from '../api.ts'
import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { HostName } from '../hosts/host.ts'
import type { Recipe } from '../services/recipe.ts'

/** What the APIs list: 'servers' -> id -> the members that the swap must not change. */
export type Listing = Readonly<Record<string, Readonly<Record<string, unknown>>>>

const pathOf = (context: Context): string => join(context.config.state, 'inventory.json')

/** Logs in on a machine as the admin of the source's openrc file. */
export const openAdmin = async (context: Context, on: HostName): Promise<Api> => {
  const { code, stdout, stderr } = await context.hosts('source').run({ argv: ['cat', context.config.source.openrc] })
  if (code !== 0) throw new SwapError('source', stderr.trim(), 'Name an admin openrc file in [source] openrc')
  return openApi(context.hosts(on), stdout)
}

/** Lists everything the recipes name, through the APIs as `on` reaches them. */
export const askListing = async (context: Context, on: HostName, recipes: readonly Recipe[]): Promise<Listing> => {
  const api = await openAdmin(context, on)
  const items = recipes.flatMap((recipe) => recipe.inventory).filter((item) => api.url(item.type) !== undefined)
  const found: Record<string, Readonly<Record<string, unknown>>> = {}
  for (const item of items) found[item.what] = await listInventory(api, item)
  return found
}

/** Lists what the cloud holds while the old APIs still answer: what the new ones are compared with. */
export const inventoryStep = (context: Context, after: readonly string[]): Step => ({
  id: 'freeze/inventory',
  phase: 'migrate',
  title: 'List what the cloud holds through the APIs of the source',
  after,
  run: async () => [
    {
      kind: 'write',
      on: 'local',
      path: pathOf(context),
      mode: '0600',
      content: `${JSON.stringify(await askListing(context, 'source', context.recipes))}\n`,
    },
  ],
  undo: nothing,
  proof: async () => countsText(await savedListing(context)),
})

export const savedListing = async (context: Context): Promise<Listing> =>
  JSON.parse(await readFile(pathOf(context), 'utf8')) as Listing

const countsText = (listing: Listing): string =>
  Object.entries(listing)
    .map(([what, things]) => `${Object.keys(things).length} ${what}`)
    .join(', ')

/** What differs between two listings, thing by thing. Pure. */
export const compareListings = (before: Listing, after: Listing): readonly string[] =>
  Object.entries(after).flatMap(([what, things]) => {
    const old = before[what] ?? {}
    const ids = [...new Set([...Object.keys(old), ...Object.keys(things)])]
    return ids
      .filter((id) => JSON.stringify(old[id]) !== JSON.stringify(things[id]))
      .map(
        (id) =>
          `${what} ${id}: ${JSON.stringify(old[id]) ?? 'missing'} became ${JSON.stringify(things[id]) ?? 'missing'}`,
      )
  })

/** Compares a service's lists on the target with those of the source before the freeze. Throws SwapError naming each difference. */
export const proveSameListing = async (context: Context, on: HostName, recipes: readonly Recipe[]): Promise<string> => {
  const after = await askListing(context, on, recipes)
  const found = compareListings(await savedListing(context), after)
  if (found.length > 0)
    throw new SwapError(
      on,
      `the APIs list other things than before:\n  ${found.join('\n  ')}`,
      'Look at these on both sides before going on',
    )
  return `same as before: ${countsText(after)}`
}

/** After a revert: the old APIs answer, and list what they listed. Waits for them for a minute. */
export const proveServing = async (context: Context): Promise<string> => {
  for (let tries = 0; ; tries++) {
    try {
      return await proveSameListing(context, 'source', context.recipes)
    } catch (error) {
      if (tries === 30) throw error
      await new Promise((wake) => setTimeout(wake, 2000))
    }
  }
}
