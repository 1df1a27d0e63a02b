import { isIPv6 } from 'node:net'
import { refuse } from '../errors.ts'
import { canonical as spelled } from '../text/canonical.ts'
import type { Args } from './fixup.ts'

/** Old address -> new address, canonical: lower case, IPv6 in short form without brackets. */
export type AddressMap = ReadonlyMap<string, string>

/** One spelling per address: 'FD00:0::1', '[fd00::1]' and 'fd00::1' are the same. */
export const canonical = (address: string): string => {
  const bare = (address.startsWith('[') ? address.replace(/^\[(.*)\]$/, '$1') : address).toLowerCase()
  return bare.includes(':') ? spelled(bare) : bare
}

/** The parameters of every fixup that rewrites addresses. */
export const addressArgs = (pairs: readonly { readonly source: string; readonly target: string }[]): Args => ({
  addresses: JSON.stringify(Object.fromEntries(pairs.map(({ source, target }) => [source, target]))),
})

/**
 * Parses `addresses`, JSON text `{"10.30.0.11": "10.30.0.12"}`. Unchanged addresses are dropped. Refuses a map in which
 * a new address is also an old one: a second run would map it again.
 */
export const addressMap = (args: Args): AddressMap => {
  const known = maps.get(args)
  if (known) return known
  const map = new Map(entriesOf(args['addresses'] ?? '').map(([from, to]) => [canonical(from), canonical(to)]))
  for (const [from, to] of map) if (from === to) map.delete(from)
  for (const to of map.values())
    if (map.has(to)) throw wrong(`${to} is the new address of one machine and the old one of another`)
  maps.set(args, map)
  return map
}

/** Parsed once per run, not per row. */
const maps = new WeakMap<Args, AddressMap>()

const entriesOf = (text: string): readonly [string, string][] => {
  const parsed = parse(text)
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw wrong('addresses is not a JSON object of old and new addresses')
  return Object.entries(parsed).map(([from, to]) => {
    if (typeof to !== 'string' || from.trim() === '' || to.trim() === '')
      throw wrong(`the new address of ${from || 'nothing'} is empty`)
    return [from.trim(), to.trim()]
  })
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw wrong('addresses is not JSON')
  }
}

const wrong = (what: string) =>
  refuse('fixup', what, 'Give each old address and its replacement, as in [counterparts] of the settings')

/** The first old address in `text` as a whole word: 10.0.0.1 is not in 10.0.0.10. IPv6 is found in any spelling. */
export const namesOld = (text: string, map: AddressMap): string | undefined => {
  for (const [address, whole] of wholesOf(map))
    if (whole === undefined ? colonsOf(text).includes(address) : whole.test(text)) return address
  return undefined
}

/** Everything in a text that may be IPv6, without trailing punctuation. */
const colonsOf = (text: string): readonly string[] =>
  [...text.matchAll(/[0-9A-Fa-f]*:[0-9A-Fa-f:.]+/g)].flatMap(([word]) => [
    canonical(word),
    canonical(word.replace(/[:.]+$/, '')),
  ])

/** Built once per map, not per row; undefined: IPv6, which has several spellings. */
const wholesOf = (map: AddressMap): ReadonlyMap<string, RegExp | undefined> => {
  const known = wholes.get(map)
  if (known) return known
  const made = new Map(
    [...map.keys()].map((address) => [
      address,
      isIPv6(address)
        ? undefined
        : new RegExp(`(?<![A-Za-z0-9.])${escaped(address)}(?![A-Za-z0-9]|\\.[A-Za-z0-9])`, 'i'),
    ]),
  )
  wholes.set(map, made)
  return made
}

const wholes = new WeakMap<AddressMap, ReadonlyMap<string, RegExp | undefined>>()

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** What LOCATE searches for: the addresses as written, and any '[' when IPv6 has several spellings. */
export const needles = (map: AddressMap): readonly string[] => [
  ...new Set([...map.keys()].map((address) => (isIPv6(address) ? ':' : address))),
]

/**
 * 'HOST', 'HOST:PORT', 'HOST:PORT,GROUP' or the same of '[IPV6]' with its host mapped; undefined when the host is not
 * in the map or the form is another.
 */
export const mapPortal = (portal: string, map: AddressMap): string | undefined => {
  const [, bracketed, plain, rest = ''] = /^(?:\[([^\]]+)\]|([^:[\],]+))((?::\d+)?(?:,\d+)?)$/.exec(portal) ?? []
  const to = map.get(canonical(bracketed ?? plain ?? ''))
  return to === undefined ? undefined : `${bracket(to)}${rest}`
}

/** As written before a port. */
export const bracket = (address: string): string => (isBracketed(address) ? `[${address}]` : address)

/** Tests for a colon first: the IPv6 pattern is slow, and a million rows are tested. */
const isBracketed = (address: string): boolean => address.includes(':') && isIPv6(address)
