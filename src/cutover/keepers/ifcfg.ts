import { isIPv6 } from 'node:net'
import { names } from '../same-address.ts'
import { type Given, lengthOf, type Size, sizeOf } from './given.ts'
import type { Edit } from './ifupdown.ts'

interface Line {
  readonly text: string
  /** 'IPADDR' of IPADDR2; '' for a line that is not an assignment */
  readonly key: string
  /** 2 of IPADDR2; undefined when there is none */
  readonly number: number | undefined
  readonly value: string
}

/** Parses a file of shell assignments: KEY=value, KEY="value". */
const linesOf = (text: string): readonly Line[] =>
  text.split(/(?<=\n)/).map((line) => {
    const match = /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*?)(\d+)?=(["']?)(.*?)\3\s*(?:#.*)?$/.exec(
      line.replace(/\r?\n$/, ''),
    )
    const [, key = '', number, , value = ''] = match ?? []
    const isNumbered = /^(IPADDR|PREFIX|NETMASK|GATEWAY|BROADCAST)$/.test(key)
    return {
      text: line,
      key: isNumbered || number === undefined ? key : `${key}${number}`,
      number: isNumbered && number !== undefined ? Number(number) : undefined,
      value,
    }
  })

const join = (lines: readonly Pick<Line, 'text'>[]): string => lines.map((line) => line.text).join('')

