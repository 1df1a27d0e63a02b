import type { MovingAddress } from '../../config.ts'
import { names } from '../same-address.ts'
import { deletion, type Keeper, type Part } from './keeper.ts'

const plain = (line: string): string => line.replace(/[#!].*$/, '')

/** `$V=10.20.0.10/24` of keepalived.conf(5), "DEFINITIONS"; multi-line definitions are not read. */
const definitionsOf = (parts: readonly Part[]): ReadonlyMap<string, string> =>
  new Map(
    parts
      .flatMap((part) => part.lines)
      .flatMap((line) => {
        const [, name, value = ''] = /^\s*\$(\w+)\s*=\s*(.*?)\s*$/.exec(plain(line)) ?? []
        return name === undefined || value.endsWith('\\') ? [] : [[name, value] as const]
      }),
  )

/** A line without its comment and with definitions filled in; a remaining $V is unknown. */
const filledIn = (line: string, known: ReadonlyMap<string, string>): string => {
  let text = plain(line)
  for (let depth = 0; depth < 5; depth += 1)
    text = text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, one, other) => known.get(one ?? other) ?? whole)
  return text
}

const wordsOf = (text: string): readonly string[] => text.split(/[\s{}]+/).filter(Boolean)

const elsewhere = /^\s*(vrrp_script|script|notify|virtual_server|real_server|unicast_src_ip|\$\w+\s*=)/

/** keepalived.conf(5): in virtual_ipaddress and virtual_ipaddress_excluded the address comes first on a line. */
export const inKeepalived = (parts: readonly Part[], moving: MovingAddress, device: string): readonly Keeper[] => {
  const known = definitionsOf(parts)
  return parts.flatMap((part) =>
    part.lines.flatMap((line, index) => {
      const text = filledIn(line, known)
      const words = wordsOf(text)
      if (elsewhere.test(line) || !words.some((word) => names(word, moving.address))) return []
      const whole = names(words[0] ?? '', moving.address) && words.length > 0 && !/[{}]/.test(text)
      return [keeper(part.path, line, index + 1, whole, moving, device)]
    }),
  )
}

const keeper = (
  path: string,
  line: string,
  number: number,
  whole: boolean,
  { address, prefix }: MovingAddress,
  device: string,
): Keeper => {
  const edit = whole ? deletion(path, line) : `Take ${address} out of line ${number} of ${path} by hand`
  // keepalived removes the address some time after the reload has returned.
  const apply = `systemctl reload keepalived && for turn in $(seq 20); do ip addr replace ${address}/${prefix} dev ${device}; sleep 0.25; done`
  return {
    says: `keepalived: ${path}, line ${number}`,
    by: 'keepalived',
    commands: [
      ...(whole ? [`${edit} && ${apply}`] : [edit, apply]),
      'the same line on every other machine of that VRRP group, but without the ip addr command',
    ],
  }
}

/**
 * A line of a configuration, or the text before its brace, with the heads of its enclosing blocks: 'vrrp_script api',
 * 'virtual_ipaddress'.
 */
export interface Statement {
  readonly words: readonly string[]
  readonly within: readonly string[]
}

/** Lines that hold a shell command, whose braces belong to the shell. */
const command = /^\s*(script|notify\w*)\s/

/** keepalived.conf(5): a block is a statement followed by braces, which may be on other lines. */
export const statementsOf = (parts: readonly Part[]): readonly Statement[] => {
  const known = definitionsOf(parts)
  return parts.flatMap(({ lines }) => {
    const found: Statement[] = []
    const within: string[] = []
    for (const line of lines)
      if (command.test(line)) found.push({ words: line.trim().split(/\s+/), within: [...within] })
      else
        for (const piece of filledIn(line, known).split(/([{}])/)) {
          const words = wordsOf(piece)
          if (piece === '{') within.push(found.at(-1)?.words.join(' ') ?? '')
          else if (piece === '}') within.pop()
          else if (words.length > 0) found.push({ words, within: [...within] })
        }
    return found
  })
}

/**
 * Whether the first word of a line or block is unknown: an address comes first, and so does a definition that stands
 * for whole lines.
 */
const isOpen = (text: string): boolean => text.split(/[{}]/).some((part) => /^\s*[^\s$~]*(\$|~(SEQ|LST)\b)/.test(part))

/** Why it is unclear which addresses a keepalived configuration sets; undefined when it is clear. */
export const whyOpen = (parts: readonly Part[], unread: readonly string[]): string | undefined => {
  const [missing] = unread
  if (missing !== undefined) return `${missing} is missing`
  if (parts.length === 0) return 'its configuration was not found'
  const known = definitionsOf(parts)
  for (const { path, lines } of parts)
    for (const [index, line] of lines.entries())
      if (!elsewhere.test(line) && isOpen(filledIn(line, known)))
        return `${path}, line ${index + 1}, uses a parameter that swapctl does not expand`
  return undefined
}
