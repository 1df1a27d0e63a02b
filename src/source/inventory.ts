import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Api, listInventory, openApi } from '../api.ts'
import type { Context } from '../context.ts'
import type { Action, Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { HostName } from '../hosts/host.ts'
import type { Recipe } from '../services/recipe.ts'

/** What the APIs list: 'servers' -> id -> the members that the swap must not change. */
export type Listing = Readonly<Record<string, Readonly<Record<string, unknown>>>>

const pathOf = (context: Context): string => join(context.config.state, 'inventory.json')

/** The text of the admin's openrc file on the source. */
export const readOpenrc = async (context: Context): Promise<string> => {
  const { code, stdout, stderr } = await context.hosts('source').run({ argv: ['cat', context.config.source.openrc] })
  if (code !== 0) throw new SwapError('source', stderr.trim(), 'Name an admin openrc file in [source] openrc')
  return stdout
}

/** Logs in on a machine as the admin of the source's openrc file. */
export const openAdmin = async (context: Context, on: HostName): Promise<Api> =>
  openApi(context.hosts(on), await readOpenrc(context))

/** Lists everything the recipes name, through the APIs as `on` reaches them. */
export const askListing = async (context: Context, on: HostName, recipes: readonly Recipe[]): Promise<Listing> =>
  listAll(await openAdmin(context, on), recipes)

const listAll = async (api: Api, recipes: readonly Recipe[]): Promise<Listing> => {
  const items = recipes.flatMap((recipe) => recipe.inventory).filter((item) => api.url(item.type) !== undefined)
  const found: Record<string, Readonly<Record<string, unknown>>> = {}
  for (const item of items) found[item.what] = await listInventory(api, item)
  return found
}

/** The admin's token with which the source was asked. A token writes nothing anywhere; it has to be good on the target too. */
export interface KeptToken {
  readonly token: string
  /** ISO 8601 */
  readonly expires: string
  /** the id of the project it is scoped to */
  readonly project?: string
}

const keptOf = ({ token, expires, scope }: Api): KeptToken => ({ token, expires, project: scope.project })

const tokenPath = (context: Context): string => join(context.config.state, 'token.json')

/** undefined: none was kept, or a revert has removed it. */
export const savedToken = async (context: Context): Promise<KeptToken | undefined> => {
  try {
    return JSON.parse(await readFile(tokenPath(context), 'utf8')) as KeptToken
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Lists what the cloud holds while the old APIs still answer: what the new ones are compared with. */
export const inventoryStep = (context: Context, after: readonly string[]): Step => ({
  id: 'freeze/inventory',
  phase: 'migrate',
  title: 'List what the cloud holds through the APIs of the source',
  after,
  run: async () => {
    const api = await openAdmin(context, 'source')
    const keep = (path: string, value: unknown, secret: boolean): Action => ({
      kind: 'write',
      on: 'local',
      path,
      mode: '0600',
      content: `${JSON.stringify(value)}\n`,
      secret,
    })
    const listing = await listAll(api, context.recipes)
    return [keep(tokenPath(context), keptOf(api), true), keep(pathOf(context), listing, false)]
  },
  undo: async () => [{ kind: 'remove', on: 'local', path: tokenPath(context) }],
  proof: async () => countsText(await savedListing(context)),
})

export const savedListing = async (context: Context): Promise<Listing> =>
  JSON.parse(await readFile(pathOf(context), 'utf8')) as Listing

const countsText = (listing: Listing): string =>
  Object.entries(listing)
    .map(([what, things]) => `${Object.keys(things).length} ${what}`)
    .join(', ')

/** A thing that the APIs list otherwise than before; undefined: not at all. */
export interface Otherwise {
  readonly what: string
  readonly id: string
  readonly before: unknown
  readonly after: unknown
}

/** What differs between two listings, thing by thing. Pure. */
export const differing = (before: Listing, after: Listing): readonly Otherwise[] =>
  Object.entries(after).flatMap(([what, things]) => {
    const old = before[what] ?? {}
    const ids = [...new Set([...Object.keys(old), ...Object.keys(things)])]
    return ids
      .filter((id) => JSON.stringify(old[id]) !== JSON.stringify(things[id]))
      .map((id) => ({ what, id, before: old[id], after: things[id] }))
  })

/** '{"name":"a"} became missing'. Pure. */
export const becameText = ({ before, after }: Otherwise): string =>
  `${JSON.stringify(before) ?? 'missing'} became ${JSON.stringify(after) ?? 'missing'}`

/** Compares a service's lists on the target with those of the source before the freeze. Throws SwapError naming each difference. */
export const proveSameListing = async (context: Context, on: HostName, recipes: readonly Recipe[]): Promise<string> => {
  const after = await askListing(context, on, recipes)
  const found = differing(await savedListing(context), after)
  if (found.length > 0)
    throw new SwapError(
      on,
      `the APIs list other things than before:\n  ${found.map((one) => `${one.what} ${one.id}: ${becameText(one)}`).join('\n  ')}`,
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
