import { hears, type Listener } from '../ask/facts.ts'
import { modern } from '../ask/facts-mariadb.ts'
import { lines, type Question } from '../ask/question.ts'
import type { Context } from '../context.ts'
import type { Survey } from '../survey.ts'
import { listenAddress } from './listen.ts'

/**
 * How a variable of the source's server is carried over: unchanged, or at least the source's value and the target's
 * default.
 */
type Rule = 'same' | 'atLeast'

interface Carried {
  readonly name: string
  readonly rule: Rule
  /** at most this fraction of the target's memory */
  readonly memory?: number
  /** the behaviour of a source whose server does not have the variable yet */
  readonly otherwise?: string
}

/**
 * Server variables that the cloud's behaviour depends on. All others stay at the new server's values: tuning for
 * another version and machine is not carried over.
 */
export const carried: readonly Carried[] = [
  // All services together need more than the default of 151; the source's operator has found out how many.
  { name: 'max_connections', rule: 'atLeast' },
  { name: 'max_allowed_packet', rule: 'atLeast' },
  { name: 'innodb_buffer_pool_size', rule: 'atLeast', memory: 0.5 },
  { name: 'group_concat_max_len', rule: 'atLeast' },
  { name: 'innodb_lock_wait_timeout', rule: 'atLeast' },
  // Connections in the services' pools must not be closed earlier than before.
  { name: 'wait_timeout', rule: 'atLeast' },
  { name: 'connect_timeout', rule: 'atLeast' },
  { name: 'sql_mode', rule: 'same' },
  { name: 'character_set_server', rule: 'same' },
  { name: 'collation_server', rule: 'same' },
  { name: 'lower_case_table_names', rule: 'same' },
  { name: 'skip_name_resolve', rule: 'same' },
  { name: 'innodb_strict_mode', rule: 'same' },
  { name: 'innodb_flush_log_at_trx_commit', rule: 'same' },
  // A column type must mean the same in a hop's migrations: ON by default since MariaDB 10.10.
  { name: 'explicit_defaults_for_timestamp', rule: 'same' },
  // ON by default since MariaDB 11.6.2: services that update the same row concurrently get error 1020, which oslo.db
  // does not retry (bugs.launchpad.net/nova/+bug/2116186).
  { name: 'innodb_snapshot_isolation', rule: 'same', otherwise: 'OFF' },
  { name: 'port', rule: 'same' },
]

/** Charsets whose default collation differs between servers: MariaDB 11.5 changed it to uca1400. */
const shifting = ['utf8mb3', 'utf8mb4', 'ucs2', 'utf16', 'utf32']

export interface ServerSetting {
  readonly name: string
  readonly value: string
  readonly rule: Rule
}

/** The target server's default variables, without starting it; the output has dashes in names, and TRUE and FALSE. */
export const serverDefaults: Question<Readonly<Record<string, string>>> = {
  argv: ['mariadbd', '--no-defaults', '--verbose', '--help'],
  parse: (text) =>
    Object.fromEntries(
      lines(text.slice(text.lastIndexOf('-------------')))
        .map((line) => /^([a-z][a-z0-9-]+)\s+(.*)$/.exec(line))
        .filter((match) => match !== null)
        .map((match) => [(match[1] ?? '').replaceAll('-', '_'), (match[2] ?? '').trim()]),
    ),
}

/** The target server's option file. Variables that the target does not have are left out. */
export const serverSettings = (
  { config, survey }: Pick<Context, 'config' | 'survey'>,
  defaults: Readonly<Record<string, string>>,
  heard: readonly Listener[] = [],
): readonly ServerSetting[] => {
  const source = survey.source.mariadb ?? {}
  const values = carried.flatMap(({ name, rule, memory, otherwise }): ServerSetting[] => {
    const value = source[name] ?? otherwise
    if (value === undefined || defaults[name] === undefined) return []
    if (rule === 'same') return [{ name, rule, value: renamed(name, value) }]
    const limit = memory === undefined ? Number.POSITIVE_INFINITY : roundDown(survey.target.memory * memory)
    const wanted = Math.min(Math.max(Number(value), Number(defaults[name])), limit)
    return [{ name, rule, value: String(wanted) }]
  })
  return [...values, ...collations(survey, defaults), ...bindings(config, source, heard)]
}

/** A server that knows only the new name of a charset does not find rows under its old name. */
const renamed = (name: string, value: string): string =>
  name.startsWith('character_set') || name.startsWith('collation') ? modern(value) : value

const roundDown = (bytes: number): number => Math.floor(bytes / 2 ** 20) * 2 ** 20

/** Migrations create tables with a charset only; its default collation must be that of the source. */
const collations = (survey: Survey, defaults: Readonly<Record<string, string>>): readonly ServerSetting[] => {
  if (defaults['character_set_collations'] === undefined) return []
  const pairs = Object.entries(survey.source.collations)
    .map(([charset, collation]) => [modern(charset), modern(collation)] as const)
    .filter(([charset]) => shifting.includes(charset))
  return [
    {
      name: 'character_set_collations',
      rule: 'same',
      value: pairs
        .map(([charset, collation]) => `${charset}=${collation}`)
        .sort()
        .join(','),
    },
  ]
}

/** `heard`: the source's listeners. A socket unit may listen elsewhere than bind_address; then the wildcard is used. */
const bindings = (
  config: Context['config'],
  source: Readonly<Record<string, string>>,
  heard: readonly Listener[],
): readonly ServerSetting[] => {
  if (unbound(config, source, heard).length > 0) return [{ name: 'bind_address', rule: 'same', value: '*' }]
  const addresses = bindAddresses(source).flatMap((address) => listenAddress(config, address) ?? [])
  return addresses.length === 0
    ? []
    : [{ name: 'bind_address', rule: 'same', value: [...new Set(addresses)].join(',') }]
}

/** Moving addresses where the source's server answers although bind_address does not include them. */
export const unbound = (
  config: Pick<Context['config'], 'addresses'>,
  source: Readonly<Record<string, string>>,
  heard: readonly Listener[],
): readonly string[] => {
  const port = Number(source['port'] ?? 3306)
  const told = bindAddresses(source).map((address) => ({ address: address === '::' ? '*' : address, port }))
  return config.addresses
    .map(({ address }) => address)
    .filter((at) => heard.some((one) => one.port === port && hears(one, at)) && !told.some((one) => hears(one, at)))
}

/** Where the source's server listens: '*' for everywhere. */
export const bindAddresses = (source: Readonly<Record<string, string>>): readonly string[] =>
  (source['bind_address'] || '*').split(',').map((address) => address.trim())

export const optionFile = (settings: readonly ServerSetting[]): string =>
  [
    '# Written by swapctl prepare: what the source server was told, as far as the cloud depends on it.',
    '[mysqld]',
    ...settings.map(({ name, value }) => `${name} = ${value === '' ? "''" : value}`),
    '',
  ].join('\n')

/** Settings that the running server does not have, one line each. */
export const unmet = (
  settings: readonly ServerSetting[],
  running: Readonly<Record<string, string>>,
): readonly string[] =>
  settings.flatMap(({ name, value, rule }) => {
    const found = running[name] ?? 'absent'
    const met = rule === 'atLeast' ? Number(found) >= Number(value) : same(found, value)
    return met ? [] : [`${name} is ${found}, not ${value}`]
  })

const same = (one: string, other: string): boolean => {
  const parts = (text: string): string => modern(text).split(',').filter(Boolean).sort().join(',')
  return parts(one) === parts(other)
}
