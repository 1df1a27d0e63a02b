/** A host inside a URL and its position. `host` is as written: with brackets when it is IPv6; '' when absent. */
export interface UrlHost {
  readonly host: string
  readonly start: number
}

export const hostAt = (text: string): string => /^(?:\[[^\]]*\]|[^:/?#]*)/.exec(text)?.[0] ?? ''

/** Whether a host ('u:p@host:5672') is followed by nothing, a port, or a placeholder of a cell's template. */
const hasPort = (part: string): boolean =>
  /^(?:\[[^\]]*\]|[^:]*)(?::(?:\d*|\{\w+\}|None))?$/.test(part.slice(part.lastIndexOf('@') + 1))

/**
 * The hosts of a transport URL: 'rabbit://u:p@h1:5672,u:p@h2:5672/vhost'. oslo.messaging cuts at the first '/', '?' or
 * '#' (urlparse), splits at ',', then takes what follows the last '@' (oslo_messaging/transport.py,
 * TransportURL.parse).
 * Empty parts are skipped there.
 * undefined: there is an '@' after that cut, or a port is not a number: then the password contains a raw '/', '?', '#'
 * or ',', a supposed host is part of it, and no release reads the URL as intended. Also when HOST:PORT without a login
 * precedes a host with one: 'u:12,x@h' may be such a password.
 */
export const transportHosts = (url: string): readonly UrlHost[] | undefined => {
  const start = url.indexOf('://') + 3
  if (start < 3) return []
  const authority = /^[^/?#]*/.exec(url.slice(start))?.[0] ?? ''
  if (url.slice(start + authority.length).includes('@') && !authority.includes('@')) return undefined
  const parts = authority.split(',')
  const [first = ''] = parts
  if (parts.some((one) => !hasPort(one)) || (authority.includes('@') && /^[^[@]+:[^@]*$/.test(first))) return undefined
  const found: UrlHost[] = []
  let at = start
  for (const one of parts) {
    const before = one.lastIndexOf('@') + 1
    if (one !== '' || parts.length === 1) found.push({ host: hostAt(one.slice(before)), start: at + before })
    at += one.length + 1
  }
  return found
}
