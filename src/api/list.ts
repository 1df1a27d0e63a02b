import { createHash } from 'node:crypto'
import { SwapError } from '../errors.ts'
import type { Inventory } from '../services/recipe.ts'
import { guessedPath, linkedPath, markerIn } from './pages.ts'
import type { Api } from './session.ts'

type Entry = Readonly<Record<string, unknown>>
type Asked = Pick<Api, 'get'>

/**
 * What an API lists over all pages: for each id the values that must not change. An item shown on two pages counts
 * once. Throws SwapError for a list that is cut off, does not end, or cannot be parsed.
 */
export const listInventory = async (api: Asked, item: Inventory): Promise<Readonly<Record<string, unknown>>> => {
  const found: Record<string, unknown> = {}
  const seen = new Set<string>()
  const markers = new Set<string>()
  for (let path: string | undefined = item.path; path !== undefined; ) {
    if (markers.has(markerIn(path))) throw unlisted(item, path, 'links to a page that was already read')
    markers.add(markerIn(path))
    const page = await askPage(api, item, path)
    const { ids } = page
    const fresh = ids.filter((id) => !seen.has(id))
    // A service that does not support markers returns the same page again.
    if (ids.length > 0 && fresh.length === 0) {
      if (!page.linked) break
      throw unlisted(item, path, 'repeats resources that were already listed')
    }
    for (const id of fresh) seen.add(id)
    for (const entry of page.entries) if (!isOwn(item, entry)) found[idOf(item, entry)] = kept(item, entry)
    path = page.next
  }
  return found
}

interface Page {
  readonly entries: readonly Entry[]
  readonly ids: readonly string[]
  readonly next: string | undefined
  /** the service itself links to a next page */
  readonly linked: boolean
}

/** One page. Throws SwapError when the answer is not a list, or was cut off. */
export const askPage = async (api: Asked, item: Inventory, path: string): Promise<Page> => {
  const page = (await api.get(item.type, path).catch(absent(item))) as Entry | null
  const entries = page?.[item.list]
  if (page === null || !Array.isArray(entries)) throw unlisted(item, path, `has no list '${item.list}'`)
  const linked = linkedPath(path, page, item.list)
  if (page['truncated'] === true && linked === undefined)
    throw unlisted(
      item,
      path,
      'is truncated (list_limit in the configuration of the service)',
      'Raise list_limit there',
    )
  const ids = (entries as readonly Entry[]).map((entry) => idOf(item, entry))
  return { entries, ids, next: linked ?? guessedPath(path, ids), linked: linked !== undefined }
}

const idOf = (item: Inventory, entry: Entry): string => {
  const id = String(entry[item.id ?? 'id'])
  return item.linked ? id.slice(id.lastIndexOf('/') + 1) : id
}

const kept = (item: Inventory, entry: Entry): Entry => ({
  ...Object.fromEntries(item.fields.map((field) => [field, entry[field] ?? null])),
  ...Object.fromEntries((item.secrets ?? []).map((field) => [field, sum(entry[field] ?? null)])),
})

/** An extension that is not loaded has no resources. */
const absent =
  (item: Inventory) =>
  (error: unknown): unknown => {
    const status = error instanceof SwapError ? (error.details as { status?: number } | undefined)?.status : undefined
    if (item.extension === true && status === 404) return { [item.list]: [] }
    throw error
  }

const isOwn = ({ own }: Inventory, entry: Entry): boolean => own !== undefined && entry[own.field] === own.value

/** A page that cannot be parsed must not look like an empty list. */
const unlisted = ({ type, what }: Inventory, path: string, why: string, next = "Read the service's log"): SwapError =>
  new SwapError(`${type}: GET ${path}`, `the answer ${why}: ${what} cannot be listed`, next, { final: true })

const sum = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')
