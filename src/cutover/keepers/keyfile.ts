import { isIPv6 } from 'node:net'
import { names } from '../same-address.ts'
import { type Given, lengthOf, prefixOfMask } from './given.ts'
import type { Edit } from './ifupdown.ts'

interface Line {
  readonly text: string
  /** the section it is in; '' before the first */
  readonly section: string
  readonly key: string
  readonly value: string
}

const linesOf = (text: string): readonly Line[] => {
  let section = ''
  return text.split(/(?<=\n)/).map((line) => {
    const header = /^\s*\[(.+)\]\s*$/.exec(line.trim())
    if (header !== null) section = header[1] as string
    const [, key = '', value = ''] = /^\s*([^#;=[\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line.replace(/\r?\n$/, '')) ?? []
    return { text: line, section, key, value }
  })
}

export const keyfileUuid = (text: string): string | undefined =>
  linesOf(text).find(({ section, key }) => section === 'connection' && key === 'uuid')?.value

/** Whether NetworkManager made the profile from what it found on an interface. */
export const isObserved = (text: string): boolean =>
  linesOf(text).some(({ section, key, value }) => section === '.nmmeta' && key === 'nm-generated' && value === 'true')

/** `address1=10.20.0.10/24,10.20.0.1`, `address=`, and the old `addresses1=` (nm-settings-keyfile(5)). */
const isAddress = ({ section, key }: Line): boolean => /^ipv[46]$/.test(section) && /^address(es)?\d*$/.test(key)

const gives = (line: Line, address: string): boolean =>
  isAddress(line) && names(line.value.split(/[,;\s]/)[0] ?? '', address)

const mentions = ({ key, value }: Line, address: string): boolean =>
  key !== '' && value.split(/[,;=\s]+/).some((word) => names(word, address))

/** Whether a NetworkManager profile names an address. */
export const keyfileHas = (text: string, address: string): boolean =>
  linesOf(text).some((line) => mentions(line, address))

/** What gives the profile's interface this address; the old form lists several: `ADDRESS;PREFIX;GATEWAY;`. */
export const keyfileGives = (text: string, address: string): readonly Given[] =>
  linesOf(text).flatMap((line, index) => {
    if (!isAddress(line)) return []
    const parts = line.value.split(';').map((one) => one.trim().split(/[,\s]/)[0] ?? '')
    const at = parts.findIndex((one) => names(one, address))
    if (at < 0) return []
    const size = lengthOf(parts[at] ?? '')
    const prefix = size.prefix ?? prefixOfMask(parts[at + 1] ?? '')
    return [{ devices: undefined, ...size, prefix, line: index + 1 }]
  })

/**
 * A profile without an address: its line is removed and no other byte changes; NetworkManager accepts any numbers in
 * any order. Refused when the line also has the gateway or several addresses, or is the only one.
 */
export const withoutKeyfile = (text: string, address: string): Edit => {
  const lines = linesOf(text)
  const gone = lines.filter((line) => gives(line, address))
  for (const line of gone) {
    if (line.value.split(/[,;=\s]+/).filter(Boolean).length > 1)
      return { refused: `${line.key}=${line.value} contains more than the address` }
    const { section } = line
    const again = lines.find((other) => other !== line && other.section === section && other.key === line.key)
    if (again !== undefined)
      return { refused: `line ${lines.indexOf(again) + 1} also sets ${line.key}: remove the one that must not apply` }
    const others = lines.filter((other) => other.section === section && isAddress(other) && !gone.includes(other))
    const method = lines.find((other) => other.section === section && other.key === 'method')?.value
    if (others.length === 0 && method === 'manual') return { refused: `it is the only address of [${section}] there` }
  }
  const result = lines
    .filter((line) => !gone.includes(line))
    .map((line) => line.text)
    .join('')
  return keyfileHas(result, address)
    ? { refused: `names ${address} in a line that swapctl cannot remove` }
    : { text: result }
}

/** A profile with one more address ('10.20.0.10/24') at the end of its section, under the next free number. */
export const withKeyfile = (text: string, _device: string, address: string): Edit => {
  const section = isIPv6(address.replace(/\/\d+$/, '')) ? 'ipv6' : 'ipv4'
  const lines = linesOf(text)
  const own = lines.filter((line) => line.section === section)
  const method = own.find((line) => line.key === 'method')?.value
  if (method === undefined || /^(disabled|ignore|shared|link-local)$/.test(method))
    return { refused: `has ${section} ${method ?? 'without a method'}` }
  const known = own.filter(isAddress)
  if (known.some(({ key }) => /^addresses/.test(key))) return { refused: 'lists addresses in the old format' }
  const number = Math.max(0, ...known.map(({ key }) => Number(/\d+$/.exec(key)?.[0] ?? 0))) + 1
  const after = known.at(-1) ?? own.findLast((line) => line.key !== '')
  const at = lines.indexOf(after as Line)
  const edited = lines.map((line) => line.text)
  edited[at] = `${(edited[at] ?? '').replace(/\n?$/, '\n')}address${number}=${address}\n`
  return { text: edited.join('') }
}
