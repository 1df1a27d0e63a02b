import type { Action } from '../engine/step.ts'
import type { Db } from '../hosts/db.ts'
import { quoted } from '../text/sql.ts'
import type { Account, Grant } from './accounts.ts'

/** A string literal for a session where backslashes escape (grantStatements sets that). */
const literal = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

/** An account's name for display: nova@10.20.0.% */
export const accountName = ({ user, host }: Pick<Account, 'user' | 'host'>): string => `${user}@${host}`

/** An account's authentication as SQL; undefined when the target's server does not support it. */
const login = ({ plugin, hash }: Account): string | undefined => {
  if (['mysql_native_password', ''].includes(plugin) && /^\*[0-9A-F]{40}$/i.test(hash))
    return `IDENTIFIED BY PASSWORD ${literal(hash)}`
  if (plugin === 'ed25519' && /^[A-Za-z0-9+/]{43}$/.test(hash)) return `IDENTIFIED VIA ed25519 USING ${literal(hash)}`
  return undefined
}

/** Why an account cannot be created from the source's data; undefined when it can. */
const obstacle = (account: Account): string | undefined => {
  if (account.grants.length === 0) return `it only has ${account.left.join(' and ') || 'the right to log in'}`
  if (login(account) !== undefined) return undefined
  if (account.hash === '')
    return account.plugin === 'mysql_native_password' ? 'it has no password' : `it logs in through ${account.plugin}`
  return `its password is stored for ${account.plugin}, which MariaDB cannot use`
}

const tail = ({ tls, maxUserConnections, locked }: Account): string =>
  [
    tls === 'ANY' ? ' REQUIRE SSL' : tls === 'X509' || tls === 'SPECIFIED' ? ' REQUIRE X509' : ' REQUIRE NONE',
    ` WITH MAX_USER_CONNECTIONS ${maxUserConnections}`,
    locked ? ' ACCOUNT LOCK' : '',
  ].join('')

const grantStatement = (to: string, { pattern, privileges, grantOption }: Grant): readonly string[] => {
  if (privileges.length === 0 && !grantOption) return []
  const what = privileges.length === 0 ? 'USAGE' : privileges.join(', ')
  return [`GRANT ${what} ON ${quoted(pattern)}.* TO ${to}${grantOption ? ' WITH GRANT OPTION' : ''}`]
}

const accountStatements = (account: Account, host: string): readonly string[] => {
  const to = `${literal(account.user)}@${literal(host)}`
  if (obstacle(account) !== undefined) return []
  const as = login(account)
  return [
    `CREATE USER IF NOT EXISTS ${to} ${as}${tail(account)}`,
    `ALTER USER ${to} ${as}${tail(account)}`,
    `REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${to}`,
    ...account.grants.flatMap((grant) => grantStatement(to, grant)),
  ]
}

/** Hosts of accounts: the source's own addresses and names, each with the target's. */
export type HostMap = Readonly<Record<string, string>>

/** Accounts that are created on the target. */
export const carried = (accounts: readonly Account[]): readonly Account[] =>
  accounts.filter((account) => obstacle(account) === undefined)

/** Idempotent statements that create these accounts on the target; secret, because of the hashes. */
export const grantStatements = (accounts: readonly Account[], hosts: HostMap = {}): readonly string[] => {
  const made = accounts.flatMap((account) => accountStatements(account, hosts[account.host] ?? account.host))
  return made.length === 0 ? [] : ["SET SESSION sql_mode = ''", ...made]
}

export const grantsAction = (accounts: readonly Account[], hosts: HostMap = {}): Action => ({
  kind: 'sql',
  on: 'target',
  statements: grantStatements(accounts, hosts),
  secret: true,
})

/** For the operator: accounts that cannot be created, and rights that others lose. One line each. */
export const grantRemarks = (accounts: readonly Account[]): readonly string[] =>
  accounts.flatMap((account) => {
    const why = obstacle(account)
    if (why !== undefined) return [`${accountName(account)} is not copied: ${why}; create it on the target by hand`]
    return account.left.map((what) => `${accountName(account)} has ${what}`)
  })

/** Accounts that the target lacks, or that differ in authentication or rights; empty when all match. */
export const compareAccounts = (
  source: readonly Account[],
  target: readonly Account[],
  hosts: HostMap = {},
): readonly string[] =>
  source
    .filter((account) => obstacle(account) === undefined)
    .flatMap((account) => {
      const host = hosts[account.host] ?? account.host
      const found = target.find((one) => one.user === account.user && one.host === host)
      if (found === undefined) return [`${account.user}@${host} is missing`]
      if (found.hash.toUpperCase() !== account.hash.toUpperCase())
        return [`${account.user}@${host} has another password`]
      return rights(found) === rights(account)
        ? []
        : [`${account.user}@${host} has other rights: ${rights(found) || 'none'}`]
    })

const rights = ({ grants }: Account): string =>
  grants
    .map(({ pattern, privileges }) => `${[...privileges].sort().join(', ')} on ${pattern}`)
    .sort()
    .join('; ')

/** A trigger, view, routine or event, and the account it runs as. */
export interface Defined {
  /** 'view nova.mine' */
  readonly what: string
  /** 'keystone@%' */
  readonly definer: string
}

/** The definers of these databases' triggers, views, routines and events. */
export const askDefined = async (db: Db, databases: readonly string[]): Promise<readonly Defined[]> => {
  const marks = databases.map(() => '?').join(', ')
  if (marks === '') return []
  const parts = [
    ['triggers', 'trigger_schema', 'trigger_name', "'trigger'"],
    ['views', 'table_schema', 'table_name', "'view'"],
    ['routines', 'routine_schema', 'routine_name', 'LOWER(routine_type)'],
    ['events', 'event_schema', 'event_name', "'event'"],
  ].map(
    ([table, schema, name, kind]) =>
      `SELECT definer AS definer, CONCAT(${kind}, ' ', ${schema}, '.', ${name}) AS what FROM information_schema.${table} WHERE ${schema} IN (${marks})`,
  )
  return db.rows<{ definer: string; what: string }>(
    parts.join(' UNION '),
    parts.flatMap(() => databases),
  )
}

/** Definers that no account on the target matches, with what they own: its use fails with error 1449. */
export const ghosts = (
  defined: readonly Defined[],
  accounts: readonly string[],
): ReadonlyMap<string, readonly string[]> => {
  const found = new Map<string, readonly string[]>()
  for (const { definer, what } of defined)
    if (!accounts.includes(definer)) found.set(definer, [...(found.get(definer) ?? []), what].sort())
  return found
}
