import { BlockList, isIP } from 'node:net'
import { canonical } from './canonical.ts'

/** Two addresses of one family, in either order, or an IPv4 address and the last number of another. */
export interface Range {
  /** as written: '10.0.0.1-10.0.0.9', '10.0.0.1/24 - 10.0.0.9/24', '10.0.0.1..10.0.0.9', '10.0.0.1-9' */
  readonly text: string
  readonly start: number
  readonly ends: readonly [string, string]
}

const v4 = String.raw`\d{1,3}(?:\.\d{1,3}){3}`
const v6 = '[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]{1,40}'
const more = String.raw`(?:[/:]\d{1,5})?`
const between = String.raw`(?:[ \t]{0,8}-[ \t]{0,8}|\.{2,3})`
const ranges = new RegExp(
  String.raw`(?<![\w.-])(${v4})(?:${more}${between}(${v4})${more}|-(\d{1,3}))(?![\w-]|\.\w)|(?<![\w.:-])\[?(${v6})\]?${more}${between}\[?(${v6})\]?${more}(?![\w.:-])`,
  'g',
)

/** Every range of addresses in a text. */
export const rangesIn = (text: string): readonly Range[] =>
  [...text.matchAll(ranges)].flatMap((found): readonly Range[] => {
    const [whole, four, other, number, six, last] = found
    const first = four ?? six ?? ''
    const end = number === undefined ? (other ?? last ?? '') : first.replace(/\d+$/, number)
    return isIP(first) === 0 || isIP(first) !== isIP(end)
      ? []
      : [{ text: whole, start: found.index, ends: [canonical(first), canonical(end)] }]
  })

const upTo = (first: string, last: string): BlockList | undefined => {
  const list = new BlockList()
  try {
    list.addRange(first, last, isIP(first) === 4 ? 'ipv4' : 'ipv6')
    return list
  } catch {
    // it begins with the greater one
    return undefined
  }
}

/** Whether an address is an end of a range or lies between them. */
export const inRange = ({ ends: [first, last] }: Range, address: string): boolean => {
  if (isIP(address) !== isIP(first)) return false
  const list = upTo(first, last) ?? upTo(last, first)
  return list?.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6') === true
}

/** Whether an address is in the network of another, which has this prefix length; never across families. */
export const inNetwork = (of: string, prefix: number, address: string): boolean => {
  if (isIP(of) !== isIP(address)) return false
  const family = isIP(of) === 4 ? 'ipv4' : 'ipv6'
  const network = new BlockList()
  network.addSubnet(of, prefix, family)
  return network.check(address, family)
}
