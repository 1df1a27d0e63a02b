import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { perform } from '../../src/engine/perform.ts'
import type { Db } from '../../src/hosts/db.ts'
import { askAccounts } from '../../src/transfer/accounts.ts'
import { askDefiners, compareAccounts, grantRemarks, grantsAction, missingDefiners } from '../../src/transfer/grants.ts'
import { type Server, startMariadb } from './mariadb.ts'

let source: Server
let target: Server
let from: Db
let to: Db
const databases = ['nova', 'nova_api', 'keystone']
const hosts = { '10.20.0.11': '10.20.0.12' }

beforeAll(async () => {
  ;[source, target] = await Promise.all([startMariadb(), startMariadb()])
  ;[from, to] = await Promise.all([source.db(), target.db()])
  for (const statement of [
    ...databases.map((name) => `CREATE DATABASE ${name}`),
    "CREATE USER nova@'%' IDENTIFIED BY 'p#;%@/''\"w'",
    "GRANT ALL ON nova.* TO nova@'%'",
    "GRANT ALL ON `nova\\_api`.* TO nova@'%'",
    "CREATE USER `o'dd\\us``er`@'10.20.0.11' IDENTIFIED BY 'x' REQUIRE SSL WITH MAX_USER_CONNECTIONS 7",
    "GRANT SELECT, INSERT, CREATE TEMPORARY TABLES, LOCK TABLES ON `nova%`.* TO `o'dd\\us``er`@'10.20.0.11' WITH GRANT OPTION",
    "CREATE USER root@'%' IDENTIFIED BY 'r00t'",
    "GRANT ALL ON *.* TO root@'%'",
    "CREATE USER backup@localhost IDENTIFIED BY 'b'",
    'GRANT RELOAD ON *.* TO backup@localhost',
    "CREATE USER other@'%' IDENTIFIED BY 'o'",
    "GRANT ALL ON mysql.* TO other@'%'",
    'CREATE USER socket@localhost IDENTIFIED VIA unix_socket',
    'GRANT SELECT ON keystone.* TO socket@localhost',
    "CREATE USER open@'%'",
    "GRANT SELECT ON keystone.* TO open@'%'",
    'CREATE TABLE keystone.user (id INT)',
    "GRANT SELECT ON keystone.user TO other@'%'",
  ])
    await from.run(statement)
})
afterAll(() => Promise.all([source?.stop(), target?.stop()]))

const carry = async () => {
  const accounts = await askAccounts(from, databases)
  await perform(grantsAction(accounts, hosts), { hosts: () => target.host, fixups: async () => '' })
  return accounts
}
const differences = async () =>
  compareAccounts(await askAccounts(from, databases), await askAccounts(to, databases), hosts)

test('accounts arrive with their passwords and rights, at their new address, and twice is the same as once', async () => {
  expect(await differences()).toEqual(['nova@% is missing', "o'dd\\us`er@10.20.0.12 is missing", 'root@% is missing'])
  await carry()
  expect(await differences()).toEqual([])
  await carry()
  expect(await differences()).toEqual([])
  const grants = await to.rows<Record<string, string>>("SHOW GRANTS FOR `o'dd\\us``er`@'10.20.0.12'")
  expect(grants.flatMap((row) => Object.values(row)).join('\n')).toMatch(
    /REQUIRE SSL WITH MAX_USER_CONNECTIONS 7\nGRANT SELECT, INSERT, CREATE TEMPORARY TABLES, LOCK TABLES ON `nova%`\.\* .* WITH GRANT OPTION$/,
  )
})

test('the old password lets the service in to its own databases and to no other', async () => {
  await carry()
  for (const name of databases) await to.run(`CREATE DATABASE IF NOT EXISTS ${name}`)
  const login = () => createConnection({ socketPath: target.socket, user: 'nova', password: 'p#;%@/\'"w' })
  const connection = await login()
  await connection.query('CREATE TABLE nova_api.mine (id INT)')
  await expect(connection.query('SELECT * FROM mysql.user')).rejects.toThrow('denied')
  await expect(connection.query('CREATE TABLE keystone.mine (id INT)')).rejects.toThrow('denied')
  await connection.end()
  await to.run("ALTER USER nova@'%' IDENTIFIED BY 'other'")
  await expect(login()).rejects.toThrow('Access denied')
  expect(await differences()).toEqual(['nova@% has another password'])
  await to.run("REVOKE DELETE ON nova.* FROM nova@'%'")
  await to.run("GRANT SELECT ON keystone.* TO nova@'%'")
  await carry()
  expect(await differences()).toEqual([])
  await (await login()).end()
})

test('what cannot be carried is named, and no hash with it', async () => {
  const remarks = grantRemarks(await askAccounts(from, databases))
  expect(remarks).toEqual([
    'open@% is not carried over: it has no password; create it on the target by hand',
    'other@% is not carried over: it has nothing but privileges on single tables; create it on the target by hand',
    'root@% has privileges on every database of the source: it gets those of the services',
    'socket@localhost is not carried over: it logs in through unix_socket; create it on the target by hand',
  ])
})

test('definers without an account are named', async () => {
  await from.run(
    "CREATE DEFINER=nova@'%' TRIGGER keystone.a BEFORE INSERT ON keystone.user FOR EACH ROW SET NEW.id = 1",
  )
  await from.run("CREATE DEFINER=gone@'%' VIEW keystone.b AS SELECT 1")
  const definers = await askDefiners(from, databases)
  expect([...definers].sort()).toEqual(['gone@%', 'nova@%'])
  expect(missingDefiners(definers, ['nova@%', 'root@localhost'])).toEqual(['gone@%'])
})
