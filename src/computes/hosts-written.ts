import { isIPv6 } from 'node:net'
import type { Use } from '../services/agent.ts'
import { isDatabaseUrl, readDatabaseUrl } from '../text/database-url.ts'
import { placesIn } from '../text/hosts-in.ts'
import { transportHosts } from '../text/transport-url.ts'
import { addressesIn } from '../transfer/addresses.ts'

/** A piece of a text that is replaced. Offsets count characters. */
export interface Span {
  readonly start: number
  readonly length: number
  readonly text: string
}

/** The spans in ascending order, or why the value cannot be rewritten safely. */
export type Rewritten = { readonly spans: readonly Span[] } | { readonly why: string }

/** The new host for a host (without brackets); undefined: it stays. */
export type Replacing = (host: string) => string | undefined

/** One entry of a list: where it is, where its host is, and what makes two entries the same. */
interface Item {
  readonly start: number
  readonly end: number
  readonly host: { readonly start: number; readonly end: number }
  /** where the part begins that makes two entries the same: after the login of a broker */
  readonly from: number
}

const hostPattern = /^(?:\[[^\]]*\]|[^:/?#\s]*)/

const itemOf = (value: string, start: number, end: number, hostStart: number, from = start): Item => {
  const host = hostPattern.exec(value.slice(hostStart, end))?.[0] ?? ''
  return { start, end, host: { start: hostStart, end: hostStart + host.length }, from }
}

/** The words between commas, with their offsets. */
const parted = (text: string, at: number, sign: RegExp): readonly { readonly start: number; readonly end: number }[] =>
  [...text.matchAll(sign)].map((match) => ({ start: at + match.index, end: at + match.index + match[0].length }))

/** The brokers of a transport URL. undefined: its parts are not clear, or only some of them have a login. */
const brokers = (value: string): readonly Item[] | undefined => {
  const hosts = transportHosts(value)
  if (hosts === undefined) return undefined
  const start = value.indexOf('://') + 3
  const authority = /^[^/?#]*/.exec(value.slice(start))?.[0] ?? ''
  const parts = parted(authority, start, /[^,]+/g)
  const logins = parts.filter((part) => value.slice(part.start, part.end).includes('@')).length
  if (logins !== 0 && logins !== parts.length) return undefined
  const items = parts.map(({ start: at, end }) => {
    const host = at + value.slice(at, end).lastIndexOf('@') + 1
    return itemOf(value, at, end, host, host)
  })
  return items.every(({ host }, index) => host.start === hosts[index]?.start) ? items : undefined
}

const scheme = /[a-z][a-z0-9+.-]{0,40}:\/\//gi

/** URLs, alone or in a list; several hosts of one URL are entries of their own. */
const urls = (value: string): readonly Item[] | undefined => {
  const begins = [...value.matchAll(scheme)]
  return begins.flatMap((match, index) => {
    const start = match.index
    const after = start + match[0].length
    const next = begins[index + 1]?.index ?? value.length
    const end = start + value.slice(start, next).replace(/[\s,]+$/, '').length
    const authority = /^[^/?#\s'"<>]*/.exec(value.slice(after, end))?.[0] ?? ''
    const login = authority.lastIndexOf('@') + 1
    const hosts = parted(authority.slice(login), after + login, /[^,]+/g)
    if (hosts.length === 1) return [itemOf(value, start, end, hosts[0]?.start ?? end)]
    return hosts.map((host) => itemOf(value, host.start, host.end, host.start))
  })
}

const database = (value: string): readonly Item[] | undefined => {
  const { meant } = readDatabaseUrl(value)
  return meant === undefined || meant.host === '' ? undefined : [itemOf(value, 0, value.length, meant.start)]
}

/** 'a:11211, inet6:[fd00::1]:11211', 'tcp:10.0.0.1:6642', 'url:10.0.0.1:11211', 'a' */
const plain = (value: string): readonly Item[] =>
  parted(value, 0, /[^,\s]+/g).map(({ start, end }) => {
    const word = value.slice(start, end)
    const before = /^(?:tcp|ssl|inet6?|url):(?=.)/.exec(word)?.[0].length ?? 0
    // An IPv6 address without brackets has no port.
    return isIPv6(word.slice(before))
      ? { start, end, host: { start: start + before, end }, from: start }
      : itemOf(value, start, end, start + before)
  })

const itemsOf = (value: string, use: Use): readonly Item[] | undefined => {
  if (!value.includes('://')) return plain(value)
  if (isDatabaseUrl(value)) return database(value)
  return use === 'queue' ? brokers(value) : urls(value)
}

const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1')

/** An IPv6 address has brackets wherever the old host had them, or a port or a path may follow. */
const written = (value: string, { host }: Item, to: string): string =>
  isIPv6(to) && (value[host.start] === '[' || value[host.end] === ':' || value.includes('://')) ? `[${to}]` : to

const whole = (value: string): { readonly inner: string; readonly at: number } =>
  /^(["']).*\1$/s.test(value) ? { inner: value.slice(1, -1), at: 1 } : { inner: value, at: 0 }

const applied = (value: string, spans: readonly Span[]): string =>
  spans
    .toReversed()
    .reduce((text, { start, length, text: by }) => text.slice(0, start) + by + text.slice(start + length), value)

/**
 * The edits that put a new host in the place of old ones in the value of an option, as it is written on one line. Of
 * entries of a list that become the same, the first stays. Everything else (logins, ports, paths, signs between
 * entries) is kept as it is. `why`, in words, when the result would not be sure.
 */
export const rewriteHosts = (value: string, use: Use, to: Replacing): Rewritten => {
  const { inner, at } = whole(value)
  if (value.includes('\n')) return { why: 'its value is spread over several lines' }
  const items = itemsOf(inner, use)
  if (items === undefined) return { why: 'its URL can be read in more than one way' }
  const seen = new Map<string, boolean>()
  const spans: Span[] = []
  for (const [index, item] of items.entries()) {
    const { host, from, end } = item
    const next = to(bare(inner.slice(host.start, host.end)))
    const by = next === undefined ? inner.slice(host.start, host.end) : written(inner, item, next)
    const key = inner.slice(from, host.start) + by + inner.slice(host.end, end)
    const twin = seen.get(key)
    const before = items[index - 1]?.end
    if (before !== undefined && twin !== undefined && (twin || next !== undefined))
      spans.push({ start: before, length: end - before, text: '' })
    else if (next !== undefined) spans.push({ start: host.start, length: host.end - host.start, text: by })
    seen.set(key, twin === true || next !== undefined)
  }
  const rest = left(applied(inner, spans), to)
  if (rest !== undefined) return { why: `it would still name ${rest}` }
  return { spans: spans.map((span) => ({ ...span, start: span.start + at })) }
}

/** An old host that the new value still names, also where it is not looked for: in the query of a URL. */
const left = (value: string, to: Replacing): string | undefined =>
  [...placesIn(value).map(({ host }) => host), ...addressesIn(value)].find((host) => to(host) !== undefined)

/** The value with these edits. */
export const withSpans = applied
