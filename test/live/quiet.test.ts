import { execFileSync, spawn } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withDatabase } from '../../src/hosts/db.ts'
import type { Command, Host } from '../../src/hosts/host.ts'
import { askQuiet } from '../../src/source/quiet.ts'
import { contextOf } from '../real-plans.ts'
import { type Server, startMariadb } from './mariadb.ts'

let server: Server
beforeAll(async () => {
  server = await startMariadb()
  const db = await server.db()
  await db.run('CREATE DATABASE cloud')
  await db.run('CREATE TABLE cloud.t (id INT PRIMARY KEY)')
  await db.run("CREATE USER nova@localhost IDENTIFIED BY 'x'")
  await db.run('GRANT ALL ON cloud.* TO nova@localhost')
}, 60_000)
afterAll(() => server?.stop())

/** A machine without a broker, and without running services. */
const host = (): Host => ({
  ...server.host,
  name: 'source',
  run: (command: Command) =>
    command.argv[0] === 'rabbitmqctl' ? Promise.resolve({ code: 0, stdout: '', stderr: '' }) : server.host.run(command),
})
const quiet = () => askQuiet(contextOf('keystone-glance', host), [])

test('a source whose database has a client is not quiet, and the client is named', { timeout: 120_000 }, async () => {
  expect(await quiet()).toMatch(/^no client, no row changed in 3 s/)
  const client = spawn(
    'mariadb',
    ['--no-defaults', `--socket=${server.socket}`, '--user=nova', '--password=x', 'cloud', '-e', 'SELECT SLEEP(100)'],
    { stdio: 'ignore' },
  )
  const there = () =>
    execFileSync('mariadb', ['--no-defaults', `--socket=${server.socket}`, '-Ne', 'SHOW PROCESSLIST'], {
      encoding: 'utf8',
    })
  await expect.poll(there, { timeout: 30_000 }).toContain('nova')
  await expect(quiet()).rejects.toThrow('connected to MariaDB: nova@localhost cloud')
  client.kill('SIGKILL')
})

test('a read-only connection cannot write to the database', async () => {
  const write = withDatabase(server.host, { readOnly: true }, (db) => db.run('INSERT INTO cloud.t VALUES (1)'))
  await expect(write).rejects.toThrow(/READ ONLY/i)
  expect(await (await server.db('cloud')).rows('SELECT * FROM t')).toEqual([])
})
