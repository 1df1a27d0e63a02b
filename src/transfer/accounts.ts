import type { Db } from '../hosts/db.ts'

/** What an account may do in one database; `pattern` as the server stores it: 'nova\_api', 'nova%'. */
export interface Grant {
  readonly pattern: string
  /** only 'ALL PRIVILEGES', or each privilege */
  readonly privileges: readonly string[]
  readonly grantOption: boolean
}

/**
 * An account on the source's MariaDB; without `grants` it has no access to the services' databases. Contains a hash:
 * never print it.
 */
export interface Account {
  readonly user: string
  readonly host: string
  /** 'mysql_native_password', 'unix_socket', 'ed25519', ... */
  readonly plugin: string
  readonly hash: string
  /** '', 'ANY', 'X509', 'SPECIFIED' */
  readonly tls: string
  readonly maxUserConnections: number
  readonly locked: boolean
  readonly grants: readonly Grant[]
  /** what this account has on the source and will lack on the target, in words */
  readonly left: readonly string[]
}

type Row = Readonly<Record<string, unknown>>

/** Accounts of the server and of packages: every server has its own. */
const serversOwn = [
  '',
  'mysql',
  'mariadb.sys',
  'mysql.sys',
  'mysql.session',
  'mysql.infoschema',
  'debian-sys-maint',
  'PUBLIC',
]
const localNames = ['localhost', '127.0.0.1', '::1']

const word = (row: Row, key: string): string => String(row[key] ?? '')

/** Whether a pattern of mysql.db matches this database: % and _ as in LIKE, backslash escapes. */
export const patternMeans = (pattern: string, database: string): boolean => {
  const source = pattern.replace(/\\(.)|[\s\S]/g, (one: string, escaped: string | undefined) =>
    escaped === undefined && one === '%' ? '.*' : escaped === undefined && one === '_' ? '.' : plain(escaped ?? one),
  )
  return new RegExp(`^${source}$`, 'is').test(database)
}

const plain = (one: string): string => one.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')

/** Columns that do not spell their privilege, unlike 'Lock_tables_priv'. */
const oddNames: Readonly<Record<string, string>> = {
  Create_tmp_table: 'CREATE TEMPORARY TABLES',
  Repl_client: 'REPLICATION CLIENT',
  Repl_slave: 'REPLICATION SLAVE',
  Show_db: 'SHOW DATABASES',
}

const privilegeOf = (column: string): string => {
  const words = column.replace(/_priv$/, '')
  return oddNames[words] ?? words.replaceAll('_', ' ').toUpperCase()
}

const privilegeColumns = (row: Row): readonly string[] =>
  Object.keys(row).filter((column) => column.endsWith('_priv') && column !== 'Grant_priv')

const databaseGrant = (row: Row): Grant => {
  const columns = privilegeColumns(row)
  const held = columns.filter((column) => row[column] === 'Y').map(privilegeOf)
  return {
    pattern: word(row, 'Db'),
    privileges: held.length === columns.length ? ['ALL PRIVILEGES'] : held,
    grantOption: row['Grant_priv'] === 'Y',
  }
}

/** Global privileges become privileges on the services' databases, because the target's server may hold others too. */
const globalGrants = (user: Row, columns: readonly string[], databases: readonly string[]): readonly Grant[] => {
  if (user['Select_priv'] !== 'Y' || user['Insert_priv'] !== 'Y') return []
  const held = columns.filter((column) => user[column] === 'Y').map(privilegeOf)
  const privileges = held.length === columns.length ? ['ALL PRIVILEGES'] : held
  return databases.map((database) => ({ pattern: database.replace(/[\\_%]/g, '\\$&'), privileges, grantOption: false }))
}

const ofAccount =
  (user: Row) =>
  (row: Row): boolean =>
    row['User'] === user['User'] && row['Host'] === user['Host']

interface Tables {
  readonly users: readonly Row[]
  readonly databases: readonly Row[]
  readonly tables: readonly Row[]
  readonly columns: readonly Row[]
  readonly routines: readonly Row[]
  readonly roles: readonly Row[]
  readonly globals: readonly Row[]
}

/** Limits and expiry dates of an account, which are not carried over, as SQL. */
const limitsOf = (user: Row, globals: Row): readonly string[] => {
  const set = (key: string): boolean => Number(user[key] ?? 0) > 0
  return [
    ...(set('max_questions') ? [`MAX_QUERIES_PER_HOUR ${user['max_questions']}`] : []),
    ...(set('max_updates') ? [`MAX_UPDATES_PER_HOUR ${user['max_updates']}`] : []),
    ...(set('max_connections') ? [`MAX_CONNECTIONS_PER_HOUR ${user['max_connections']}`] : []),
    ...(set('max_statement_time') ? [`MAX_STATEMENT_TIME ${user['max_statement_time']}`] : []),
    ...(user['password_expired'] === 'Y' ? ['an expired password: it will be set as not expired'] : []),
    ...(Number(globals['password_lifetime'] ?? user['password_lifetime'] ?? -1) > 0
      ? ['PASSWORD EXPIRE INTERVAL']
      : []),
  ]
}

