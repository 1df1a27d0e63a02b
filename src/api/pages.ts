type Page = Readonly<Record<string, unknown>>

/** The link to the next page, in each service's format: nova, cinder, neutron; glance; keystone; heat. */
const nextLink = (page: Page, list: string): string | undefined => {
  const rel = (links: unknown): string | undefined =>
    Array.isArray(links)
      ? (links as readonly { rel?: string; href?: string }[]).find((link) => link.rel === 'next')?.href
      : undefined
  const { links } = page
  const plain = typeof links === 'object' && links !== null ? (links as { next?: unknown }).next : undefined
  const singular = list.replace(/s$/, '')
  return [rel(page[`${list}_links`]), rel(page[`${singular}_links`]), rel(links), page['next'], plain].find(
    (link): link is string => typeof link === 'string',
  )
}

/** The path with some query parameters replaced. */
const withQuery = (path: string, given: URLSearchParams): string => {
  const [place = '', query = ''] = path.split('?', 2)
  const asked = new URLSearchParams(query)
  for (const name of new Set(given.keys())) {
    asked.delete(name)
    for (const value of given.getAll(name)) asked.append(name, value)
  }
  return asked.size === 0 ? place : `${place}?${asked}`
}

/**
 * The path of the page that a service links to. Only the link's query is used: services behind a proxy link to other
 * hosts and schemes, which must not receive the token. undefined: no link.
 */
export const linkedPath = (path: string, page: Page, list: string): string | undefined => {
  const link = nextLink(page, list)
  return link === undefined ? undefined : withQuery(path, new URLSearchParams(link.split('?', 2)[1] ?? ''))
}

/**
 * The next path when a service gives no link: a list read by `offset` ends with an empty page, because a page may be
 * shorter than requested; a page as long as `limit` may have been cut off.
 */
export const guessedPath = (path: string, ids: readonly string[]): string | undefined => {
  const asked = new URLSearchParams(path.split('?', 2)[1] ?? '')
  const [offset, limit, last] = [asked.get('offset'), asked.get('limit'), ids.at(-1)]
  if (last === undefined) return undefined
  if (offset !== null) return withQuery(path, new URLSearchParams({ offset: String(Number(offset) + ids.length) }))
  return ids.length === Number(limit) ? withQuery(path, new URLSearchParams({ marker: last })) : undefined
}

/** What identifies a page. */
export const markerIn = (path: string): string => {
  const asked = new URLSearchParams(path.split('?', 2)[1] ?? '')
  return ['marker', 'offset', 'page'].map((name) => asked.get(name) ?? '').join(' ')
}
