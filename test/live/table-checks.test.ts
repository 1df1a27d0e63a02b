import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Check, CheckContext } from '../../src/ask/check.ts'
import { collationChecks } from '../../src/checks/collations.ts'
import { contentChecks } from '../../src/checks/contents.ts'
import { lengthChecks } from '../../src/checks/lengths.ts'
import { serverChecks } from '../../src/checks/servers.ts'
import { tableChecks } from '../../src/checks/tables.ts'
import type { Survey } from '../../src/survey.ts'
import { askDatabase } from '../../src/transfer/facts.ts'
import { compareTables } from '../../src/transfer/same-tables.ts'
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

const checks: readonly Check[] = [
  ...tableChecks,
  ...collationChecks,
  ...contentChecks,
  ...serverChecks,
  ...lengthChecks,
]
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
    // tables from nova's own migrations are correct
    silent:
      'CREATE TABLE a (n VARCHAR(9)); CREATE TABLE c (n VARCHAR(9)); CREATE TABLE inventories (id INT) CHARSET latin1; CREATE TABLE instance_type_extra_specs (id INT) COLLATE utf8mb3_bin',
    fires: 'CREATE TABLE b (n VARCHAR(9)) COLLATE utf8mb3_unicode_ci; CREATE TABLE d (n VARCHAR(9)) CHARSET latin1',
    says: /warn: tables of cloud are not utf8mb3_general_ci like its other tables: utf8mb3_unicode_ci b; latin1_swedish_ci d$/,
  },
  {
    id: 'database/key-collations',
    silent:
      'CREATE TABLE a (n VARCHAR(9) PRIMARY KEY); CREATE TABLE c (n VARCHAR(9), FOREIGN KEY (n) REFERENCES a (n))',
    // as in a dump: created with foreign key checks turned off
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
    id: 'database/table-kinds',
    silent: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE VIEW v AS SELECT id FROM a',
    fires: 'CREATE TABLE b (id INT PRIMARY KEY, host VARCHAR(64)) WITH SYSTEM VERSIONING',
    says: /warn: system-versioned tables: cloud\.b \(system versioned\)$/,
  },
  {
    id: 'database/table-kinds',
    silent: 'SELECT 1',
    fires: 'CREATE SEQUENCE s',
    says: /warn: objects that are neither tables nor views, .*: cloud\.s \(sequence\)$/,
  },
  {
    id: 'database/engines',
    silent: 'CREATE TABLE a (id INT PRIMARY KEY) WITH SYSTEM VERSIONING',
    fires: 'CREATE TABLE b (id INT PRIMARY KEY) ENGINE=Aria WITH SYSTEM VERSIONING',
    says: /block: .*: cloud\.b \(Aria\)$/,
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

test.each(cases.map((of) => [of.id, of] as const))('%s: no finding, then one with the fault', async (id, of) => {
  await source.load('cloud', of.silent)
  expect(await find(id, context(of.own))).toEqual([])
  await source.load('cloud', of.fires)
  expect(await find(id, context(of.own))).toEqual([expect.stringMatching(of.says)])
  if (id === 'mariadb/replication') await source.load('cloud', 'RESET SLAVE ALL')
})

test('the import is proved with system-versioned tables and sequences', async () => {
  const db = await source.db()
  await source.load(
    'cloud',
    'CREATE TABLE a (id INT) WITH SYSTEM VERSIONING; CREATE SEQUENCE s; CREATE TABLE b (id INT)',
  )
  const facts = await askDatabase(db, 'cloud')
  expect(Object.keys(facts.tables)).toEqual(['a', 'b', 's'])
  await source.load('cloud', 'ALTER TABLE a DROP SYSTEM VERSIONING; DROP SEQUENCE s')
  expect(compareTables(facts, await askDatabase(db, 'cloud'))).toEqual([
    'a: kind system versioned on the source, base table on the target',
    'table s: missing on the target',
  ])
})

test("mariadb/name-case compares both servers' settings", async () => {
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

test('database/reserved-words: reports only names that the newer server alone refuses', async () => {
  await source.load('cloud', 'CREATE TABLE `groups` (`select` INT, `elsif` INT)')
  // A word that both servers refuse is not new.
  expect(await find('database/reserved-words', context({}, { sql_mode: '' }))).toEqual([])
  // In this mode a server reserves more words, like a newer one.
  await target.load('mysql', 'SET GLOBAL sql_mode = ORACLE')
  expect(await find('database/reserved-words', context({}, { sql_mode: '' }))).toEqual([
    expect.stringMatching(/^warn: .*: ELSIF$/),
  ])
})

/** Saves a snapshot of a schema, as prepare would. */
const pictured = async (state: string, columns: Readonly<Record<string, string>>): Promise<void> => {
  const made = Object.entries(columns).map(([name, type]) => [name, { type, nullable: true, extra: '' }])
  const table = {
    kind: 'BASE TABLE',
    engine: 'InnoDB',
    collation: '',
    indexes: {},
    foreignKeys: {},
    checks: [],
    triggers: {},
  }
  const tables = { a: { ...table, columns: Object.fromEntries(made) } }
  await mkdir(join(state, 'schemas'), { recursive: true })
  await writeFile(join(state, 'schemas', 'nova.json'), JSON.stringify({ database: 'x', repo: 'nova', tables }))
}

test("database/long-values: compares with the target's columns, and agrees with a strict server", async () => {
  const state = await mkdtemp(join(tmpdir(), 'swapctl-values-'))
  const with_ = { ...context(), config: { ...settings, state } }
  const theirs = { host: 'varchar(4)', note: 'tinytext', number: 'int(11)', kind: "enum('x','y')", same: 'varchar(9)' }
  try {
    await source.load(
      'cloud',
      `CREATE TABLE a (host VARCHAR(9), note TEXT, number BIGINT, kind VARCHAR(9), same VARCHAR(9), own INT);
       INSERT INTO a VALUES ('äöüß', REPEAT('n', 255), 2147483647, 'x', 'longerone', 1), (NULL, NULL, NULL, NULL, NULL, NULL)`,
    )
    // Before prepare nothing is known; afterwards everything fits, to the last character.
    expect(await find('database/long-values', with_)).toEqual([])
    await pictured(state, theirs)
    expect(await find('database/long-values', with_)).toEqual([])
    await source.load('cloud', "INSERT INTO a VALUES ('abcde', REPEAT('n', 256), 2147483648, 'z', '', 1)")
    const [said, ...more] = await find('database/long-values', with_)
    expect(more).toEqual([])
    for (const part of [
      'block: ',
      'cloud.a.host, varchar(9) to varchar(4) (1 rows)',
      'cloud.a.note, text to tinytext (1 rows)',
      'cloud.a.number, bigint(20) to int(11) (1 rows)',
      "cloud.a.kind, varchar(9) to enum('x','y') (1 rows)",
    ])
      expect(said).toContain(part)
    expect(said).not.toContain('same')
    // The server agrees, in the sql_mode of OpenStack's tools.
    for (const [column, type] of Object.entries(theirs)) {
      const alter = source.load('cloud', `SET sql_mode = TRADITIONAL; ALTER TABLE a MODIFY ${column} ${type}`)
      if (column === 'same') await alter
      else await expect(alter).rejects.toThrow(/ERROR (1406|1264|1265)/)
    }
  } finally {
    await rm(state, { recursive: true, force: true })
  }
})
