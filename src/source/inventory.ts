import { join } from 'node:path'
import type { Access } from '../api/access.ts'
import { listInventory } from '../api/list.ts'
import { readAccess } from '../api/read.ts'
import { type Api, openApi } from '../api/session.ts'
import type { Context } from '../context.ts'
import type { Action, Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import type { HostName } from '../hosts/host.ts'
import { limitsOf } from '../limits.ts'
import type { Recipe } from '../services/recipe.ts'
import { needState, readState } from '../state.ts'
import type { Listing, Taken } from './follow.ts'
import { askListedRows, type ListedRows } from './listed-rows.ts'

/** What the new APIs must list. */
export const listingPath = (context: Context): string => join(context.config.state, 'inventory.json')

/** Its source: the serving cloud's listing, and the database rows behind it. */
const takenPath = (context: Context): string => join(context.config.state, 'inventory-taken.json')

/** The admin's login from the source's openrc file, for use on any machine. */
export const adminAccess = (context: Context): Promise<Access> =>
  readAccess(context.hosts('source'), context.config.source.openrc)

/** Logs in on a machine as the admin of the source's openrc file. */
export const openAdmin = async (context: Context, on: HostName): Promise<Api> =>
  openApi(context.hosts(on), await adminAccess(context), { limit: limitsOf(context.config).api })

/** Lists everything the recipes name, through the APIs as seen from `on`. */
export const askListing = async (context: Context, on: HostName, recipes: readonly Recipe[]): Promise<Listing> =>
  listAll(await openAdmin(context, on), recipes)

const listAll = async (api: Api, recipes: readonly Recipe[]): Promise<Listing> => {
  const items = recipes.flatMap((recipe) => recipe.inventory).filter((item) => api.url(item.type) !== undefined)
  const found: Record<string, Readonly<Record<string, unknown>>> = {}
  for (const item of items) found[item.what] = await listInventory(api, item)
  return found
}

const unseen = ({ listing, before, after }: Taken): boolean =>
  Object.entries(before).some(([what, rows]) =>
    Object.keys(listing[what] ?? {}).some((id) => rows[id] === undefined && after[what]?.[id] === undefined),
  )

/**
 * Lists the resources of a serving cloud between two readings of the rows behind it. A resource that was created and
 * deleted in between is in neither reading; then the list is made again, because what remains is in no known table.
 */
export const take = async (context: Context, api: Api): Promise<Taken> => {
  const once = async (before: ListedRows): Promise<Taken> => ({
    before,
    listing: await listAll(api, context.recipes),
    after: await askListedRows(context, api.scope.project),
  })
  const first = await once(await askListedRows(context, api.scope.project))
  return unseen(first) ? once(first.after) : first
}

/** The admin's token used on the source. A token is not stored anywhere, and it must be valid on the target too. */
export interface KeptToken {
  readonly token: string
  /** ISO 8601 */
  readonly expires: string
  /** id of the project it is scoped to */
  readonly project?: string
}

const keptOf = ({ token, expires, scope }: Api): KeptToken => ({ token, expires, project: scope.project })

const tokenPath = (context: Context): string => join(context.config.state, 'token.json')

/** undefined: none was saved, or a revert has removed it. */
export const savedToken = async (context: Context): Promise<KeptToken | undefined> => {
  return readState<KeptToken>(tokenPath(context))
}

/** Lists the cloud's resources while the old APIs still answer: the new ones are compared with this. */
export const inventoryStep = (context: Context, after: readonly string[]): Step => ({
  id: 'freeze/inventory',
  phase: 'migrate',
  title: "List the cloud's resources through the APIs of the source",
  after,
  changes: ['local'],
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
    const taken = await take(context, api)
    return [
      keep(tokenPath(context), keptOf(api), true),
      keep(takenPath(context), taken, false),
      keep(listingPath(context), taken.listing, false),
    ]
  },
  undo: async () => [{ kind: 'remove', on: 'local', path: tokenPath(context) }],
  proof: async () => countsText(await savedListing(context)),
})

export const savedListing = async (context: Context): Promise<Listing> => needState<Listing>(listingPath(context))

export const savedTaken = async (context: Context): Promise<Taken> => needState<Taken>(takenPath(context))

export const countsText = (listing: Listing): string =>
  Object.entries(listing)
    .map(([what, things]) => `${Object.keys(things).length} ${what}`)
    .join(', ')

/** A resource that the APIs list differently; undefined: not at all. */
export interface Otherwise {
  readonly what: string
  readonly id: string
  readonly before: unknown
  readonly after: unknown
}

/** The order of an object's members or of a list of names is not data. */
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((one) => JSON.stringify(plain(one))).toSorted()
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return entries.map(([key, one]) => [key, plain(one)])
}

/** For a resource that changed before the freeze only some members are known; those must be equal. */
const sameThing = (before: unknown, after: unknown): boolean => {
  if (typeof before !== 'object' || before === null || typeof after !== 'object' || after === null)
    return before === undefined && after === undefined
  const known = Object.entries(after).filter(([key]) => key in before)
  return JSON.stringify(plain(before)) === JSON.stringify(plain(Object.fromEntries(known)))
}

/** The differences between two listings, per resource. */
export const differing = (before: Listing, after: Listing): readonly Otherwise[] =>
  Object.entries(after).flatMap(([what, things]) => {
    const old = before[what] ?? {}
    const ids = [...new Set([...Object.keys(old), ...Object.keys(things)])]
    return ids
      .filter((id) => !sameThing(old[id], things[id]))
      .map((id) => ({ what, id, before: old[id], after: things[id] }))
  })

/** '{"name":"a"} became missing'. */
export const becameText = ({ before, after }: Otherwise): string =>
  `${JSON.stringify(before) ?? 'missing'} became ${JSON.stringify(after) ?? 'missing'}`

/**
 * Compares a service's lists on the target with the source's before the freeze. Throws SwapError naming each
 * difference.
 */
export const proveSameListing = async (context: Context, on: HostName, recipes: readonly Recipe[]): Promise<string> => {
  const [before, after] = [await savedListing(context), await askListing(context, on, recipes)]
  const gone = recipes
    .flatMap(({ inventory }) => inventory.map(({ what }) => what))
    .filter((what) => what in before && !(what in after))
  if (gone.length > 0)
    throw new SwapError(
      on,
      `the catalog no longer has an endpoint for: ${gone.join(', ')}`,
      'Check: openstack catalog list',
    )
  const found = differing(before, after)
  if (found.length > 0)
    throw new SwapError(
      on,
      `the APIs list other resources than before:\n  ${found.map((one) => `${one.what} ${one.id}: ${becameText(one)}`).join('\n  ')}`,
      'Check these on both sides before you continue',
    )
  return `same as before: ${countsText(after)}`
}
