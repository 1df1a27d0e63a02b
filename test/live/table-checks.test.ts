import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { contentChecks } from '../../src/checks/contents.ts'
import { serverChecks } from '../../src/checks/servers.ts'
import { tableChecks } from '../../src/checks/tables.ts'
import type { Check, CheckContext } from '../../src/source/check.ts'
import type { Survey } from '../../src/survey.ts'
import { settings, surveyed } from '../fixtures/facts/survey.ts'
import { type Server, startMariadb } from './mariadb.ts'

let source: Server
let target: Server
beforeAll(async () => {
  ;[source, target] = await Promise.all([startMariadb('--sql-mode='), startMariadb()])
})
afterAll(() => Promise.all([source?.stop(), target?.stop()]))
beforeEach(async () => {
  const db = await source.db()
  await db.run('SET foreign_key_checks = 0')
  await db.run('CREATE OR REPLACE DATABASE cloud CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci')
})

type Variables = Readonly<Record<string, string>>

const context = (own: Variables = {}, theirs: Variables = {}): CheckContext => ({
  config: settings,
  survey: {
    source: { ...surveyed.source, mariadb: { event_scheduler: 'ON', ...own } },
    target: {
      ...surveyed.target,
      mariadb: theirs,
      collations: { utf8mb3: 'utf8mb3_general_ci', latin1: 'x', utf8mb4: 'x' },
    },
    services: [{ name: 'cloud', databases: [{ name: 'cloud', repo: 'nova' }] }],
  } as unknown as Survey,
  recipes: [],
  recreate: false,
  claimed: false,
  hosts: (name) => (name === 'source' ? source.host : target.host),
})

const checks: readonly Check[] = [...tableChecks, ...contentChecks, ...serverChecks]
const find = async (id: string, with_ = context()): Promise<readonly string[]> => {
  const check = checks.find((one) => one.id === id) ?? expect.fail(`no check ${id}`)
  return (await check.ask(with_)).map((one) => `${one.level}: ${one.says}`)
}

interface Case {
  readonly id: string
  readonly silent: string
  readonly fires: string
  readonly says: RegExp
  readonly own?: Variables
}

