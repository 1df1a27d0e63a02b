import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { type Db, openDatabase } from '../../src/hosts/db.ts'
import type { Argv, Command, Host } from '../../src/hosts/host.ts'
import { localHost } from '../../src/hosts/local.ts'

/** A MariaDB with its own data directory and socket, without a port. As `host` swapctl reaches it as a machine. */
export interface Server {
  readonly host: Host
  readonly socket: string
  readonly directory: string
  /** always closed with the server */
  db(database?: string): Promise<Db>
  /** feeds SQL text to the client, byte for byte */
  load(database: string, sql: string | Buffer, ...options: readonly string[]): Promise<void>
  stop(): Promise<void>
}

/**
 * The machine's programs, with MariaDB's clients pointed at this server's socket by root's option file, which is read
 * last.
 */
const hostOf = (directory: string, socket: string): Host => {
  const local = localHost()
  const at = ({ argv, ...rest }: Command): Command => ({ argv: ['env', `HOME=${directory}`, ...argv] as Argv, ...rest })
  return {
    ...local,
    run: (c) => local.run(at(c)),
    spawn: (c) => local.spawn(at(c)),
    socket: () => local.socket(socket),
  }
}

/** Starts a server in a new directory under the system's temporary one; `options` go to mariadbd. */
export const startMariadb = async (...options: readonly string[]): Promise<Server> => {
  const directory = await mkdtemp(join(tmpdir(), 'swapctl-mariadb-'))
  const [data, socket] = [join(directory, 'data'), join(directory, 's')]
  // Temporary tables of two servers in one directory collide.
  const env = { TMPDIR: directory }
  const owner = ['--no-defaults', `--datadir=${data}`, '--user=root']
  await execa('mariadb-install-db', [...owner, '--skip-test-db', '--auth-root-authentication-method=socket'], { env })
  const server = execa(
    'mariadbd',
    [
      ...owner,
      `--socket=${socket}`,
      '--skip-networking',
      `--pid-file=${join(directory, 'pid')}`,
      '--innodb-flush-log-at-trx-commit=0',
      '--skip-innodb-doublewrite',
      ...options,
    ],
    { env },
  )
  server.catch(() => {})
  await writeFile(join(directory, '.my.cnf'), `[client]\nsocket=${socket}\n`)
  const host = hostOf(directory, socket)
  const open: Db[] = []
  const db = async (database?: string) => {
    const opened = await openDatabase(host, { readOnly: false, ...(database === undefined ? {} : { database }) })
    open.push(opened)
    return opened
  }
  const client = ['--no-defaults', `--socket=${socket}`, '--default-character-set=utf8mb4']
  for (let tries = 0; ; tries += 1) {
    if ((await execa('mariadb', [...client, '-e', 'SELECT 1'], { reject: false })).exitCode === 0) break
    if (tries === 150 || server.exitCode !== null) throw new Error(`mariadbd does not start: ${(await server).stderr}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const load = async (database: string, sql: string | Buffer, ...more: readonly string[]) => {
    await execa('mariadb', [...client, ...more, database], { input: sql })
  }
  const stop = async () => {
    for (const one of open) await one.close()
    server.kill('SIGKILL')
    await server.catch(() => {})
    await rm(directory, { recursive: true, force: true })
  }
  return { host, socket, directory, db, load, stop }
}
