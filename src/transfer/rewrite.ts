import { type AddressMap, addressesIn, mapAddresses, namesMachine } from './addresses.ts'
import { type ValueRule, valueRules } from './data/removed-values.ts'
import { releaseIndex } from './gone.ts'
import type { KnownOption } from './options.ts'
import { decode, encode, sameSection } from './oslo-conf.ts'

/** What a value had to become for the target, and why. */
export interface Rewritten {
  /** as it is written in a file; none: nothing of it is left */
  readonly text: string | undefined
  readonly reasons: readonly string[]
  readonly look: boolean
}

export interface Rewriting {
  readonly project: string
  /** the release of the target, by its place among all */
  readonly release: number
  readonly map: AddressMap
}

const applies = (rule: ValueRule, { section, name }: KnownOption, { project, release }: Rewriting): boolean =>
  (rule.project === '*' || rule.project === project) &&
  (rule.section === '*' || rule.section.split('|').some((it) => sameSection(it, section))) &&
  rule.options.split(' ').includes(name) &&
  releaseIndex(rule.since) <= release

const replaced = (word: string, rule: ValueRule): string =>
  (rule.replace ?? []).reduce((now, [from, to]) => now.replace(from, to), word)

/** The value by one rule; the very same string when the rule has nothing to say. */
const byRule = (value: string, rule: ValueRule): string => {
  if (rule.without === undefined) return replaced(value, rule)
  const words = value.split(/[,\n]/).map((word) => word.trim())
  const left = words.filter((word) => !rule.without?.includes(word)).map((word) => replaced(word, rule))
  return left.join() === words.join() ? value : left.filter(Boolean).join(',')
}

const isPlainSecret = (option: KnownOption, secret: boolean, text: string): boolean =>
  (option.secret || secret) && !text.includes('://')

// What a service calls itself in the databases: the name has to stay.
const identities: readonly string[] = ['host', 'backend_host', 'coordination_host']

/** Rules about values first, addresses then. A secret that is no URL is never touched. Pure. */
export const rewrite = (option: KnownOption, secret: boolean, text: string, how: Rewriting): Rewritten => {
  if (isPlainSecret(option, secret, text)) return { text, reasons: [], look: false }
  const reasons: string[] = []
  let look = false
  let now = text
  for (const rule of valueRules.filter((rule) => applies(rule, option, how))) {
    const value = byRule(decode(now), rule)
    if (value === decode(now)) continue
    if (value === '') return { text: undefined, reasons: [rule.reason], look: true }
    now = encode(value)
    reasons.push(rule.reason)
    look ||= rule.look === true
  }
  const mapped = mapAddresses(now, how.map)
  if (mapped !== now) reasons.push("an address of the source's own became the target's")
  const forgotten = addressesIn(mapped).filter((address) => how.map.stays.has(address))
  for (const address of new Set(forgotten))
    reasons.push(`${address} is the source's own and has no counterpart in the settings`)
  const named = !identities.includes(option.name) && namesMachine(mapped, how.map)
  if (named) reasons.push(`${how.map.hostname} is the old machine's name: from the target it leads there`)
  return { text: mapped, reasons, look: look || forgotten.length > 0 || named }
}
