import { isIPv6 } from 'node:net'
import { names } from '../same-address.ts'
import { type Given, lengthOf, numbered } from './given.ts'
import type { Edit } from './ifupdown.ts'

interface Section {
  /** '' before the first header */
  readonly name: string
  /** unchanged; a line continued with a backslash is one entry */
  readonly lines: readonly string[]
}

const isComment = (line: string): boolean => /^\s*[#;]/.test(line)
const isContinued = (line: string): boolean => !isComment(line) && /(?<!\\)(?:\\\\)*\\\r?\n?$/.test(line)

/** Lines with their line ends; a continued line stays together, with the comments inside it. */
const logicalLines = (text: string): readonly string[] => {
  const all: string[] = []
  let open = false
  for (const line of text.split(/(?<=\n)/)) {
    if (open) all.push(`${all.pop()}${line}`)
    else all.push(line)
    open = isContinued(line) || (open && isComment(line))
  }
  return all
}

/** The physical lines that systemd joins: it skips the comments inside. */
const joinedIn = (line: string): readonly string[] =>
  line.split(/(?<=\n)/).filter((part, at) => at === 0 || !isComment(part))

/** What systemd reads of a line; a backslash at a line's end is a space. */
const saidIn = (line: string): string =>
  joinedIn(line)
    .map((part) => (isContinued(part) ? part.replace(/\\\r?\n?$/, ' ') : part.replace(/\r?\n$/, '')))
    .join('')
    .trim()

/** Sections of a systemd file, lines unchanged (systemd.syntax); joined they are the file again. */
const sectionsOf = (text: string): readonly Section[] => {
  const sections: { name: string; lines: string[] }[] = [{ name: '', lines: [] }]
  for (const line of logicalLines(text)) {
    const header = /^\[(.+)\]$/.exec(saidIn(line))
    if (header !== null) sections.push({ name: header[1] as string, lines: [] })
    sections.at(-1)?.lines.push(line)
  }
  return sections
}

const join = (sections: readonly Section[]): string => sections.flatMap((section) => section.lines).join('')

const addressOf = (line: string): string | undefined => /^Address\s*=\s*(.*)$/.exec(saidIn(line))?.[1]

const isFor = (line: string, address: string): boolean => {
  const value = addressOf(line)
  return value !== undefined && value !== '' && names(value, address)
}

/** Whether a .network file or drop-in gives its interface this address. */
export const networkdHas = (text: string, address: string): boolean =>
  sectionsOf(text).some(
    ({ name, lines }) => /^(Network|Address)$/.test(name) && lines.some((line) => isFor(line, address)),
  )

/** What gives the interface this address; of several addresses in one [Address] section, only the last applies. */
export const networkdGives = (text: string, address: string): readonly Given[] => {
  const sections = sectionsOf(text)
  const owners = sections.flatMap((section) => section.lines.map(() => section))
  return numbered(sections.flatMap(({ lines }) => lines)).flatMap(([text, line], index) => {
    const { name = '', lines = [] } = owners[index] ?? {}
    if (!/^(Network|Address)$/.test(name) || !isFor(text, address)) return []
    const unsure = name === 'Address' && lines.filter((it) => addressOf(it) !== undefined).length > 1
    return [{ devices: undefined, ...(unsure ? { prefix: undefined } : lengthOf(addressOf(text) ?? '')), line }]
  })
}

/** Options that refer to an address and would be left dangling: source addresses of routes, rules, gateways. */
const hanging = /^(PreferredSource|From|To|Source|Gateway|DNS|NTP)\s*=\s*(.*)$/

/** The first line other than Address= that refers to this address; undefined when there is none. */
export const networkdHangs = (text: string, address: string): string | undefined =>
  logicalLines(text)
    .map(saidIn)
    .find((line) => (hanging.exec(line)?.[2] ?? '').split(/\s+/).some((word) => names(word, address)))

/**
 * A .network file without an address: its lines in [Network] and its own [Address] section are removed. Every other
 * byte stays. Refused when the section also has another address.
 */
export const withoutNetworkd = (text: string, address: string): Edit => {
  const sections = sectionsOf(text)
  const isGone = ({ name, lines }: Section): boolean => name === 'Address' && lines.some((it) => isFor(it, address))
  const shared = sections.find(
    (one) => isGone(one) && one.lines.some((it) => addressOf(it) !== undefined && !isFor(it, address)),
  )
  if (shared !== undefined) {
    const line = join(sections.slice(0, sections.indexOf(shared))).split('\n').length
    return {
      refused: `the [Address] section in line ${line} has ${address} and another address: give each its own section`,
    }
  }
  const kept = sections.map((section) => {
    if (isGone(section)) return { ...section, lines: commentsBehind(section) }
    if (section.name !== 'Network') return section
    return { ...section, lines: section.lines.filter((line) => !isFor(line, address)) }
  })
  return { text: join(kept) }
}

/** Comments after the last option; they describe what comes next. */
const commentsBehind = ({ lines }: Section): readonly string[] => {
  const behind = lines.slice(lines.findLastIndex((line) => saidIn(line) !== '' && !isComment(line)) + 1)
  const first = behind.findIndex((line) => line.trim() !== '')
  return first < 0 ? [] : behind.slice(first)
}

/**
 * A .network file with `address` ('10.20.0.10/24') after the others of its [Network] section. An IPv6 address gets its
 * own section that disables duplicate address detection: the source has it too while it moves, and the kernel would
 * give it up.
 */
export const withNetworkd = (text: string, address: string): Edit => {
  const bare = address.replace(/\/\d+$/, '')
  if (networkdHas(text, bare)) return { text }
  if (isContinued(joinedIn(logicalLines(text).at(-1) ?? '').at(-1) ?? ''))
    return { refused: 'its last line ends in a backslash, so nothing can be added: remove the backslash' }
  if (isIPv6(bare)) return { text: `${ended(text)}\n[Address]\nAddress=${address}\nDuplicateAddressDetection=none\n` }
  return { text: withLine(text, `Address=${address}\n`) }
}

const withLine = (text: string, added: string): string => {
  const sections = sectionsOf(text)
  const index = sections.findIndex((section) => section.name === 'Network')
  const section = sections[index]
  if (section === undefined) return `${ended(text)}\n[Network]\n${added}`
  const lines = [...section.lines]
  const last = lines.findLastIndex((line) => addressOf(line) !== undefined)
  const at = last >= 0 ? last : lines.findLastIndex((line) => line.trim() !== '')
  lines[at] = ended(lines[at] as string)
  lines.splice(at + 1, 0, added)
  return join(sections.with(index, { ...section, lines }))
}

const ended = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`)

/**
 * The files that `networkctl status INTERFACE` lists: the .network file and, since systemd 250, its drop-ins.
 * Empty when systemd-networkd does not manage the interface.
 */
export const networkdFiles = (status: string): readonly string[] => {
  const after = /^\s*Network File: (.*(?:\n\s+[^\s:][^:\n]*(?=\n|$))*)/m.exec(status)?.[1] ?? ''
  return [...after.matchAll(/(?<!\w)\/\S+/g)].map((match) => match[0])
}