const mentions = (line: Line, address: string): boolean =>
  !/^\s*#/.test(line.text) &&
  (line.key === '' ? line.text : line.value).split(/[\s=;&"'\\]+/).some((word) => names(word, address))

/** Whether an ifcfg file names an address, also on the further lines of a value. */
export const ifcfgHas = (text: string, address: string): boolean =>
  linesOf(text).some((line) => mentions(line, address))

/** Why a file is not edited: a quote or a backslash continues a value on the next line. */
const continued = (lines: readonly Line[]): { readonly refused: string } | undefined => {
  const at = lines.findIndex(({ text }) =>
    /["'\\]/.test(
      text
        .replace(/\r?\n$/, '')
        .replace(/^\s*#.*/, '')
        .replace(/\\.|"(?:\\.|[^"\\])*"|'[^']*'/g, 'x')
        .replace(/(^|\s)#.*/, ''),
    ),
  )
  if (at < 0) return undefined
  return { refused: `the value in line ${at + 1} continues on the next line: write it on one line` }
}

/** Why a file is not edited: the shell uses only the last of several assignments. */
const repeated = (lines: readonly Line[]): { readonly refused: string } | undefined => {
  const keys = lines.map(({ key, number }) => (/^(IPADDR|IPV6ADDR)/.test(key) ? `${key}${number ?? ''}` : ''))
  const at = keys.findIndex((key, index) => key !== '' && keys.indexOf(key) !== index)
  if (at < 0) return undefined
  return { refused: `line ${at + 1} sets ${keys[at]} again: remove the one that must not apply` }
}

/** What gives the file's interface this address. */
export const ifcfgGives = (text: string, address: string): readonly Given[] => {
  const lines = linesOf(text)
  const device = lines.find(({ key }) => key === 'DEVICE')?.value.replace(/:.*/, '')
  const unsure = (continued(lines) ?? repeated(lines)) !== undefined
  return lines.flatMap((line, index) => {
    const isAddress = /^(IPADDR|IPV6ADDR|IPV6ADDR_SECONDARIES)$/.test(line.key)
    if (!mentions(line, address) || !(isAddress || (unsure && line.key === ''))) return []
    const size = unsure ? { prefix: undefined } : sizeIn(lines, line, address)
    return [{ devices: device === undefined ? undefined : [device], ...size, line: index + 1 }]
  })
}

/** PREFIX has precedence over NETMASK. */
const sizeIn = (lines: readonly Line[], { key, number, value }: Line, address: string): Size => {
  if (key !== 'IPADDR') return lengthOf(value.split(/\s+/).find((word) => names(word, address)) ?? '')
  const of = (wanted: string) => lines.flatMap((it) => (it.key === wanted && it.number === number ? [it.value] : []))
  return sizeOf(
    value,
    [of('PREFIX'), of('NETMASK')].find((all) => all.length > 0),
  )
}

/** Whether an ifcfg file belongs to an interface. */
export const ifcfgConfigures = (text: string, device: string): boolean =>
  linesOf(text).some(({ key, value }) => key === 'DEVICE' && value === device)

/**
 * An ifcfg file without an address: the lines with its number go, and higher numbers move down, because network-scripts
 * stop at the first missing one. Only secondary IPv6 addresses can be removed.
 */
export const withoutIfcfg = (text: string, address: string): Edit => {
  const lines = linesOf(text)
  const unsafe = continued(lines) ?? repeated(lines)
  if (unsafe !== undefined) return unsafe
  const giving = lines.find(({ key, value }) => key === 'IPADDR' && names(value, address))
  const edited = giving === undefined ? lines : withoutNumber(lines, giving.number)
  if ('refused' in edited) return edited
  const result = join(edited.map((line) => withoutSecondary(line, address)))
  return ifcfgHas(result, address)
    ? { refused: `names ${address} in a line that swapctl cannot remove` }
    : { text: result }
}

const withoutNumber = (lines: readonly Line[], number: number | undefined): readonly Line[] | { refused: string } => {
  const of = (line: Line) => line.key !== '' && line.number === number
  if (lines.some((line) => of(line) && line.key === 'GATEWAY')) return { refused: 'the gateway depends on the address' }
  const addresses = lines.filter(({ key }) => key === 'IPADDR')
  const alias = lines.find(({ key, value }) => key === 'DEVICE' && value.includes(':'))?.value
  if (addresses.length === 1 && alias !== undefined)
    return {
      refused: `this file only configures the alias ${alias}: move the address into the file of the interface first`,
    }
  if (addresses.length === 1) return { refused: 'it is the only address there' }
  if (number === undefined) return { refused: 'it is the first address there' }
  return lines
    .filter((line) => !(of(line) && /^(IPADDR|PREFIX|NETMASK|BROADCAST)$/.test(line.key)))
    .map((line) => {
      if (line.number === undefined || line.number < number || number < 2) return line
      return { ...line, text: line.text.replace(`${line.key}${line.number}=`, `${line.key}${line.number - 1}=`) }
    })
}

const withoutSecondary = (line: Line, address: string): Line => {
  const words = line.value.split(/\s+/).filter(Boolean)
  if (line.key !== 'IPV6ADDR_SECONDARIES' || !words.some((word) => names(word, address))) return line
  const left = words.filter((word) => !names(word, address)).join(' ')
  return { ...line, text: left === '' ? '' : line.text.replace(/=.*/, `="${left}"`) }
}

/** An ifcfg file with one more address ('10.20.0.10/24') under the next free number. */
export const withIfcfg = (text: string, _device: string, address: string): Edit => {
  const lines = linesOf(text)
  const unsafe = continued(lines) ?? repeated(lines)
  if (unsafe !== undefined) return unsafe
  const [bare = '', prefix = ''] = address.split('/')
  const added = isIPv6(bare) ? withSecondary(lines, address) : undefined
  if (added !== undefined) return added
  const known = lines.filter(({ key }) => key === 'IPADDR')
  if (known.length === 0) return { refused: 'has no address' }
  const number = Math.max(...known.map((line) => line.number ?? 0)) + 1
  return { text: `${ended(text)}IPADDR${number}=${bare}\nPREFIX${number}=${prefix}\n` }
}

const withSecondary = (lines: readonly Line[], address: string): Edit => {
  if (!lines.some(({ key }) => key === 'IPV6ADDR')) return { refused: 'has no IPv6 address' }
  const known = lines.find(({ key }) => key === 'IPV6ADDR_SECONDARIES')
  if (known === undefined) return { text: `${ended(join(lines))}IPV6ADDR_SECONDARIES="${address}"\n` }
  const all = `="${[...known.value.split(/\s+/).filter(Boolean), address].join(' ')}"`
  return { text: join(lines.map((line) => (line === known ? { text: line.text.replace(/=.*/, all) } : line))) }
}

const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)
