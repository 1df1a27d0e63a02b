import { isIPv4, isIPv6 } from 'node:net'

/** The size of an address's network, as a file says it. */
export interface Size {
  /** undefined: not said, or in a form that swapctl cannot read */
  readonly prefix: number | undefined
  readonly doubt?: Doubt
}

/** Why it is unclear whether, or how, a line gives an address; and what to do about that line. */
export interface Doubt {
  readonly says: string
  readonly remedy: string
}

/** A line that gives an interface an address at boot. */
export interface Given extends Size {
  /** names of the interface, as far as the file says them; undefined: the one that the file is for */
  readonly devices: readonly string[] | undefined
  /** from 1 */
  readonly line: number
}

/** What is behind the slash of '10.20.0.10/24', with or without quotes. */
const suffixOf = (text: string): string | undefined => /\/(.*?)["']?$/.exec(text.trim())?.[1]

const unreadable = (mask: string): Size => ({
  prefix: undefined,
  doubt: { says: `${mask} is no netmask`, remedy: 'write the network as a prefix length: /24' },
})

/** For programs that read only a prefix length behind an address: '10.20.0.10/24', with or without quotes. */
export const lengthOf = (text: string): Size => {
  const suffix = suffixOf(text)
  if (suffix === undefined) return { prefix: undefined }
  return /^\d+$/.test(suffix) ? { prefix: Number(suffix) } : unreadable(suffix)
}

/** For programs that read '10.20.0.10/24', '10.20.0.10/255.255.255.0', or the same in options of their own (`masks`). */
export const sizeOf = (text: string, masks: readonly string[] = []): Size => {
  const own = suffixOf(text)
  const all = [...(own === undefined ? [] : [own]), ...masks]
  const longest = isIPv6(text.replace(/\/.*/, '')) ? 128 : 32
  const sizes = all.map(prefixOfMask)
  const bad = all.find((_mask, at) => !((sizes[at] ?? 129) <= longest))
  if (bad !== undefined) return unreadable(bad)
  return new Set(sizes).size < 2
    ? { prefix: sizes[0] }
    : {
        prefix: undefined,
        doubt: { says: `its netmasks ${all.join(' and ')} differ`, remedy: 'leave only the one that must apply' },
      }
}

/** 24 of '24' and of '255.255.255.0'; undefined for '255.0.255.0', and for '024', which some programs take as octal. */
export const prefixOfMask = (text: string): number | undefined => {
  if (/^(0|[1-9]\d{0,2})$/.test(text)) return Number(text)
  if (!isIPv4(text)) return undefined
  const bits = text.split('.').map((part) => Number(part).toString(2).padStart(8, '0'))
  return /^(1*)0*$/.exec(bits.join(''))?.[1]?.length
}

export const isAt = ({ devices, prefix }: Given, device: string, wanted: number): boolean =>
  (devices === undefined || devices.includes(device)) && prefix === wanted

/** Each line with its number; a continued one counts as many as it has. */
export const numbered = (lines: readonly string[]): readonly (readonly [string, number])[] => {
  let next = 1
  return lines.map((line) => {
    const at = next
    next += line.split('\n').length - 1
    return [line, at] as const
  })
}