/** Global privileges: all of an account without databases, otherwise only the server-wide ones. */
const globalOf = (user: Row, everywhere: boolean, dbColumns: readonly string[]): readonly string[] => {
  const columns = privilegeColumns(user)
  const held = columns.filter((column) => user[column] === 'Y' && !(everywhere && dbColumns.includes(column)))
  if (held.length === 0 || columns.every((column) => user[column] === 'Y')) return []
  return [`privileges on the whole server (${held.map(privilegeOf).join(', ')})`]
}

interface Held {
  readonly user: Row
  readonly all: Tables
  /** whether a row belongs to this account and a database that is carried over */
  readonly here: (row: Row) => boolean
  readonly everywhere: boolean
  readonly globals: Row
  readonly dbColumns: readonly string[]
}

/** What the target's account will lack, in words. */
const leftOf = ({ user, all, here, everywhere, globals, dbColumns }: Held): readonly string[] => {
  const mine = ofAccount(user)
  const single = [
    ['tables', all.tables],
    ['columns', all.columns],
    ['routines', all.routines],
  ] as const
  const others = all.databases.filter((row) => mine(row) && !here(row)).map((row) => word(row, 'Db'))
  const roles = all.roles.filter(mine).map((row) => word(row, 'Role'))
  return [
    ...(everywhere ? ['privileges on every database of the source: it gets only those on service databases'] : []),
    ...globalOf(user, everywhere, dbColumns),
    ...single.flatMap(([what, rows]) => (rows.some(here) ? [`privileges on single ${what}`] : [])),
    ...(others.length > 0 ? [`privileges on other databases (${others.join(', ')})`] : []),
    ...(roles.length > 0 ? [`privileges through roles (${roles.join(', ')})`] : []),
    ...(globals['auth_or'] === undefined ? [] : ['a second login method']),
    ...(word(user, 'ssl_type') === 'SPECIFIED' ? ['client certificate requirements: it gets REQUIRE X509'] : []),
    ...limitsOf(user, globals),
  ]
}

const accountOf = (user: Row, all: Tables, databases: readonly string[], dbColumns: readonly string[]): Account => {
  const mine = ofAccount(user)
  const here = (row: Row) => mine(row) && databases.some((database) => patternMeans(word(row, 'Db'), database))
  const everywhere = globalGrants(user, dbColumns, databases)
  const hash = word(user, 'authentication_string') || word(user, 'Password')
  const native = hash === '' || hash.startsWith('*')
  const globals = JSON.parse(word(all.globals.find(mine) ?? {}, 'Priv') || '{}') as Row
  return {
    user: word(user, 'User'),
    host: word(user, 'Host'),
    plugin: word(user, 'plugin') || (native ? 'mysql_native_password' : 'mysql_old_password'),
    hash,
    tls: word(user, 'ssl_type'),
    maxUserConnections: Number(user['max_user_connections'] ?? 0),
    locked: globals['account_locked'] === true || user['account_locked'] === 'Y',
    grants: [...everywhere, ...all.databases.filter(here).map(databaseGrant)],
    left: leftOf({ user, all, here, everywhere: everywhere.length > 0, globals, dbColumns }),
  }
}

const exists = async (db: Db, table: string): Promise<readonly Row[]> => {
  const [found] = await db.rows(
    "SELECT 1 FROM information_schema.tables WHERE table_schema = 'mysql' AND table_name = ?",
    [table],
  )
  return found ? db.rows<Row>(`SELECT * FROM mysql.\`${table}\``) : []
}

/**
 * Every account, with its rights in these databases and its password hash, from MySQL 5.1 and MariaDB 5.1 on. The
 * server's own accounts and the machine's root (`hostnames`: its names) are left out: the target has its own.
 */
export const askAccounts = async (
  db: Db,
  databases: readonly string[],
  hostnames: readonly string[] = [],
): Promise<readonly Account[]> => {
  const [users, dbs, tables, columns, routines, roles, globals] = await Promise.all(
    ['user', 'db', 'tables_priv', 'columns_priv', 'procs_priv', 'roles_mapping', 'global_priv'].map((table) =>
      exists(db, table),
    ),
  )
  const all = { users, databases: dbs, tables, columns, routines, roles, globals } as Tables
  const described = await db.rows<{ c: string }>(
    "SELECT column_name AS c FROM information_schema.columns WHERE table_schema = 'mysql' AND table_name = 'db'",
  )
  const dbColumns = described.map(({ c }) => c).filter((c) => c.endsWith('_priv') && c !== 'Grant_priv')
  const local = [...localNames, ...hostnames]
  return all.users
    .filter((user) => !serversOwn.includes(word(user, 'User')) && user['is_role'] !== 'Y')
    .filter((user) => word(user, 'User') !== 'root' || !local.includes(word(user, 'Host')))
    .map((user) => accountOf(user, all, databases, dbColumns))
    .sort((a, b) => (`${a.user}@${a.host}` < `${b.user}@${b.host}` ? -1 : 1))
}
