import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { execa } from 'execa'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { perform } from '../../src/engine/perform.ts'
import type { Action } from '../../src/engine/step.ts'
import type { SwapError } from '../../src/errors.ts'
import type { Db } from '../../src/hosts/db.ts'
import type { Argv, Host, HostName } from '../../src/hosts/host.ts'
import { forTerminal } from '../../src/text/printable.ts'
import { arrivedArgv, dumpArgv, frozenDumpArgv, importArgv, recreateStatements } from '../../src/transfer/dump.ts'
import { proveSameTables } from '../../src/transfer/same-tables.ts'
import { compareContent, contentText } from '../../src/verify/content.ts'
import { type Server, startMariadb } from './mariadb.ts'

let source: Server
let target: Server
let from: Db
let to: Db
const hosts = (name: HostName): Host => (name === 'source' ? source.host : target.host)
const tools = { hosts, fixups: async () => '' }

beforeAll(async () => {
  ;[source, target] = await Promise.all([
    startMariadb(),
    startMariadb('--character-set-server=utf8mb4', '--collation-server=utf8mb4_unicode_ci'),
  ])
  ;[from, to] = await Promise.all([source.db(), target.db()])
})
afterAll(() => Promise.all([source?.stop(), target?.stop()]))

const survey = { name: 'clo`ud'.replace('`', '-'), charset: 'utf8', collation: 'utf8_unicode_ci' }
const database = survey.name

beforeEach(async () => {
  await from.run(`CREATE OR REPLACE DATABASE \`${database}\` CHARACTER SET utf8 COLLATE utf8_unicode_ci`)
  await source.load(
    database,
    `CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(255), extra TEXT, data LONGBLOB, at DATETIME NULL, ratio FLOAT, \`group\` BIT(3) NULL) CHARSET=utf8;
     CREATE TABLE old (id INT PRIMARY KEY, name VARCHAR(60)) CHARSET=latin1;
     CREATE TABLE child (id INT PRIMARY KEY, user INT, stamp TIMESTAMP NULL, FOREIGN KEY (user) REFERENCES users (id));
     CREATE TABLE \`we ird's "table"\` (\`co\`\`l\` INT);
     INSERT INTO users (name, extra, at, ratio, \`group\`) VALUES ('Zoë', 'проект-δ', '2026-01-01 10:00:00', 16.1, b'101'), ('it''s "quoted" \\\\ \\n\\r\\0 %', '-- Dump completed', NULL, 0.1, NULL);
     INSERT INTO users (name) VALUES ('a);\\nINSERT INTO old VALUES (9, NULL);\\n-- swapctl: rest\\n'), ('--'), (');');
     INSERT INTO users (name, data) SELECT CONCAT('user', seq), UNHEX(SHA2(seq, 512)) FROM seq_1_to_3000;
     INSERT INTO old VALUES (1, X'ffc32881e980'), (2, CONVERT(X'5a6fc3ab' USING latin1));
     INSERT INTO child SELECT id, id, '2026-03-29 02:30:00' FROM users WHERE id < 5;
     INSERT INTO \`we ird's "table"\` VALUES (1), (2), (2);
     SET SESSION sql_mode = '';
     UPDATE users SET at = '0000-00-00 00:00:00' WHERE id = 3;
     CREATE DEFINER=\`keystone\`@\`%\` TRIGGER loud BEFORE INSERT ON users FOR EACH ROW SET NEW.extra = CONCAT(NEW.extra, '; !');
     CREATE VIEW names AS SELECT name FROM users;
     DELIMITER //
     CREATE PROCEDURE twice() BEGIN SELECT 1; SELECT 2; END //
     CREATE EVENT never ON SCHEDULE EVERY 1 YEAR DO DELETE FROM old //`,
  )
})

const remake: Action = { kind: 'sql', on: 'target', statements: recreateStatements(survey) }
const carry = (fromArgv: Argv = frozenDumpArgv(database), toArgv: Argv = importArgv(database)): Action => ({
  kind: 'pipe',
  from: { on: 'source', argv: fromArgv },
  to: { on: 'target', argv: toArgv },
  what: database,
})
/** The tables and all their rows. */
const proveSame = async (): Promise<string> => {
  await proveSameTables(hosts, database)
  const content = await compareContent(hosts, { database, parallel: 1 })
  expect(content.differences).toEqual([])
  return contentText(content)
}
const present = async () => (await to.rows('SHOW DATABASES LIKE ?', [database])).length === 1

