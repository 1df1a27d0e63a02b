import { createConnection } from 'mysql2/promise'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { perform } from '../../src/engine/perform.ts'
import type { Db } from '../../src/hosts/db.ts'
import { askAccounts } from '../../src/transfer/accounts.ts'
import { askDefined, carried, compareAccounts, ghosts, grantRemarks, grantsAction } from '../../src/transfer/grants.ts'
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
    "CREATE USER dump@localhost IDENTIFIED BY 'd'",
    'GRANT SELECT, SHOW VIEW, TRIGGER, LOCK TABLES, RELOAD ON *.* TO dump@localhost',
    "CREATE USER monitor@'10.0.0.%' IDENTIFIED BY 'm' WITH MAX_QUERIES_PER_HOUR 9 MAX_CONNECTIONS_PER_HOUR 8",
    "GRANT PROCESS, REPLICATION CLIENT ON *.* TO monitor@'10.0.0.%'",
    "CREATE USER haproxy@'10.0.0.11'",
    "CREATE USER limited@'%' IDENTIFIED BY 'l' REQUIRE SSL WITH MAX_UPDATES_PER_HOUR 7 PASSWORD EXPIRE",
    "GRANT ALL ON keystone.* TO limited@'%'",
    "GRANT PROCESS ON *.* TO limited@'%'",
    'CREATE ROLE watchers',
    "GRANT watchers TO limited@'%'",
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

test('accounts are copied with passwords and rights, to their new address, idempotently', async () => {
  expect(await differences()).toEqual([
    'limited@% is missing',
    'nova@% is missing',
    "o'dd\\us`er@10.20.0.12 is missing",
    'root@% is missing',
  ])
  await carry()
  expect(await differences()).toEqual([])
  await carry()
  expect(await differences()).toEqual([])
  const grants = await to.rows<Record<string, string>>("SHOW GRANTS FOR `o'dd\\us``er`@'10.20.0.12'")
  expect(grants.flatMap((row) => Object.values(row)).join('\n')).toMatch(
    /REQUIRE SSL WITH MAX_USER_CONNECTIONS 7\nGRANT SELECT, INSERT, CREATE TEMPORARY TABLES, LOCK TABLES ON `nova%`\.\* .* WITH GRANT OPTION$/,
  )
})

test("the old password gives access to the service's own databases only", async () => {
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

test('what cannot be carried over is named, without a hash', async () => {
  const accounts = await askAccounts(from, databases)
  expect(grantRemarks(accounts)).toEqual([
    'backup@localhost is not copied: it only has privileges on the whole server (RELOAD); create it on the target by hand',
    'dump@localhost is not copied: it only has privileges on the whole server (SELECT, RELOAD, LOCK TABLES, SHOW VIEW, TRIGGER); create it on the target by hand',
    'haproxy@10.0.0.11 is not copied: it only has the right to log in; create it on the target by hand',
    'limited@% has privileges on the whole server (PROCESS)',
    'limited@% has privileges through roles (watchers)',
    'limited@% has MAX_UPDATES_PER_HOUR 7',
    'limited@% has an expired password: it will be set as not expired',
    'monitor@10.0.0.% is not copied: it only has privileges on the whole server (PROCESS, REPLICATION CLIENT) and MAX_QUERIES_PER_HOUR 9 and MAX_CONNECTIONS_PER_HOUR 8; create it on the target by hand',
    'open@% is not copied: it has no password; create it on the target by hand',
    'other@% is not copied: it only has privileges on single tables and privileges on other databases (mysql); create it on the target by hand',
    'root@% has privileges on every database of the source: it gets only those on service databases',
    'socket@localhost is not copied: it logs in through unix_socket; create it on the target by hand',
  ])
  expect(carried(accounts).map(({ user }) => user)).toEqual(['limited', 'nova', "o'dd\\us`er", 'root'])
})

test('definers without an account are named', async () => {
  await from.run(
    "CREATE DEFINER=nova@'%' TRIGGER keystone.a BEFORE INSERT ON keystone.user FOR EACH ROW SET NEW.id = 1",
  )
  await from.run("CREATE DEFINER=gone@'%' VIEW keystone.b AS SELECT 1")
  await from.run("CREATE DEFINER=gone@'%' PROCEDURE nova.c() SELECT 1")
  const defined = await askDefined(from, databases)
  expect(new Set(defined.map(({ definer }) => definer))).toEqual(new Set(['gone@%', 'nova@%']))
  expect([...ghosts(defined, ['nova@%', 'root@localhost'])]).toEqual([
    ['gone@%', ['procedure nova.c', 'view keystone.b']],
  ])
})
