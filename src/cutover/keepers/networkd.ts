import { isIPv6 } from 'node:net'
import { names } from '../same-address.ts'

interface Section {
  /** '' before the first header */
  readonly name: string
  readonly lines: readonly string[]
}

/** Sections of a systemd file, lines unchanged (systemd.syntax); joined they are the file again. */
const sectionsOf = (text: string): readonly Section[] => {
  const sections: { name: string; lines: string[] }[] = [{ name: '', lines: [] }]
  for (const line of text.split(/(?<=\n)/)) {
    const header = /^\s*\[(.+)\]\s*$/.exec(line.trim())
    if (header !== null) sections.push({ name: header[1] as string, lines: [] })
    sections.at(-1)?.lines.push(line)
  }
  return sections
}

const join = (sections: readonly Section[]): string => sections.flatMap((section) => section.lines).join('')

const addressOf = (line: string): string | undefined => /^\s*Address\s*=\s*(.*?)\s*$/.exec(line.replace(/\n$/, ''))?.[1]

const isFor = (line: string, address: string): boolean => {
  const value = addressOf(line)
  return value !== undefined && value !== '' && names(value, address)
}

/** Whether a .network file or drop-in gives its interface this address. */
export const networkdHas = (text: string, address: string): boolean => withoutNetworkd(text, address) !== text

/** Options that refer to an address and would be left dangling: source addresses of routes, rules, gateways. */
const hanging = /^\s*(PreferredSource|From|To|Source|Gateway|DNS|NTP)\s*=\s*(.*?)\s*$/

/** The first line other than Address= that refers to this address; undefined when there is none. */
export const networkdHangs = (text: string, address: string): string | undefined =>
  text
    .split('\n')
    .map((line) => line.trim())
    .find((line) => (hanging.exec(line)?.[2] ?? '').split(/\s+/).some((word) => names(word, address)))

/**
 * A .network file without an address: its lines in [Network] and its own [Address] section are removed. Every other
 * byte stays.
 */
export const withoutNetworkd = (text: string, address: string): string =>
  join(
    sectionsOf(text)
      .filter((section) => !(section.name === 'Address' && section.lines.some((line) => isFor(line, address))))
      .map((section) =>
        section.name === 'Network'
          ? { ...section, lines: section.lines.filter((line) => !isFor(line, address)) }
          : section,
      ),
  )

/**
 * A .network file with `address` ('10.20.0.10/24') after the others of its [Network] section. An IPv6 address gets its
 * own section that disables duplicate address detection: the source has it too while it moves, and the kernel would
 * give it up.
 */
export const withNetworkd = (text: string, address: string): string => {
  const bare = address.replace(/\/\d+$/, '')
  if (networkdHas(text, bare)) return text
  if (isIPv6(bare)) return `${ended(text)}\n[Address]\nAddress=${address}\nDuplicateAddressDetection=none\n`
  const sections = sectionsOf(text)
  const index = sections.findIndex((section) => section.name === 'Network')
  const section = sections[index]
  const added = `Address=${address}\n`
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
