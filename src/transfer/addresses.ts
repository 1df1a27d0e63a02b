import { isIP } from 'node:net'
import type { Config } from '../config.ts'
import { refuse } from '../errors.ts'
import { canonical } from '../text/canonical.ts'
import { isDatabaseUrl, readDatabaseUrl } from '../text/database-url.ts'
import { inRange, type Range, rangesIn } from '../text/ranges.ts'

/**
 * The source's own addresses, each with its replacement on the target. Moving addresses are not included, because they
 * stay as they are. `stays`: addresses of the source that neither move nor have a counterpart; a value that names one
 * is wrong on the target.
 */
export interface AddressMap {
  readonly pairs: ReadonlyMap<string, string>
  readonly stays: ReadonlySet<string>
  /** the source's host name; a value that uses it as a host leads from the target to the old machine */
  readonly hostname?: string
}

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'

/** `own` and `hostname`: all addresses of the source and its name, to find what the settings leave out. */
export const addressMap = (
  config: Pick<Config, 'counterparts' | 'addresses' | 'file'>,
  own: readonly string[] = [],
  hostname?: string,
): AddressMap => {
  const pairs = new Map<string, string>()
  for (const { source, target } of config.counterparts) {
    if (isIP(source) === 0 || isIP(source) !== isIP(target))
      throw refuse(
        config.file,
        `[source] host ${source} and [target] host ${target} are not two addresses of one family`,
        'Write the addresses themselves: rows and settings that name the first are made to name the second',
      )
    pairs.set(canonical(source), target)
  }
  const moving = new Set(config.addresses.map(({ address }) => canonical(address)))
  const forgotten = own.map(canonical).filter((it) => !(isLoopback(it) || moving.has(it) || pairs.has(it)))
  return { pairs, stays: new Set(forgotten), ...(hostname === undefined ? {} : { hostname }) }
}

// A complete address: not part of a longer number, name or address on either side.
const v4 = String.raw`(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\w)`
const v6 = String.raw`(?<![\w.:-])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:[0-9A-Fa-f]{1,4}|\d{1,3}(?:\.\d{1,3}){3})?(?![\w.:-])`
const bracketed = String.raw`(?<=\[)[0-9A-Fa-f:.]+(?=\])`
const address = new RegExp(`${bracketed}|${v6}|${v4}`, 'g')

/** What becomes of an address; a range stays as it is. */
interface Each {
  readonly one: (address: string) => string
  readonly range?: (range: Range) => void
}

const inWords = (text: string, { one }: Each): string =>
  text.replace(address, (found) => (isIP(found) === 0 ? found : one(found)))

/** The ends of a range are not addresses by themselves: with one of them replaced it would be another range. */
const inText = (text: string, each: Each): string => {
  let out = ''
  let at = 0
  for (const range of rangesIn(text)) {
    each.range?.(range)
    out += inWords(text.slice(at, range.start), each) + range.text
    at = range.start + range.text.length
  }
  return out + inWords(text.slice(at), each)
}

/**
 * `scheme://user:password@host:port,user:password@host:port/path?query`. A password may contain a slash, as SQLAlchemy
 * reads it: everything up to an @ belongs to it. The path is left alone; addresses in the query are hosts (sentinels,
 * cluster members).
 */
const inUrl = (url: string, each: Each): string => {
  const [, scheme = '', rest = ''] = /^([^:]+:\/\/)(.*)$/s.exec(url) ?? []
  const authority = (/^https?:/i.test(scheme) ? /^[^/?#]*/ : /^(?:[^:/@]*:[^@]*@)?[^/?#]*/).exec(rest)?.[0] ?? ''
  const [path = '', query] = splitOnce(rest.slice(authority.length), '?')
  const hosts = authority.split(',').map((part) => {
    const at = part.lastIndexOf('@') + 1
    return part.slice(0, at) + inText(part.slice(at), each)
  })
  return `${scheme}${hosts.join(',')}${path}${query === undefined ? '' : `?${inText(query, each)}`}`
}

const splitOnce = (text: string, sign: string): readonly [string, string?] => {
  const at = text.indexOf(sign)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

// A URL ends at a blank, a quote, or the comma before the next URL of a list. A blank followed by an @ belongs to the
// password.
// The length of a scheme is limited, because one is looked for at each letter of a long word.
const scheme = String.raw`[A-Za-z][A-Za-z0-9+.-]{0,40}:\/\/`
const urls = new RegExp(
  String.raw`${scheme}(?:(?!https?:)[^:/@\s]*:(?:(?!:\/\/)[^@\n])*@)?(?:(?!,\s*${scheme})[^\s"'])*`,
  'g',
)

/** A database URL by its own rules; unchanged when its host is unclear (a check blocks, and the merge says LOOK). */
const inDatabaseUrl = (value: string, each: Each): string => {
  const [, quote = '', url = ''] = /^(["']?)(.*?)\1$/s.exec(value) ?? []
  const { meant } = readDatabaseUrl(url)
  if (meant === undefined) return value
  const host = inText(meant.host, each)
  const [path = '', query] = splitOnce(url.slice(meant.start + meant.host.length), '?')
  const rest = query === undefined ? path : `${path}?${inText(query, each)}`
  return `${quote}${url.slice(0, meant.start)}${host}${rest}${quote}`
}

const inValue = (value: string, each: Each): string => {
  if (isDatabaseUrl(value.replace(/^["']/, ''))) return inDatabaseUrl(value, each)
  let out = ''
  let at = 0
  for (const found of value.matchAll(urls)) {
    out += inText(value.slice(at, found.index), each) + inUrl(found[0], each)
    at = found.index + found[0].length
  }
  return out + inText(value.slice(at), each)
}

/**
 * Replaces complete addresses of the source in an option's value: alone, in lists, with port or prefix length, in
 * brackets, as hosts of URLs. Partial matches (10.2.0.1 in 10.2.0.11), ranges, names, passwords and paths of URLs stay.
 */
export const mapAddresses = (value: string, map: AddressMap): string =>
  inValue(value, { one: (found) => map.pairs.get(canonical(found)) ?? found })

/** Every complete address in a value, including hosts of URLs, without ends of ranges. */
export const addressesIn = (value: string): readonly string[] => {
  const found: string[] = []
  inValue(value, {
    one: (address) => {
      found.push(canonical(address))
      return address
    },
  })
  return found
}

/** Says of each range in a value which of the source's own addresses are in it. */
export const rangesWithOld = (value: string, { pairs, stays }: AddressMap): readonly string[] => {
  const found: string[] = []
  const range = (it: Range): void => {
    const old = [...pairs.keys(), ...stays].filter((address) => inRange(it, address))
    if (old.length > 0)
      found.push(`${it.text} has ${old.join(' and ')} of the source in it: kept as it is, see what it must be now`)
  }
  inValue(value, { one: (address) => address, range })
  return found
}

/** Whether the source's name is a host in this value: alone, in a list, with a port, or in a URL after the password. */
export const namesMachine = (value: string, { hostname }: AddressMap): boolean => {
  const words = value.split(/[\s,;"']+/).map((word) => word.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/^.*@/, ''))
  return (
    hostname !== undefined &&
    words.some((word) => word.replace(/[:/?].*$/, '').toLowerCase() === hostname.toLowerCase())
  )
}
