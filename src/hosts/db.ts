import type { Duplex } from 'node:stream'
import { type Connection, createConnection, type ResultSetHeader } from 'mysql2/promise'
import { refuse, SwapError } from '../errors.ts'
import { redact } from '../text/redact.ts'
import type { Host } from './host.ts'

export type Value = string | number | boolean | null | Buffer | Date

export interface Db {
  /** Rows of a query: dates as strings, integers beyond 2^53 as strings, JSON as text, binary columns as Buffer. */
  rows<T>(sql: string, params?: readonly Value[]): Promise<readonly T[]>
  /** Runs a statement; resolves with the number of affected rows. */
  run(sql: string, params?: readonly Value[]): Promise<number>
  close(): Promise<void>
}

export interface DbOptions {
  readonly database?: string
  /** true: the server refuses every write on this connection */
  readonly readOnly: boolean
}

const usual = '/run/mysqld/mysqld.sock'

/** The server's socket from its own settings, for when it is not at Debian's path. */
const askSocket = async (host: Host): Promise<string> => {
  const { code, stdout } = await host.run({ argv: ['my_print_defaults', 'mysqld', 'mariadb', 'server'], limit: 30 })
  const named = code === 0 ? [...stdout.matchAll(/^--socket=(.+)$/gm)].at(-1)?.[1] : undefined
  return named ?? '/var/lib/mysql/mysql.sock'
}

/** Whether the server answers a client on its own machine; a refused login counts as an answer. */
const answersThere = async (host: Host, path: string): Promise<boolean> => {
  const script = 'a=$(command -v mariadb-admin || command -v mysqladmin) && "$a" --no-defaults --socket="$1" ping'
  return (await host.run({ argv: ['sh', '-c', script, 'ping', path], limit: 30 })).code === 0
}

const notForwarded = (host: Host, path: string, cause: unknown): Error =>
  refuse(
    `${host.name}, sshd`,
    `sshd does not forward connections to ${path}, where MariaDB answers, and there is no Python to pass them on`,
    forwardingRemedy(host.name),
    cause,
  )

/** How to allow connections to a unix socket. Source: sshd_config(5), sshd(8). */
const forwardingRemedy = (machine: string): string =>
  `On ${machine}: install python3, or allow it: AllowStreamLocalForwarding yes (or local) and no DisableForwarding in sshd_config, no restrict or no-port-forwarding before the key in authorized_keys; then reload sshd`

const openSocket = async (host: Host): Promise<Duplex> => {
  try {
    return await host.socket(usual)
  } catch {
    const { code } = await host.run({ argv: ['test', '-S', usual], limit: 30 })
    const path = code === 0 ? usual : await askSocket(host)
    return host.socket(path).catch(async (error: unknown) => {
      if (error instanceof SwapError && error.exitCode === 2) throw error
      if (await answersThere(host, path)) throw notForwarded(host, path, error)
      throw refuse(`${host.name}, MariaDB`, why(error), 'Is MariaDB installed and running there?', error)
    })
  }
}

/** Seconds that one statement may take, including waiting for a table lock. */
const statementLimit = 7200
const lockLimit = 300

const withBackslashes = "TRIM(BOTH ',' FROM REPLACE(CONCAT(',', @@sql_mode, ','), ',NO_BACKSLASH_ESCAPES,', ','))"

/** What mysql2 says when its connection is lost; the text is about the client, so it is replaced. */
const gone = /closed state|The server closed the connection|PROTOCOL_CONNECTION_LOST|ECONNRESET/

const why = (error: unknown): string => {
  const said = error instanceof Error ? error.message : String(error)
  return gone.test(said) ? 'the connection was lost: the server was restarted, or the network failed' : said
}

const login = async (host: Host, options: DbOptions): Promise<Connection> => {
  const stream = await openSocket(host)
  try {
    return await createConnection({
      stream,
      user: 'root',
      ...(options.database === undefined ? {} : { database: options.database }),
      charset: 'utf8mb4',
      dateStrings: true,
      supportBigNumbers: true,
      jsonStrings: true,
    })
  } catch (error) {
    stream.destroy()
    throw refuse(
      `${host.name}, MariaDB`,
      `root cannot log in over the socket${options.database === undefined ? '' : ` to ${options.database}`}: ${why(error)}`,
      "Allow the system's root to log in: ALTER USER root@localhost IDENTIFIED VIA unix_socket;",
      error,
    )
  }
}

/**
 * A connection to a machine's MariaDB as root over its socket: no port, no password. The server authenticates the
 * process at the other end of the socket, which is sshd running as root (seen on 10.5, 10.11 and 11.8) or a relay
 * that runs as root.
 * Throws SwapError: exit 2 when the server cannot be reached or refuses root; exit 1 when a statement fails.
 */
export const openDatabase = async (host: Host, options: DbOptions): Promise<Db> => {
  const connection = await login(host, options)
  // A lost connection fails the next statement; without a listener the event would end the process.
  connection.on('error', () => {})
  const ask = async (sql: string, params: readonly Value[]) => {
    try {
      return (await connection.query({ sql, values: [...params], timeout: statementLimit * 1000 }))[0]
    } catch (error) {
      throw new SwapError(
        `${host.name}, MariaDB${options.database === undefined ? '' : `, ${options.database}`}`,
        `${why(error)}; the statement was: ${redact(sql.length > 500 ? `${sql.slice(0, 500)} ...` : sql)}`,
        'Run the same command again once the cause is fixed.',
        { cause: error },
      )
    }
  }
  // Our quoting uses backslashes, whatever the server's sql_mode is. The default lock_wait_timeout is a day.
  await ask(`SET SESSION sql_mode = ${withBackslashes}, lock_wait_timeout = ${lockLimit}`, [])
  if (options.readOnly) await ask('SET SESSION TRANSACTION READ ONLY', [])
  return {
    rows: async <T>(sql: string, params: readonly Value[] = []) => (await ask(sql, params)) as unknown as readonly T[],
    run: async (sql, params = []) => ((await ask(sql, params)) as ResultSetHeader).affectedRows ?? 0,
    close: async () => {
      await connection.end().catch(() => connection.destroy())
    },
  }
}

/** Shared connections, by host. */
const lent = new WeakMap<Host, () => Promise<Db>>()

/** Seconds after which the server aborts a query on a shared connection, because it is serving users meanwhile. */
const questionLimit = 60

/**
 * A host whose database is asked many small questions: all readers using `withDatabase` share one connection, opened on
 * first use. Queries run one after the other. Call `close` at the end.
 */
export const lendDatabase = (host: Host): { readonly host: Host; close(): Promise<void> } => {
  const own = { ...host }
  let opened: Promise<Db> | undefined
  const open = async (): Promise<Db> => {
    const db = await openDatabase(host, { readOnly: true })
    // MySQL does not have this variable; queries there have no limit.
    await db.run(`SET SESSION max_statement_time = ${questionLimit}`).catch(() => 0)
    return db
  }
  lent.set(own, () => {
    opened ??= open()
    return opened
  })
  const close = async (): Promise<void> => {
    const db = await opened?.catch(() => undefined)
    await db?.close()
  }
  return { host: own, close }
}

/** Opens a connection, passes it to `use` and always closes it; or uses the shared one. */
export const withDatabase = async <T>(host: Host, options: DbOptions, use: (db: Db) => Promise<T>): Promise<T> => {
  const borrow = options.readOnly && options.database === undefined ? lent.get(host) : undefined
  if (borrow !== undefined) return use(await borrow())
  const db = await openDatabase(host, options)
  try {
    return await use(db)
  } finally {
    await db.close()
  }
}