test('a dump in one part, as in the backup, can be imported too', async () => {
  await perform(remake, tools)
  await perform(carry(dumpArgv(database)), tools)
  expect(await proveSame()).toBe('4 tables, 3014 rows')
})

test('a database is copied completely: every byte, collation, trigger, definer, view, routine and event', async () => {
  await perform(remake, tools)
  await perform(carry(), tools)
  expect(await proveSameTables(hosts, database)).toBe('4 tables with equal definitions')
  expect(await proveSame()).toBe('4 tables, 3014 rows')
  const [old] = await to.rows(`SELECT HEX(name) AS hex FROM \`${database}\`.old WHERE id = 1`)
  expect(old).toEqual({ hex: 'FFC32881E980' })
  const [created] = await to.rows<{ charset: string; collation: string }>(
    'SELECT default_character_set_name AS charset, default_collation_name AS collation FROM information_schema.schemata WHERE schema_name = ?',
    [database],
  )
  expect(created).toEqual({ charset: 'utf8mb3', collation: 'utf8mb3_unicode_ci' })
  expect(await to.rows('SELECT definer FROM information_schema.triggers WHERE trigger_name = ?', ['loud'])).toEqual([
    { definer: 'keystone@%' },
  ])
  await to.run(`ANALYZE TABLE \`${database}\`.users`)
  const { stdout } = await target.host.run({ argv: arrivedArgv(database), limit: 30 })
  const [bytes = 0, rows = 0] = stdout.trim().split('\t').map(Number)
  expect(bytes).toBeGreaterThan(200_000)
  expect(Math.abs(rows - 3014)).toBeLessThan(300)
  // Again over existing data, as after a reverted swap.
  await perform(remake, tools)
  await perform(carry(), tools)
  expect(await proveSame()).toBe('4 tables, 3014 rows')
})

test.each([
  ['a table less', 'DROP TABLE old', 'table old: missing on the target'],
  ['a table more', 'CREATE TABLE more (id INT)', 'table more: only on the target'],
  ['no trigger', 'DROP TRIGGER loud', 'trigger loud: missing on the target'],
  [
    'a collation',
    'ALTER TABLE old CONVERT TO CHARACTER SET latin1 COLLATE latin1_bin',
    'old: collation latin1_swedish_ci on the source, latin1_bin on the target',
  ],
  [
    'a column',
    'ALTER TABLE old MODIFY id BIGINT',
    'old: column id int not null on the source, id bigint not null on the target',
  ],
  [
    'a foreign key',
    'ALTER TABLE child DROP FOREIGN KEY child_ibfk_1',
    'child: foreign keys 1 on the source, 0 on the target',
  ],
  [
    'the collation of new tables',
    `ALTER DATABASE \`${database}\` COLLATE utf8mb4_bin`,
    'default collation: utf8mb3_unicode_ci on the source, utf8mb4_bin on the target',
  ],
])('the proof fails for a copy that differs in %s', async (_, statement, says) => {
  await perform(remake, tools)
  await perform(carry(), tools)
  await target.load(database, statement)
  await expect(proveSameTables(hosts, database)).rejects.toThrow(says)
})

const plain = (filter: string): Argv => [
  'bash',
  '-c',
  `"$@" | zstd -dc | ${filter} | zstd -c`,
  'edit',
  ...frozenDumpArgv(database),
]

test.each([
  [
    'in the middle of the stream',
    ['bash', '-c', '"$@" | { head -c 40000; cat > /dev/null; }', 'cut', ...frozenDumpArgv(database)],
  ],
  ['between two statements', plain('head -n 60')],
  ['after the tables', plain('sed "/^-- swapctl: data/,$d"')],
  ['after the rows', plain('sed "/^-- swapctl: rest/,$d"')],
  ['just before its last line', plain('sed "/^-- Dump completed/d"')],
  ['before anything', ['true']],
  ['with a text that is no dump', ['echo', 'Permission denied']],
  ['with an end that stands only in a row', plain('grep -v "^-- Dump completed"')],
] as [string, Argv][])('a dump that ends %s leaves no database, and is reported', async (_, argv) => {
  await perform(remake, tools)
  await expect(perform(carry(argv), tools)).rejects.toThrow(/target|exited/)
  expect(await present()).toBe(false)
})