const cases: readonly Case[] = [
  {
    id: 'database/engines',
    silent: 'CREATE TABLE a (id INT PRIMARY KEY)',
    fires: 'CREATE TABLE b (id INT PRIMARY KEY) ENGINE=MyISAM',
    says: /block: .*: cloud\.b \(MyISAM\)$/,
  },
  {
    id: 'database/row-formats',
    silent: 'CREATE TABLE a (id INT PRIMARY KEY) ROW_FORMAT=DYNAMIC',
    fires: 'CREATE TABLE b (id INT PRIMARY KEY) ROW_FORMAT=COMPACT',
    says: /warn: .*: cloud\.b \(Compact\)$/,
  },
  {
    id: 'database/collations',
    silent: 'CREATE TABLE a (n VARCHAR(9)); CREATE TABLE c (n VARCHAR(9))',
    fires: 'CREATE TABLE b (n VARCHAR(9)) COLLATE utf8mb3_unicode_ci',
    says: /warn: cloud has tables of different collations: utf8mb3_general_ci,utf8mb3_unicode_ci$/,
  },
  {
    id: 'database/key-collations',
    silent:
      'CREATE TABLE a (n VARCHAR(9) PRIMARY KEY); CREATE TABLE c (n VARCHAR(9), FOREIGN KEY (n) REFERENCES a (n))',
    // as a dump does: made while nobody looks at foreign keys
    fires:
      'SET foreign_key_checks = 0; CREATE TABLE b (n VARCHAR(9) COLLATE utf8mb3_unicode_ci, FOREIGN KEY (n) REFERENCES later (n)); CREATE TABLE later (n VARCHAR(9) PRIMARY KEY)',
    says: /block: .*cloud\.b\.n utf8mb3_unicode_ci and later\.n utf8mb3_general_ci$/,
  },
  {
    id: 'database/known-collations',
    silent: 'CREATE TABLE a (n VARCHAR(9))',
    fires: 'CREATE TABLE b (n VARCHAR(9) CHARACTER SET koi8r)',
    says: /block: .*: koi8r_general_ci$/,
  },
  {
    id: 'database/primary-keys',
    silent: 'CREATE TABLE a (id INT PRIMARY KEY)',
    fires: 'CREATE TABLE b (id INT)',
    says: /warn: .*: cloud\.b$/,
    own: { wsrep_on: 'ON' },
  },
  {
    id: 'database/zero-dates',
    silent: "CREATE TABLE a (at DATETIME, d DATE); INSERT INTO a VALUES ('2026-01-01', NULL)",
    fires: "CREATE TABLE b (at DATETIME, d DATE); INSERT INTO b VALUES ('0000-00-00', NULL), (NULL, '2020-05-00')",
    says: /block: .*: cloud\.b \(2 rows\)$/,
  },
  {
    id: 'database/check-constraints',
    silent: 'CREATE TABLE a (b TINYINT, CHECK (b IN (0, 1))); INSERT INTO a VALUES (1), (NULL)',
    fires:
      'CREATE TABLE b (b TINYINT, CONSTRAINT yes CHECK (b IN (0, 1))); SET check_constraint_checks = 0; INSERT INTO b VALUES (7)',
    says: /block: .*: cloud\.b yes \(1 rows\)$/,
  },
  {
    id: 'database/orphans',
    silent:
      'CREATE TABLE p (id INT PRIMARY KEY); INSERT INTO p VALUES (1); CREATE TABLE c (p INT, FOREIGN KEY (p) REFERENCES p (id)); INSERT INTO c VALUES (1), (NULL)',
    fires: 'SET foreign_key_checks = 0; INSERT INTO c VALUES (9)',
    says: /warn: .*: cloud\.c \S+ \(1 rows\)$/,
  },
  {
    id: 'database/row-numbers',
    silent: 'CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT = 1000; INSERT INTO a VALUES (NULL)',
    fires:
      'CREATE TABLE b (id INT AUTO_INCREMENT PRIMARY KEY) AUTO_INCREMENT = 2100000000; INSERT INTO b VALUES (NULL)',
    says: /warn: .*: cloud\.b at 2100000001$/,
  },
  {
    id: 'database/events',
    silent: 'CREATE EVENT off ON SCHEDULE EVERY 1 YEAR DISABLE DO SELECT 1',
    fires: 'CREATE EVENT loud ON SCHEDULE EVERY 1 YEAR DO SELECT 1',
    says: /block: .*: cloud\.loud$/,
  },
  {
    id: 'mariadb/replication',
    silent: 'SELECT 1',
    fires: "CHANGE MASTER TO master_host = '127.0.0.1', master_user = 'nobody'",
    says: /block: .*replicates from another server/,
  },
]

test.each(cases.map((of) => [of.id, of] as const))('%s is silent, and then says what is wrong', async (id, of) => {
  await source.load('cloud', of.silent)
  expect(await find(id, context(of.own))).toEqual([])
  await source.load('cloud', of.fires)
  expect(await find(id, context(of.own))).toEqual([expect.stringMatching(of.says)])
  if (id === 'mariadb/replication') await source.load('cloud', 'RESET SLAVE ALL')
})

test('mariadb/name-case compares what both servers said', async () => {
  const same = { lower_case_table_names: '0' }
  expect(await find('mariadb/name-case', context(same, same))).toEqual([])
  expect(await find('mariadb/name-case', context(same, { lower_case_table_names: '1' }))).toEqual([
    expect.stringContaining('block: lower_case_table_names is 0'),
  ])
})

test('mariadb/encryption names tables that are encrypted at rest', async () => {
  expect(await find('mariadb/encryption')).toEqual([])
  expect(await find('mariadb/encryption', context({ innodb_encrypt_tables: 'ON' }))).toEqual([
    expect.stringContaining('warn: '),
  ])
})

test('database/reserved-words: a name that both take is none, and one that only the newer refuses is said', async () => {
  await source.load('cloud', 'CREATE TABLE `groups` (`select` INT, `elsif` INT)')
  // What both refuse is nothing new.
  expect(await find('database/reserved-words', context({}, { sql_mode: '' }))).toEqual([])
  // In this mode a server knows more words: as a newer one does.
  await target.load('mysql', 'SET GLOBAL sql_mode = ORACLE')
  expect(await find('database/reserved-words', context({}, { sql_mode: '' }))).toEqual([
    expect.stringMatching(/^warn: .*: ELSIF$/),
  ])
})
