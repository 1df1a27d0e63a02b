import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { perform } from '../../src/engine/perform.ts'
import type { SwapError } from '../../src/errors.ts'
import { type Db, openDatabase, withDatabase } from '../../src/hosts/db.ts'
import type { Host } from '../../src/hosts/host.ts'
import { sshHost } from '../../src/hosts/ssh.ts'
import { type Mariadb, type Sshd, startMariadb, startSshd } from './machines.ts'

let sshd: Sshd
let mariadb: Mariadb
let host: Host
beforeAll(async () => {
  mariadb = await startMariadb()
  const home = mkdtempSync(join(tmpdir(), 'mysql-home-'))
  writeFileSync(join(home, 'my.cnf'), `[mysqld]\nsocket = ${mariadb.socket}\n`)
  sshd = await startSshd({ environment: { MYSQL_HOME: home } })
  const plain = sshHost(sshd.machine, 'target')
  host = { ...plain, socket: () => plain.socket(mariadb.socket) }
  const setUp = [
    'CREATE DATABASE cloud CHARACTER SET utf8mb4',
    'CREATE TABLE cloud.server (id BIGINT PRIMARY KEY, name VARCHAR(80), born DATETIME(6), bits BLOB, share DECIMAL(20,10), info JSON, gone TINYINT(1))',
    `INSERT INTO cloud.server VALUES
      (9223372036854775807, 'проект-δ 日本 \u{1F600}', '2020-02-29 12:34:56.123456', x'00ff27', 0.1234567891, '{"a": [1]}', 1),
      (2, NULL, NULL, NULL, NULL, NULL, 0)`,
    "CREATE USER stranger@localhost IDENTIFIED BY 'x'",
  ]
  execFileSync('mariadb', ['--no-defaults', `--socket=${mariadb.socket}`, '--default-character-set=utf8mb4'], {
    input: `${setUp.join(';\n')};\n`,
  })
})
afterAll(async () => {
  await host?.close()
  await sshd?.stop()
  await mariadb?.stop()
})

const failure = (work: Promise<unknown>): Promise<SwapError> =>
  work.then(
    () => expect.fail('it should have failed'),
    (error) => error,
  )
const reading = <T>(use: (db: Db) => Promise<T>) => withDatabase(host, { database: 'cloud', readOnly: true }, use)
const writing = <T>(use: (db: Db) => Promise<T>) => withDatabase(host, { database: 'cloud', readOnly: false }, use)

test('root logs in over the socket without a password', async () => {
  const who = await reading((db) => db.rows<{ who: string }>('SELECT CURRENT_USER() AS who'))
  expect(who).toEqual([{ who: 'root@localhost' }])
})

test('values arrive unchanged: large numbers, fractions, times, bytes, JSON and every alphabet', async () => {
  const rows = await reading((db) => db.rows('SELECT * FROM server ORDER BY id DESC'))
  expect(rows).toEqual([
    {
      id: '9223372036854775807',
      name: 'проект-δ 日本 \u{1F600}',
      born: '2020-02-29 12:34:56.123456',
      bits: Buffer.from([0, 255, 39]),
      share: '0.1234567891',
      info: '{"a": [1]}',
      gone: 1,
    },
    { id: 2, name: null, born: null, bits: null, share: null, info: null, gone: 0 },
  ])
})

test('parameters are values, whatever they contain', async () => {
  const hostile = `'; DROP TABLE server; -- \\ " \` \n δ`
  await writing(async (db) => {
    expect(await db.run('INSERT INTO server (id, name) VALUES (?, ?)', [3, hostile])).toBe(1)
    expect(await db.rows('SELECT name FROM server WHERE name = ?', [hostile])).toEqual([{ name: hostile }])
    expect(await db.run('DELETE FROM server WHERE id = 3')).toBe(1)
  })
})

test.each([
  'INSERT INTO server (id) VALUES (4)',
  "UPDATE server SET name = 'x'",
  'DELETE FROM server',
  'TRUNCATE server',
  'DROP TABLE server',
  'ALTER TABLE server ADD more INT',
  'CREATE TABLE other (id INT)',
  'CREATE DATABASE other',
  'DROP DATABASE cloud',
  'GRANT ALL ON *.* TO stranger@localhost',
  'CREATE USER another@localhost',
  "INSERT INTO mysql.db (Host, Db, User) VALUES ('h', 'd', 'u')",
])('a read-only connection cannot write: %s', async (sql) => {
  const error = await failure(reading((db) => db.run(sql)))
  expect(error.message).toMatch(/READ ONLY/)
})

test('a statement that fails names the machine, the database, the reason and the statement', async () => {
  const error = await failure(reading((db) => db.rows('SELECT nothing FROM nowhere')))
  expect(error).toMatchObject({ exitCode: 1, where: 'target, MariaDB, cloud' })
  expect(error.message).toMatch(/nowhere' doesn't exist; the statement was: SELECT nothing FROM nowhere/)
})