test('names and values that look like commands arrive unchanged, and are not run', async () => {
  const trap = join(source.directory, 'owned')
  const evil = `b\\a'"$(touch \`touch x\`;)%s -- `
  const [db, table, column] = [`${evil}d`, `${evil}\n\u00ff`, `${evil}c`]
  const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``
  const values = [
    `$(touch ${trap})`,
    `\`touch ${trap}\``,
    `'; DROP DATABASE mysql; -- `,
    '\\',
    '\\0\0\n\r\x1a\t',
    '%s%n',
    '\x1b[31m',
    '\u{1F600}',
  ]
  await from.run(`CREATE OR REPLACE DATABASE ${quoted(db)} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`)
  await from.run(
    `CREATE TABLE ${quoted(db)}.${quoted(table)} (id INT AUTO_INCREMENT PRIMARY KEY, ${quoted(column)} TEXT, raw BLOB)`,
  )
  for (const value of values)
    await from.run(`INSERT INTO ${quoted(db)}.${quoted(table)} (${quoted(column)}, raw) VALUES (?, ?)`, [
      value,
      Buffer.from([0xff, 0x27, 0x5c, 0x00]),
    ])
  await perform(
    {
      kind: 'sql',
      on: 'target',
      statements: recreateStatements({ name: db, charset: 'utf8mb4', collation: 'utf8mb4_unicode_ci' }),
    },
    tools,
  )
  await perform(carry(frozenDumpArgv(db), importArgv(db)), tools)
  await proveSameTables(hosts, db)
  const compare = () => compareContent(hosts, { database: db, parallel: 1 })
  expect(contentText(await compare())).toBe(`1 tables, ${values.length} rows`)
  expect((await compare()).differences).toEqual([])
  const rows = await to.rows<Record<string, string>>(`SELECT * FROM ${quoted(db)}.${quoted(table)} ORDER BY id`)
  expect(rows.map((row) => row[column])).toEqual(values)
  await to.run(`UPDATE ${quoted(db)}.${quoted(table)} SET ${quoted(column)} = 'x' WHERE id = 3`)
  expect((await compare()).differences[0]?.says).toContain(evil.trimEnd())
  const { stdout } = await target.host.run({ argv: arrivedArgv(db), limit: 30 })
  expect(stdout).toMatch(/^\d+\t\d+\n$/)
  const broken: Argv = [
    'bash',
    '-c',
    '"$@" | zstd -dc | sed "/^-- Dump completed/d" | zstd',
    'x',
    ...frozenDumpArgv(db),
  ]
  await expect(perform(carry(broken, importArgv(db)), tools)).rejects.toThrow()
  expect(await to.rows('SHOW DATABASES LIKE ?', [`b%a%d`])).toEqual([])
  for (const place of [trap, 'x', join(source.directory, 'x')]) expect(existsSync(place)).toBe(false)
  await from.run(`DROP DATABASE ${quoted(db)}`)
})

test('rows quoted by a failed import are not shown', async () => {
  await perform(remake, tools)
  const sql = "UPDATE users SET name = 'geheim'; ALTER TABLE users ADD UNIQUE (name);"
  const twice = carry(plain(`sed "s/^-- swapctl: rest/&\\n${sql}/"`))
  const error = await perform(twice, tools).then(
    () => expect.fail('it went in'),
    (reason: SwapError) => reason,
  )
  expect(error.message).toMatch(/Duplicate entry 'geheim' for key/)
  expect(forTerminal(error.message)).toMatch(/Duplicate entry '\[REDACTED\]' for key/)
  expect(forTerminal(error.message)).not.toContain('geheim')
})

test('a server with NO_BACKSLASH_ESCAPES gets the same values', async () => {
  await to.run("SET GLOBAL sql_mode = CONCAT(@@GLOBAL.sql_mode, ',NO_BACKSLASH_ESCAPES')")
  const db = await target.db()
  const value = `\\' OR 1=1 -- \\`
  try {
    expect(await db.rows('SELECT ? AS v', [value])).toEqual([{ v: value }])
  } finally {
    await to.run("SET GLOBAL sql_mode = REPLACE(@@GLOBAL.sql_mode, 'NO_BACKSLASH_ESCAPES', '')")
  }
})

