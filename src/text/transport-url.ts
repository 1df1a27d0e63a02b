/** A host inside a URL, and where it stands. `host` is as written: with brackets when it is IPv6; '' when there is none. */
export interface UrlHost {
  readonly host: string
  readonly start: number
}

export const hostAt = (text: string): string => /^(?:\[[^\]]*\]|[^:/?#]*)/.exec(text)?.[0] ?? ''

/**
 * The hosts of a transport URL: 'rabbit://u:p@h1:5672,u:p@h2:5672/vhost'. oslo.messaging cuts at the first '/', '?' or
 * '#' (urlparse), then at ',', then takes what follows the last '@' (oslo_messaging/transport.py, TransportURL.parse).
 * undefined: an '@' stands behind that cut, so the password holds a raw '/', '?' or '#', and what looks like the host is
 * a piece of the login. No release reads such a URL as it was meant.
 */
export const transportHosts = (url: string): readonly UrlHost[] | undefined => {
  const start = url.indexOf('://') + 3
  if (start < 3) return []
  const authority = /^[^/?#]*/.exec(url.slice(start))?.[0] ?? ''
  if (url.slice(start + authority.length).includes('@') && !authority.includes('@')) return undefined
  const found: UrlHost[] = []
  let at = start
  for (const one of authority.split(',')) {
    const before = one.lastIndexOf('@') + 1
    found.push({ host: hostAt(one.slice(before)), start: at + before })
    at += one.length + 1
  }
  return found
}
