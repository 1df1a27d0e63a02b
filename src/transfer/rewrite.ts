import type { AskSource, Changed, ValueRule } from '../services/options.ts'
import { isDatabaseUrl, quoteDatabaseUrl, readDatabaseUrl } from '../text/database-url.ts'
import { type AddressMap, addressesIn, mapAddresses, namesMachine, rangesWithOld } from './addresses.ts'
import { isSecretName } from './decision.ts'
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
  /** what to do before the swap, because the target cannot do what the value asks for */
  readonly stops?: string
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

/** Says that a value names the old machine. */
const machineIn = (text: string, map: AddressMap): readonly string[] =>
  namesMachine(text, map)
    ? [`${map.hostname} is the name of the old machine: from the target it still points there`]
    : []

/** A value with the target's addresses, and what of the source is left in it. */
const toTarget = (text: string, map: AddressMap): Rewritten & { readonly text: string } => {
  const mapped = mapAddresses(text, map)
  const forgotten = new Set(addressesIn(mapped).filter((address) => map.stays.has(address)))
  const left = [
    ...[...forgotten].map((address) => `${address} belongs to the source and has no counterpart in the settings`),
    ...rangesWithOld(text, map),
    ...machineIn(mapped, map),
  ]
  const changed = mapped === text ? [] : ["an address of the source was replaced by the target's"]
  return { text: mapped, reasons: [...changed, ...left], look: left.length > 0 }
}

/** Whether a part of a list is a word that names a secret and the secret: 'api_token:x'. */
const isSecretPair = (part: string): boolean => isSecretName(/^\s*["']?([\w-]+):/.exec(part)?.[1] ?? '')

/**
 * Addresses in a value that is secret by the option's metadata only: 'url:10.0.0.11:11211', 'host:10.0.0.11'. Parts of
 * it whose own name says that they are secret are left alone.
 */
const addressesHidden = (option: KnownOption, text: string, { map }: Rewriting): Rewritten => {
  const same = (it: string) => ({ text: it, reasons: [], look: false })
  if (isSecretName(option.name)) return same(text)
  const parts = text.split(',').map((part) => {
    if (isSecretPair(part)) return same(part)
    const host = /^\s*["']?[A-Za-z_][\w-]*:(.*)$/s.exec(part)?.[1]
    const done = toTarget(part, map)
    const old = host === undefined || done.look ? [] : machineIn(host, map)
    return { ...done, reasons: [...done.reasons, ...old], look: done.look || old.length > 0 }
  })
  return {
    text: parts.map((part) => part.text).join(','),
    reasons: [...new Set(parts.flatMap(({ reasons }) => reasons))],
    look: parts.some(({ look }) => look),
  }
}

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

/**
 * Value rules first, then addresses. Of a secret that is not a URL only addresses are mapped, and only if its name
 * does not say that it is one.
 */
export const rewrite = (option: KnownOption, secret: boolean, text: string, how: Rewriting): Rewritten => {
  const hidden = secret && !text.includes('://')
  const reasons: string[] = []
  let look = false
  let stops: Pick<Rewritten, 'stops'> = {}
  let now = text
  for (const rule of valueRules.filter((rule) => applies(rule, option, how) && (!hidden || rule.noSecret))) {
    const made = byRule(decode(now), rule, option.name, how.ask)
    if (made === undefined) continue
    if (rule.stops !== undefined) stops = { stops: rule.stops }
    if (made.value === '') return { text: undefined, reasons: [rule.reason], look: rule.isDefault !== true, ...stops }
    if (made.value !== decode(now)) now = encode(made.value)
    reasons.push(rule.reason)
    look ||= rule.look === true || made.look === true
  }
  if (hidden) {
    const done = addressesHidden(option, now, how)
    return { text: done.text, reasons: [...reasons, ...done.reasons], look: look || done.look, ...stops }
  }
  const url = databaseUrl(now)
  if (url === undefined) {
    reasons.push('its password hides where the host begins: kept as it is')
    look = true
  } else if (url !== now) {
    now = url
    reasons.push("the '@' of its password is written %40: SQLAlchemy since 1.4 ends a password at the first one")
  }
  const done = toTarget(now, how.map)
  return { text: done.text, reasons: [...reasons, ...done.reasons], look: look || done.look, ...stops }
}