test('a source that dies half-way fails the step; running it again completes the copy', async () => {
  const dying: Argv = [
    'bash',
    '-c',
    '"$@" | { head -c 40000; cat > /dev/null; }; kill -KILL $$',
    'cut',
    ...frozenDumpArgv(database),
  ]
  await perform(remake, tools)
  await expect(perform(carry(dying), tools)).rejects.toThrow(/exit 137/)
  await perform(remake, tools)
  await perform(carry(), tools)
  expect(await proveSame()).toBe('4 tables, 3014 rows')
})

test('a failing mysqldump fails the step with its error message', async () => {
  await perform(remake, tools)
  await expect(perform(carry(frozenDumpArgv('nowhere')), tools)).rejects.toThrow("Unknown database 'nowhere'")
})

test("a statement refused by the target fails the step with the server's message and leaves no database", async () => {
  await perform(remake, tools)
  await expect(perform(carry(plain('sed "s/^INSERT INTO .users./INSERT INTO losers/"')), tools)).rejects.toThrow(
    "losers' doesn't exist",
  )
  expect(await present()).toBe(false)
  await perform(remake, tools)
  await expect(perform(carry(plain('sed "s/^CREATE TABLE .old./CREATE TABL old/"')), tools)).rejects.toThrow(
    'error in your SQL syntax',
  )
  expect(await present()).toBe(false)
})

/** A target with only these programs: a MariaDB client from before 2024 first, which does not know the sandbox line. */
const poorTarget = async (...programs: readonly string[]): Promise<Argv> => {
  const bin = join(target.directory, 'bin')
  await mkdir(bin, { recursive: true })
  const oldClient = `#!/bin/bash
IFS= read -r line
case $line in *sandbox*) echo "ERROR at line 1: Unknown command" >&2; exit 1 ;; esac
{ printf '%s\\n' "$line"; cat; } | /usr/bin/mariadb "$@"`
  await writeFile(join(bin, 'mariadb'), oldClient, { mode: 0o755 })
  for (const one of programs) await execa('ln', ['-sf', `/usr/bin/${one}`, join(bin, one)])
  return ['env', `PATH=${bin}`, ...importArgv(database)]
}

test('a gzip dump with the sandbox line is read by an old client; only that line is removed', async () => {
  const line = '/*M!999999\\- enable the sandbox mode */'
  const lines = `${line} \n/*!40101 SET NAMES utf8mb4 */;\nCREATE TABLE a (b TEXT);\nINSERT INTO a VALUES ("${line.replace('\\', '\\\\')}");\n-- Dump completed on 2026-01-01\n`
  await perform(remake, tools)
  const base64 = gzipSync(lines).toString('base64')
  const poor = await poorTarget('bash', 'sh', 'awk', 'nproc', 'dd', 'od', 'tr', 'cat', 'gzip')
  await perform(carry(['bash', '-c', 'printf %s "$1" | base64 -d', 'x', base64], poor), tools)
  expect(await to.rows(`SELECT b FROM \`${database}\`.a`)).toEqual([{ b: line }])
})

test("tables without an explicit collation get the old default, not the new server's", async () => {
  const lines = 'CREATE TABLE a (b TEXT) DEFAULT CHARSET=utf8;\n-- Dump completed\n'
  await perform(remake, tools)
  await perform(carry(['bash', '-c', 'printf %s "$1" | zstd', 'x', lines]), tools)
  expect(
    await to.rows('SELECT table_collation AS c FROM information_schema.tables WHERE table_schema = ?', [database]),
  ).toEqual([{ c: 'utf8mb3_general_ci' }])
})

test('a dump changes nothing on the source and takes no lock', async () => {
  const status = async () => {
    const rows = await from.rows<{ Variable_name: string; Value: string }>(
      "SHOW GLOBAL STATUS WHERE Variable_name IN ('Innodb_rows_inserted','Innodb_rows_updated','Innodb_rows_deleted','Com_lock_tables','Com_flush','Com_insert','Com_update')",
    )
    return rows.map(({ Variable_name, Value }) => `${Variable_name} ${Value}`)
  }
  const before = await status()
  await perform(remake, tools)
  await perform(carry(), tools)
  expect(await status()).toEqual(before)
})