test('a missing database or server is refused before anything is done', async () => {
  const database = await failure(openDatabase(host, { database: 'nothing', readOnly: true }))
  expect(database).toMatchObject({ exitCode: 2, message: expect.stringMatching(/nothing.*Unknown database/) })
  const plain = sshHost(sshd.machine, 'target')
  const home = mkdtempSync(join(tmpdir(), 'mysql-home-'))
  writeFileSync(join(home, 'my.cnf'), '[mysqld]\nsocket = /no/such.sock\n')
  const run: Host['run'] = (command) => plain.run({ ...command, argv: ['env', `MYSQL_HOME=${home}`, ...command.argv] })
  const elsewhere = { ...plain, run, socket: () => plain.socket('/no/such.sock') }
  const server = await failure(openDatabase(elsewhere, { readOnly: true }))
  expect(server).toMatchObject({ exitCode: 2, where: 'target, MariaDB' })
  expect(server.message).toContain('/no/such.sock')
  await plain.close()
})

test("the socket is found from the server's own settings", async () => {
  const plain = sshHost(sshd.machine, 'target')
  const rows = await withDatabase(plain, { readOnly: true }, (db) =>
    db.rows<{ path: string }>('SELECT @@socket AS path'),
  )
  expect(rows).toEqual([{ path: mariadb.socket }])
  await plain.close()
})

test('a connection closed by the server fails only the next statement', async () => {
  const db = await openDatabase(host, { readOnly: true })
  const [row] = await db.rows<{ id: number }>('SELECT CONNECTION_ID() AS id')
  await writing((other) => other.run(`KILL ${row?.id}`))
  const error = await failure(db.rows('SELECT 1'))
  expect(error.where).toBe('target, MariaDB')
  await db.close()
  expect(await reading((again) => again.rows('SELECT 1 AS one'))).toEqual([{ one: 1 }])
})

test('a connection whose ssh breaks fails only the next statement', async () => {
  const plain = sshHost(sshd.machine, 'target')
  const db = await openDatabase(plain, { readOnly: true })
  const { stdout } = await plain.run({
    argv: [
      'sh',
      '-c',
      'p=$PPID; while ! grep -q "^sshd" "/proc/$p/comm"; do p=$(cut -d " " -f 4 "/proc/$p/stat"); done; echo "$p"',
    ],
  })
  process.kill(Number(stdout), 'SIGKILL')
  await sleep(300)
  expect((await failure(db.rows('SELECT 1'))).where).toBe('target, MariaDB')
  await db.close()
  const again = await openDatabase(plain, { readOnly: true })
  expect(await again.rows('SELECT 1 AS one')).toEqual([{ one: 1 }])
  await again.close()
  await plain.close()
})

test.each(['unix_socket', "mysql_native_password USING 'invalid' OR unix_socket"])(
  'root comes in whichever way Debian has set it up: %s',
  async (via) => {
    await writing((db) => db.run(`ALTER USER root@localhost IDENTIFIED VIA ${via}`))
    expect(await reading((db) => db.rows('SELECT CURRENT_USER() AS who'))).toEqual([{ who: 'root@localhost' }])
  },
)

test('a server whose root needs a password is refused with the statement that fixes it', async () => {
  const admin = (sql: string) =>
    execFileSync('mariadb', ['--no-defaults', `--socket=${mariadb.socket}`, '--user=keeper'], { input: sql })
  await writing((db) => db.run('CREATE USER keeper@localhost'))
  await writing((db) => db.run('GRANT ALL ON *.* TO keeper@localhost WITH GRANT OPTION'))
  admin("ALTER USER root@localhost IDENTIFIED BY 'a password'")
  const error = await failure(openDatabase(host, { readOnly: true }))
  admin(
    "ALTER USER root@localhost IDENTIFIED VIA mysql_native_password USING 'invalid' OR unix_socket; DROP USER keeper@localhost",
  )
  expect(error).toMatchObject({ exitCode: 2, where: 'target, MariaDB' })
  expect(error.message).toMatch(/root cannot log in over the socket: Access denied/)
  expect(error.next).toMatch(/ALTER USER root@localhost IDENTIFIED VIA unix_socket/)
})

test('an sql action runs its statements in order on one connection and stops at the first that fails', async () => {
  const tools = { hosts: () => host, fixups: async () => '' }
  const statements = [
    'SET @seen = 1',
    'CREATE TABLE ordered (id INT)',
    'INSERT INTO ordered SELECT @seen',
    'INSERT INTO missing VALUES (1)',
    'INSERT INTO ordered VALUES (2)',
  ]
  const error = await failure(perform({ kind: 'sql', on: 'target', database: 'cloud', statements }, tools))
  expect(error.message).toMatch(/missing' doesn't exist/)
  expect(await reading((db) => db.rows('SELECT id FROM ordered'))).toEqual([{ id: 1 }])
})

test('a failing secret statement is not shown', async () => {
  const tools = { hosts: () => host, fixups: async () => '' }
  const statements = ["CREATE USER nova IDENTIFIED BY 'hunter2' WITH NONSENSE 3"]
  const error = await failure(perform({ kind: 'sql', on: 'target', statements, secret: true }, tools))
  expect(`${error.message} ${error.where} ${error.next}`).not.toContain('hunter2')
  expect(error.message).toMatch(/statement 1 .*ER_PARSE_ERROR/)
})
