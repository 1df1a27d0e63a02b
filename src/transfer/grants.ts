import type { Action } from '../engine/step.ts'
import type { Db } from '../hosts/db.ts'
import type { Account, Grant } from './accounts.ts'

/** A string literal for a session that reads backslashes as escapes (grantStatements sees to it). */
const literal = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

/** As the server shows it, for people: nova@10.20.0.% */
export const accountName = ({ user, host }: Pick<Account, 'user' | 'host'>): string => `${user}@${host}`

/** How it logs in, as SQL; undefined when the target's server cannot be told so. */
const login = ({ plugin, hash }: Account): string | undefined => {
  if (['mysql_native_password', ''].includes(plugin) && /^\*[0-9A-F]{40}$/i.test(hash))
    return `IDENTIFIED BY PASSWORD ${literal(hash)}`
  if (plugin === 'ed25519' && /^[A-Za-z0-9+/]{43}$/.test(hash)) return `IDENTIFIED VIA ed25519 USING ${literal(hash)}`
  return undefined
}

/** Why an account cannot be made with what the source knows of it; undefined when it can. */
const obstacle = (account: Account): string | undefined => {
  if (account.grants.length === 0) return `it has nothing but ${account.left.join(' and ')}`
  if (login(account) !== undefined) return undefined
  if (account.hash === '')
    return account.plugin === 'mysql_native_password' ? 'it has no password' : `it logs in through ${account.plugin}`
  return `its password is stored for ${account.plugin}, and MariaDB cannot use that`
}

const tail = ({ tls, maxUserConnections, locked }: Account): string =>
  [
    tls === 'ANY' ? ' REQUIRE SSL' : tls === 'X509' || tls === 'SPECIFIED' ? ' REQUIRE X509' : ' REQUIRE NONE',
    ` WITH MAX_USER_CONNECTIONS ${maxUserConnections}`,
    locked ? ' ACCOUNT LOCK' : '',
  ].join('')

const quoted = (identifier: string): string => `\`${identifier.replaceAll('`', '``')}\``

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

/** The hosts of accounts on the target: addresses and names of the source's own become the target's. */
export type HostMap = Readonly<Record<string, string>>

/** What makes these accounts on the target, the same however often it is run; secret, for the hashes. Pure. */
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

/** What an operator has to know: accounts that cannot be made, and what others lose on the way. One line each. Pure. */
export const grantRemarks = (accounts: readonly Account[]): readonly string[] =>
  accounts.flatMap((account) => {
    const why = obstacle(account)
    if (why !== undefined)
      return [`${accountName(account)} is not carried over: ${why}; create it on the target by hand`]
    return account.left.map((what) => `${accountName(account)} has ${what}`)
  })

/** Accounts that the target lacks, or whose way in or rights differ; empty when all are there. Pure. */
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

/** Who the triggers, views, routines and events of these databases run as: 'keystone@%'. */
export const askDefiners = async (db: Db, databases: readonly string[]): Promise<readonly string[]> => {
  const marks = databases.map(() => '?').join(', ')
  if (marks === '') return []
  const parts = [
    ['triggers', 'trigger_schema'],
    ['views', 'table_schema'],
    ['routines', 'routine_schema'],
    ['events', 'event_schema'],
  ].map(([table, schema]) => `SELECT definer AS d FROM information_schema.${table} WHERE ${schema} IN (${marks})`)
  const rows = await db.rows<{ d: string }>(
    parts.join(' UNION '),
    parts.flatMap(() => databases),
  )
  return rows.map(({ d }) => d)
}

/** Definers that no account of the target is: what they own fails with error 1449 when it is used (P10). Pure. */
export const missingDefiners = (definers: readonly string[], accounts: readonly string[]): readonly string[] =>
  definers.filter((definer) => !accounts.includes(definer))
