import type { AskSource, Changed, ValueRule } from '../services/options.ts'
import { isDatabaseUrl, quoteDatabaseUrl, readDatabaseUrl } from '../text/database-url.ts'
import { type AddressMap, addressesIn, mapAddresses, namesMachine } from './addresses.ts'
import { releaseIndex } from './gone.ts'
import type { KnownOption, KnownOptions } from './options.ts'
import { decode, encode, sameSection } from './oslo-conf.ts'
import { valueRules } from './rules.ts'

/** What a value becomes on the target, and why. */
export interface Rewritten {
  /** as written in a file; undefined: nothing is left of it */
  readonly text: string | undefined
  readonly reasons: readonly string[]
  readonly look: boolean
}

export interface Rewriting {
  readonly project: string
  /** index of the target's release */
  readonly release: number
  readonly map: AddressMap
  /** reads other options of the source's file */
  readonly ask: AskSource
}

const applies = (rule: ValueRule, { section, name }: KnownOption, { project, release }: Rewriting): boolean =>
  (rule.project === '*' || rule.project === project) &&
  (rule.section === '*' || rule.section.split('|').some((it) => sameSection(it, section))) &&
  rule.options.split(' ').some((one) => matches(one, name)) &&
  releaseIndex(rule.since) <= release

const matches = (pattern: string, name: string): boolean =>
  pattern.includes('*') ? new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name) : pattern === name

const replaced = (word: string, rule: ValueRule): string =>
  (rule.replace ?? []).reduce((now, [from, to]) => now.replace(from, to), word)

/** The value after one rule; undefined when the rule does not apply. */
const byRule = (value: string, rule: ValueRule, name: string, ask: AskSource): Changed | undefined => {
  const made = rule.change === undefined ? { value: byWords(value, rule) } : rule.change(value, name, ask)
  return made === undefined || (made.value === value && !('look' in made)) ? undefined : made
}

const byWords = (value: string, rule: ValueRule): string => {
  const { without } = rule
  if (without === undefined) return replaced(value, rule)
  const goes = (word: string): boolean =>
    without.some((one) => (typeof one === 'string' ? one === word : one.test(word)))
  const words = value.split(/[,\n]/).map((word) => word.trim())
  const left = words.filter((word) => !goes(word)).map((word) => replaced(word, rule))
  return left.join() === words.join() ? value : left.filter(Boolean).join(',')
}

const isPlainSecret = (option: KnownOption, secret: boolean, text: string): boolean =>
  (option.secret || secret) && !text.includes('://')

/**
 * Whether this option is a service's name in the databases. Such a value stays whatever it looks like, because rows
 * contain it. Elsewhere `host` is a machine to call ([matchmaker_redis] host).
 */
export const isIdentity = ({ section, name }: KnownOption, known: KnownOptions): boolean =>
  ['backend_host', 'coordination_host', 'cluster'].includes(name) ||
  (name === 'host' && (section === 'DEFAULT' || known.live(section, 'backend_host') !== undefined))

/**
 * A database URL quoted so that every release parses it alike; undefined when its host is unclear; other text
 * unchanged.
 */
const databaseUrl = (text: string): string | undefined => {
  const value = decode(text)
  if (!isDatabaseUrl(value) || /^sqlite/i.test(value)) return text
  if (readDatabaseUrl(value).meant === undefined) return undefined
  const quoted = quoteDatabaseUrl(value)
  return quoted === value ? text : encode(quoted)
}

/** Value rules first, then addresses. A secret that is not a URL is never changed. */
export const rewrite = (option: KnownOption, secret: boolean, text: string, how: Rewriting): Rewritten => {
  const hidden = isPlainSecret(option, secret, text)
  const reasons: string[] = []
  let look = false
  let now = text
  for (const rule of valueRules.filter((rule) => applies(rule, option, how) && (!hidden || rule.noSecret))) {
    const made = byRule(decode(now), rule, option.name, how.ask)
    if (made === undefined) continue
    if (made.value === '') return { text: undefined, reasons: [rule.reason], look: rule.isDefault !== true }
    if (made.value !== decode(now)) now = encode(made.value)
    reasons.push(rule.reason)
    look ||= rule.look === true || made.look === true
  }
  if (hidden) return { text: now, reasons, look }
  const url = databaseUrl(now)
  if (url === undefined) {
    reasons.push('its password hides where the host begins: kept as it is')
    look = true
  } else if (url !== now) {
    now = url
    reasons.push("the '@' of its password is written %40: SQLAlchemy since 1.4 ends a password at the first one")
  }
  const mapped = mapAddresses(now, how.map)
  if (mapped !== now) reasons.push("an address of the source was replaced by the target's")
  const forgotten = addressesIn(mapped).filter((address) => how.map.stays.has(address))
  for (const address of new Set(forgotten))
    reasons.push(`${address} belongs to the source and has no counterpart in the settings`)
  const named = namesMachine(mapped, how.map)
  if (named) reasons.push(`${how.map.hostname} is the name of the old machine: from the target it still points there`)
  return { text: mapped, reasons, look: look || forgotten.length > 0 || named }
}
