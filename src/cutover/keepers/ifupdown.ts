import { isIPv6 } from 'node:net'
import { names } from '../same-address.ts'
import { type Doubt, type Given, numbered, type Size, sizeOf } from './given.ts'

/** A file after an edit, or why it was not edited. */
export type Edit = { readonly text: string } | { readonly refused: string }

interface Stanza {
  /** 'iface', 'auto', ...; '' before the first keyword */
  readonly keyword: string
  readonly words: readonly string[]
  /** unchanged; a line continued with a backslash is one entry */
  readonly lines: readonly string[]
}

const keywords = /^(iface|auto|allow-\S+|mapping|source|source-directory|no-auto-down|no-scripts|rename|template)$/

/** Lines with their line ends; continued lines stay together. A comment is never continued. */
const logicalLines = (text: string): readonly string[] =>
  text.match(/[ \t]*#[^\n]*(?:\n|$)|(?:[^\n]*\\\n)*[^\n]*\n|[^\n]+$/g) ?? []

const wordsOf = (line: string): readonly string[] =>
  line.trimStart().startsWith('#') ? [] : line.replaceAll('\\\n', ' ').trim().split(/\s+/).filter(Boolean)

/**
 * Stanzas of interfaces(5); joined they are the file again. Comments and blank lines belong to the preceding stanza.
 */
const stanzasOf = (text: string): readonly Stanza[] => {
  const stanzas: { keyword: string; words: readonly string[]; lines: string[] }[] = [
    { keyword: '', words: [], lines: [] },
  ]
  for (const line of logicalLines(text)) {
    const words = wordsOf(line)
    if (keywords.test(words[0] ?? '')) stanzas.push({ keyword: words[0] as string, words: words.slice(1), lines: [] })
    stanzas.at(-1)?.lines.push(line)
  }
  return stanzas
}

const join = (stanzas: readonly Stanza[]): string => stanzas.flatMap((stanza) => stanza.lines).join('')

const isIface = (stanza: Stanza, name: string): boolean => stanza.keyword === 'iface' && stanza.words[0] === name

/** Interfaces and aliases that a file configures. */
export const ifupdownInterfaces = (text: string): readonly string[] =>
  stanzasOf(text).flatMap((stanza) => (stanza.keyword === 'iface' ? [stanza.words[0] ?? ''] : []))

/** The files that a `source` or `source-directory` line reads. */
export interface Sourced {
  /** absolute */
  readonly glob: string
  /** only names made of letters, digits, _ and - (interfaces(5), "source-directory") */
  readonly plainNames: boolean
}

/** `directory`: the one of the file itself, from which relative paths are taken (interfaces(5)). */
export const ifupdownSources = (text: string, directory = '/etc/network'): readonly Sourced[] =>
  stanzasOf(text).flatMap(({ keyword, words }) => {
    if (keyword !== 'source' && keyword !== 'source-directory') return []
    const plainNames = keyword === 'source-directory'
    return words.map((word) => {
      const path = word.startsWith('/') ? word : `${directory}/${word}`
      return { glob: plainNames ? `${path.replace(/\/$/, '')}/*` : path, plainNames }
    })
  })

const mentions = (line: string, address: string): boolean =>
  wordsOf(line).some((word) => word.split(/[;&|<>()`"'=,]+/).some((part) => names(part, address)))

const gives = (line: string, address: string): boolean => {
  const words = wordsOf(line)
  return words[0] === 'address' && names(words[1] ?? '', address)
}

/** `up ip addr add`, its counterparts, and their options: all of the line, up to `|| true`. */
const command = new RegExp(
  [
    /^(?:pre-|post-)?(?:up|down) (?:[\w/.-]*\/)?ip (?:-[46] )?a(?:ddr(?:ess)?)? (?<verb>add|replace|change|del(?:ete)?) /,
    /(?<all>[\w.:+/${}"' -]+?)/,
    /(?: 2> ?\/dev\/null)?(?: ?\|\| ?(?:\/bin\/)?(?:true|:))?(?: #.*)?$/,
  ]
    .map((part) => part.source)
    .join(''),
)

const takesValue = /^(dev|brd|broadcast|label|scope|metric|valid_lft|preferred_lft)$/

/**
 * One `ip addr add ADDRESS ...`, or its counterpart, for this address. Undefined with another command, another address
 * or a peer: these would be lost with it.
 */
const commandOf = (
  line: string,
  address: string,
): { readonly verb: string; readonly device: string | undefined; readonly size: Size } | undefined => {
  const { verb = '', all = '' } = command.exec(wordsOf(line).join(' '))?.groups ?? {}
  const words = all.split(' ')
  const rest = words
    .filter((word, at) => !takesValue.test(word) && !takesValue.test(words[at - 1] ?? ''))
    .filter((word) => !/^(nodad|noprefixroute|home)$/.test(word))
  const [word = ''] = rest
  if (rest.length !== 1 || !names(word, address)) return undefined
  const device = words.find((_word, at) => words[at - 1] === 'dev')
  return { verb, device, size: sizeOf(word) }
}

export const ifupdownHas = (text: string, address: string): boolean =>
  stanzasOf(text).some((stanza) => stanza.lines.some((line) => mentions(line, address)))

/** What gives an interface this address in an interfaces(5) file: an option of a stanza, or an `up ip addr add`. */
export const ifupdownGives = (text: string, address: string): readonly Given[] => {
  const stanzas = stanzasOf(text)
  const owners = stanzas.flatMap((stanza) => stanza.lines.map(() => stanza))
  return numbered(stanzas.flatMap(({ lines }) => lines)).flatMap(([text, line], index) => {
    const owner = owners[index]
    const given = owner?.keyword === 'iface' ? givenBy(text, owner, address) : undefined
    return given === undefined ? [] : [{ ...given, line }]
  })
}

const setsAddress = /\b(ip\s+(-\S+\s+)*a(ddr(ess)?)?\s|ifconfig\s)/

/**
 * ifupdown itself sets an address only by these methods (interfaces(5)), but ifupdown-ng by any, and ifupdown2 by any
 * but dhcp and ppp. Commands and scripts of the stanza may also use it, as $IF_ADDRESS.
 */
const setting = /^(static|tunnel|v4tunnel)$/

const doubtOf = (words: readonly string[]): Doubt | undefined => {
  const [name = '', family = '', method] = words
  if (words.includes('inherits'))
    return { says: 'its stanza inherits options from another', remedy: 'give the address in a stanza that does not' }
  if (!/^inet6?$/.test(family) || method === undefined || setting.test(method)) return undefined
  return {
    says: `under "${family} ${method}" ifupdown ignores an address, and ifupdown-ng or ifupdown2 may set it`,
    remedy: `give the address in a stanza of its own, "iface ${name} ${family} static", or delete the line`,
  }
}

const givenBy = (line: string, { words, lines }: Stanza, address: string): Omit<Given, 'line'> | undefined => {
  const own = (words[0] ?? '').replace(/:.*/, '')
  const [option = '', value = ''] = wordsOf(line)
  if (gives(line, address)) {
    const masks = lines.map(wordsOf).flatMap(([key, mask = '']) => (key === 'netmask' ? [mask] : []))
    const doubt = doubtOf(words)
    return { devices: [own], ...sizeOf(value, masks), ...(doubt === undefined ? {} : { doubt }) }
  }
  if (!/^(pre-|post-)?up$/.test(option) || !mentions(line, address) || !setsAddress.test(wordsOf(line).join(' ')))
    return undefined
  const known = commandOf(line, address)
  if (known?.device === undefined) return { devices: [], prefix: undefined }
  if (/^del/.test(known.verb)) return undefined
  const device = known.device.replace(/["']/g, '').replace(/^\$(IFACE|\{IFACE\})$/, own)
  return { devices: [device], ...known.size }
}

/** Options that describe only the address itself. */
const plain = /^(address|netmask|broadcast|network|label|scope|preferred-lifetime|dad-attempts|accept_ra|autoconf)$/

/**
 * An interfaces(5) file without an address. A stanza that has nothing else is removed, with its alias in `auto` lines;
 * so are `up ip addr add` lines and their counterparts. Refused, with the reason, when other settings depend on it.
 */
export const withoutIfupdown = (text: string, address: string): Edit => {
  const stanzas = stanzasOf(text)
  const giving = stanzas.filter((stanza) => stanza.keyword === 'iface' && stanza.lines.some((it) => gives(it, address)))
  const refusal = giving.map((stanza) => whyNot(stanza, stanzas, address)).find((why) => why !== undefined)
  if (refusal !== undefined) return { refused: refusal }
  const kept = stanzas
    .map((stanza) => (giving.includes(stanza) ? { keyword: '', words: [], lines: commentsBehind(stanza) } : stanza))
    .map((stanza) => ({ ...stanza, lines: stanza.lines.filter((it) => commandOf(it, address) === undefined) }))
  const gone = giving.map((stanza) => stanza.words[0] ?? '').filter((name) => !kept.some((it) => isIface(it, name)))
  const result = join(kept.map((stanza) => withoutNames(stanza, gone)))
  return ifupdownHas(result, address) ? { refused: stays(text, address) } : { text: result }
}

const stays = (text: string, address: string): string => {
  const isLeft = (it: string): boolean =>
    mentions(it, address) && !gives(it, address) && commandOf(it, address) === undefined
  const line = numbered(logicalLines(text)).find(([it]) => isLeft(it))?.[1]
  const where = line === undefined ? '' : `line ${line} `
  return `${where}names ${address} in a line that swapctl cannot remove: put the address on a line that does nothing else`
}

/** Comments after the last option; they describe what comes next. */
const commentsBehind = ({ lines }: Stanza): readonly string[] => {
  const behind = lines.slice(lines.findLastIndex((line) => wordsOf(line).length > 0) + 1)
  const first = behind.findIndex((line) => line.trim() !== '')
  return first < 0 ? [] : behind.slice(first)
}

const whyNot = (stanza: Stanza, all: readonly Stanza[], address: string): string | undefined => {
  const name = stanza.words[0] ?? ''
  const given = stanza.lines.map(wordsOf).flatMap(([option, value = '']) => (option === 'address' ? [value] : []))
  const other = given.find((one) => !names(one, address))
  if (other !== undefined) return `the stanza of ${name} that gives the address also gives ${other}`
  const more = stanza.lines
    .slice(1)
    .map((line) => wordsOf(line)[0] ?? '')
    .filter((option) => option !== '' && !plain.test(option))
  if (more.length > 0) return `the stanza of ${name} that gives the address also has ${[...new Set(more)].join(', ')}`
  const others = all.filter((other) => other !== stanza && isIface(other, name))
  return others.length === 0 && !name.includes(':') ? `it is the only address of ${name} there` : undefined
}

/** `auto eth0 eth0:1` without eth0:1; a line without names is removed. */
const withoutNames = (stanza: Stanza, gone: readonly string[]): Stanza => {
  if (!/^(auto|allow-\S+)$/.test(stanza.keyword) || !stanza.words.some((word) => gone.includes(word))) return stanza
  const left = stanza.words.filter((word) => !gone.includes(word))
  const [, ...rest] = stanza.lines
  return { ...stanza, lines: left.length === 0 ? rest : [`${stanza.keyword} ${left.join(' ')}\n`, ...rest] }
}

/** The file with one more stanza for the interface, after its last one: ifup applies all of them. */
export const withIfupdown = (text: string, name: string, address: string): Edit => {
  if (ifupdownGives(text, address.replace(/\/\d+$/, '')).length > 0) return { refused: `already names ${address}` }
  const stanzas = stanzasOf(text)
  const at = stanzas.findLastIndex((stanza) => isIface(stanza, name))
  const last = stanzas[at]
  if (last === undefined) return { refused: `has no stanza for ${name}` }
  const end = last.lines.findLastIndex((line) => wordsOf(line).length > 0) + 1
  const family = isIPv6(address.replace(/\/\d+$/, '')) ? 'inet6' : 'inet'
  const before = join([...stanzas.slice(0, at), { ...last, lines: last.lines.slice(0, end) }])
  const after = join([{ ...last, lines: last.lines.slice(end) }, ...stanzas.slice(at + 1)])
  const added = `\niface ${name} ${family} static\n    address ${address}\n`
  return { text: `${before}${before.endsWith('\n') ? '' : '\n'}${added}${after}` }
}
