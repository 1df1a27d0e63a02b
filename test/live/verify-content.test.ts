import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Db } from '../../src/hosts/db.ts'
import type { Host, HostName } from '../../src/hosts/host.ts'
import { compareContent, contentText } from '../../src/verify/content.ts'
import { askTables, type Table } from '../../src/verify/content-columns.ts'
import { askSum, openSpeller } from '../../src/verify/content-walk.ts'
import { type Server, startMariadb } from './mariadb.ts'

let source: Server
let target: Server
let to: Db
const hosts = (name: HostName): Host => (name === 'source' ? source.host : target.host)
const database = "clo`ud's"
const compare = (parallel = 2, chunk = 20_000) => compareContent(hosts, { database, service: 'nova', parallel, chunk })

const quoted = `\`${database.replaceAll('`', '``')}\``
const schema = `
CREATE TABLE every (
  id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(255) NULL, fixed CHAR(20) NULL, extra LONGTEXT NULL, data LONGBLOB NULL,
  small VARBINARY(20) NULL, at DATETIME(6) NULL, stamp TIMESTAMP(3) NULL, day DATE NULL, clock TIME(3) NULL, grown YEAR NULL,
  ratio FLOAT NULL, exact DOUBLE NULL, price DECIMAL(20, 6) NULL, flags BIT(12) NULL, big BIGINT UNSIGNED NULL,
  state ENUM('a', 'b', '') NULL, parts SET('x', 'y') NULL, doc JSON NULL, area POINT NULL, addr INET6 NULL,
  twice BIGINT AS (big + 1) VIRTUAL, kept VARCHAR(300) AS (CONCAT(name, '!')) PERSISTENT
) CHARSET utf8mb4;
CREATE TABLE pairs (router VARCHAR(36), agent VARCHAR(36), note VARCHAR(10) NULL, PRIMARY KEY (router, agent)) CHARSET utf8;
CREATE TABLE loose (a INT NULL, b VARCHAR(10) NULL);
CREATE TABLE lists (kind VARCHAR(10) NOT NULL, v INT NULL, KEY (kind));
CREATE TABLE old (name VARCHAR(60) PRIMARY KEY) CHARSET latin1;
CREATE TABLE token (id VARCHAR(64) PRIMARY KEY, extra TEXT) CHARSET utf8;
CREATE TABLE \`we ird's "ta\`\`ble"\` (\`co\`\`l'\` INT PRIMARY KEY, \`\\\` VARCHAR(9));`
const rows = `
INSERT INTO every (name, fixed, extra, data, small, at, stamp, day, clock, grown, ratio, exact, price, flags, big, state, parts, doc, area, addr) VALUES
  ('Zoë 😀', 'ab', REPEAT('long', 5000), UNHEX(REPEAT('00ff', 3000)), X'0000', '2026-01-01 10:00:00.123456', '2026-03-29 02:30:00.5', '2026-02-28', '-12:00:01.5', 2026, 16.1, 0.1, 1.5, b'101', 18446744073709551615, 'a', 'x,y', '{"a": 1}', POINT(1, 2), 'fe80::1'),
  ('', '', '', '', '', NULL, NULL, NULL, NULL, NULL, 1e-30, 1.7976931348623157e308, 0, 0, 0, '', '', '[]', NULL, NULL),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  ('0', '0', '0', '0', '0', '2026-01-01 10:00:00', NULL, NULL, '00:00:00', NULL, 0, -0e0, 0, 0, 0, 'b', 'x', '0', NULL, '::');
INSERT INTO every (name, small, big, exact) SELECT CONCAT('user', seq), seq, seq, seq / 7 FROM seq_1_to_3000;
INSERT INTO pairs SELECT CONCAT('r', seq DIV 100), CONCAT('a', seq), seq % 3 FROM seq_1_to_2500;
INSERT INTO loose VALUES (1, 'x'), (1, 'x'), (NULL, ''), (2, NULL);
INSERT INTO lists SELECT IF(seq < 900, 'most', seq DIV 10), seq FROM seq_1_to_1200;
INSERT INTO old VALUES (X'ffc328'), ('plain');
INSERT INTO token VALUES ('0123456789abcdef', 'x');
INSERT INTO \`we ird's "ta\`\`ble"\` VALUES (1, 'a'), (2, 'b');`
const zero = "SET SESSION sql_mode = ''; UPDATE every SET at = '0000-00-00', state = 'none' WHERE id = 9;"

beforeAll(async () => {
  ;[source, target] = await Promise.all([
    startMariadb(),
    startMariadb('--character-set-server=utf8mb4', '--sql-mode=ANSI_QUOTES,PIPES_AS_CONCAT,PAD_CHAR_TO_FULL_LENGTH'),
  ])
  const from = await source.db()
  to = await target.db()
  await from.run(`CREATE DATABASE ${quoted} CHARACTER SET utf8`)
  await source.load(database, `${schema}${rows}${zero}`)
})
afterAll(() => Promise.all([source?.stop(), target?.stop()]))

/** The same rows in another order, and some tables in another engine. */
beforeEach(async () => {
  await to.run(`CREATE OR REPLACE DATABASE ${quoted} CHARACTER SET utf8`)
  await target.load(
    database,
    `SET SESSION sql_mode = ''; ${schema} ALTER TABLE pairs ENGINE = Aria; ALTER TABLE loose ENGINE = MyISAM;
     INSERT INTO loose VALUES (2, NULL), (1, 'x'); ${rows.replace(/INSERT INTO loose[^;]*/, "INSERT INTO loose VALUES (NULL, ''), (1, 'x')")}${zero}`,
  )
})

test('a copy is equal whatever the order and engine of its rows', async () => {
  const content = await compare()
  expect(content.differences).toEqual([])
  expect(contentText(content)).toBe('7 tables, 6713 rows')
  expect(content.tables['loose']?.rows).toBe(4)
  // Digests do not depend on parallelism or chunk size.
  for (const [parallel, chunk] of [
    [1, 20_000],
    [3, 500],
    [2, 7],
  ])
    expect(await compare(parallel, chunk)).toMatchObject({ tables: content.tables, differences: [] })
})

test.each([
  ['a changed value', "UPDATE every SET name = 'Zoe 😀' WHERE id = 1", 'every', 'id` = 1 differs in name, kept'],
  ['a trailing space', "UPDATE every SET name = CONCAT(name, ' ') WHERE id = 40", 'every', 'id` = 40 differs in name'],
  [
    'a case that its collation ignores',
    "UPDATE every SET name = 'USER40' WHERE name = 'user40'",
    'every',
    'differs in name, kept',
  ],
  ['an empty text for NULL', "UPDATE every SET name = '' WHERE id = 3", 'every', 'differs in name, kept'],
  ["'0' for an empty text", "UPDATE every SET fixed = '0' WHERE id = 2", 'every', 'id` = 2 differs in fixed'],
  ['NULL for 0', 'UPDATE every SET flags = NULL WHERE id = 4', 'every', 'id` = 4 differs in flags'],
  ['a blob cut short', 'UPDATE every SET data = LEFT(data, 5999) WHERE id = 1', 'every', 'id` = 1 differs in data'],
  [
    'one byte far inside a text',
    "UPDATE every SET extra = INSERT(extra, 15000, 1, 'L') WHERE id = 1",
    'every',
    'differs in extra',
  ],
  ['a zero byte less', "UPDATE every SET small = X'00' WHERE id = 1", 'every', 'id` = 1 differs in small'],
  ['a microsecond', "UPDATE every SET at = '2026-01-01 10:00:00.123457' WHERE id = 1", 'every', 'differs in at'],
  [
    'an hour of a timestamp',
    'UPDATE every SET stamp = stamp + INTERVAL 1 HOUR WHERE id = 1',
    'every',
    'differs in stamp',
  ],
  [
    'the last bit of a double',
    'UPDATE every SET exact = 0.30000000000000004 - 0.2 WHERE id = 1',
    'every',
    'differs in exact',
  ],
  ['a float', 'UPDATE every SET ratio = 16.1001 WHERE id = 1', 'every', 'differs in ratio'],
  ['a bit', "UPDATE every SET flags = b'111' WHERE id = 1", 'every', 'differs in flags'],
  ['the invalid for the empty ENUM', "UPDATE every SET state = 'wrong' WHERE id = 2", 'every', 'differs in state'],
  ['a member of a SET', "UPDATE every SET parts = 'x' WHERE id = 1", 'every', 'differs in parts'],
  ['a space in JSON', `UPDATE every SET doc = '{"a":1}' WHERE id = 1`, 'every', 'differs in doc'],
  ['a point', 'UPDATE every SET area = POINT(2, 1) WHERE id = 1', 'every', 'differs in area'],
  [
    'values swapped between two columns',
    'UPDATE every SET name = fixed, fixed = @n WHERE id = 1 AND (@n := name) IS NOT NULL',
    'every',
    'id` = 1 differs in name, fixed',
  ],
  [
    'values swapped between two rows',
    "UPDATE every SET small = IF(id = 100, '97', '96') WHERE id IN (100, 101) AND small IN ('96', '97')",
    'every',
    'id` = 100 differs in small; `id` = 101 differs in small',
  ],
  [
    'a row less',
    "DELETE FROM pairs WHERE agent = 'a1234'",
    'pairs',
    "`router` = 'r12' AND `agent` = 'a1234' is missing on the target",
  ],
  [
    'a row more',
    "INSERT INTO pairs VALUES ('r1', 'zz', NULL)",
    'pairs',
    "2500 rows on the source, 2501 on the target; `router` = 'r1' AND `agent` = 'zz' is only on the target",
  ],
  [
    'one row for another',
    "UPDATE pairs SET agent = 'b' WHERE agent = 'a7'",
    'pairs',
    "`agent` = 'a7' is missing on the target; `router` = 'r0' AND `agent` = 'b' is only on the target",
  ],
  [
    'a row twice, where it was another',
    "UPDATE loose SET a = 1, b = 'x' WHERE a = 2",
    'loose',
    'other values: 4 rows on the source, 4 on the target',
  ],
  [
    'a value, found by an index that is not unique',
    'UPDATE lists SET v = 0 WHERE v = 1103',
    'lists',
    "`kind` = '110' differs in",
  ],
  [
    'bytes of another charset',
    "UPDATE old SET name = 'y' WHERE name = X'ffc328'",
    'old',
    "`name` = _latin1 X'FFC328' is missing on the target",
  ],
  [
    'a column converted',
    'ALTER TABLE old CONVERT TO CHARACTER SET utf8',
    'old',
    'name varchar(60) latin1_swedish_ci on the source, name varchar(60) utf8mb3_general_ci on the target',
  ],
  ['a table less', 'DROP TABLE loose', 'loose', 'is missing on the target'],
  ['a table more', 'CREATE TABLE other (id INT)', 'other', 'is only on the target'],
  [
    'no primary key',
    "ALTER TABLE pairs DROP PRIMARY KEY; UPDATE pairs SET note = 9 WHERE agent = 'a9'",
    'pairs',
    "`agent` = 'a9' differs in note",
  ],
])('%s is detected, and named', async (_, statement, table, says) => {
  await target.load(database, statement)
  const { differences } = await compare()
  expect(differences).toHaveLength(1)
  expect(differences[0]).toMatchObject({ part: 'content', service: 'nova', where: `${database}.${table}` })
  expect(differences[0]?.says).toContain(says)
})

test('a difference names its part of the table', async () => {
  await target.load(
    database,
    `UPDATE every SET big = 0 WHERE id = 1234; DELETE FROM pairs WHERE agent IN ('a51', 'a300'); INSERT INTO pairs VALUES ('zz', '1', '');
     UPDATE lists SET v = 0 WHERE v IN (899, 1000)`,
  )
  const { differences } = await compare(2, 100)
  expect(differences.map(({ where, says }) => `${where.replace(database, '')} ${says}`)).toEqual([
    '.every in `id` > 1200 AND `id` <= 1300: 100 rows on the source, 100 on the target; `id` = 1234 differs in big, twice',
    ".lists in `kind` <= '109': 100 rows on the source, 100 on the target; `kind` = '100' differs in v",
    ".lists in `kind` > '99' AND `kind` <= 'most': 899 rows on the source, 899 on the target; `kind` = 'most' differs in one of several rows",
    ".pairs in (`router`, `agent`) <= ('r1', 'a100'): 100 rows on the source, 99 on the target; `router` = 'r0' AND `agent` = 'a51' is missing on the target",
    ".pairs in (`router`, `agent`) > ('r25', 'a2500') AND (`router`, `agent`) <= ('r3', 'a399'): 100 rows on the source, 99 on the target; `router` = 'r3' AND `agent` = 'a300' is missing on the target",
    ".pairs in (`router`, `agent`) > ('r9', 'a999'): 0 rows on the source, 1 on the target; `router` = 'zz' AND `agent` = '1' is only on the target",
  ])
})

test('digests distinguish all rows of every column type', async () => {
  const before = await compare()
  for (const column of [
    'name',
    'fixed',
    'extra',
    'data',
    'small',
    'at',
    'stamp',
    'day',
    'clock',
    'grown',
    'ratio',
    'exact',
    'price',
    'flags',
    'big',
    'state',
    'parts',
    'doc',
    'area',
    'addr',
  ])
    await to.run(`UPDATE ${quoted}.every SET \`${column}\` = NULL WHERE id = 1`)
  const [difference] = (await compare()).differences
  expect(before.differences).toEqual([])
  expect(difference?.says).toMatch(
    /id` = 1 differs in name, fixed, extra, data, small, at, stamp, day, clock, grown, ratio, exact, price, flags, big, state, parts, doc, area, addr, twice, kept$/,
  )
})

test('the query given with a difference shows the row; a token is not shown', async () => {
  await target.load(database, "UPDATE token SET extra = 'y'")
  const [difference] = (await compare()).differences
  const [query = ''] = difference?.look.split('; on both sides') ?? []
  expect(await to.rows(query)).toEqual([{ id: '0123456789abcdef', extra: 'y' }])
  expect(JSON.stringify(difference)).not.toContain('0123456789abcdef')
  expect(JSON.stringify(difference)).not.toContain(Buffer.from('0123456789abcdef').toString('hex'))
})

test('a table of a million rows takes no more memory than a small one, on either side', async () => {
  const wide = 'CREATE OR REPLACE TABLE wide (id INT PRIMARY KEY, `key` VARCHAR(36), value TEXT)'
  const fill = 'INSERT INTO wide SELECT seq, UUID_SHORT(), SHA2(seq, 512) FROM seq_1_to_1000000'
  await source.load(database, `${wide}; ${fill.replace('UUID_SHORT()', 'MD5(seq)')}`)
  await target.load(database, `${wide}; ${fill.replace('UUID_SHORT()', 'MD5(seq)')}`)
  try {
    const sessions = async () =>
      (await to.rows<{ n: number }>('SELECT MAX(max_memory_used) AS n FROM information_schema.processlist'))[0]?.n ?? 0
    const rss = process.memoryUsage().rss
    let [most, used] = [0, 0]
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss)
      void sessions().then((n) => {
        used = Math.max(used, Number(n))
      })
    }, 50)
    const content = await compare()
    clearInterval(watch)
    expect(content.differences).toEqual([])
    expect(content.tables['wide']?.rows).toBe(1_000_000)
    expect(most - rss).toBeLessThan(40 * 2 ** 20)
    expect(used).toBeLessThan(2 * 2 ** 20)
    const db = await openSpeller(hosts, 'target')
    const table = (await askTables(db, database)).get('wide') as Table
    const written = async () =>
      Number((await db.rows<{ Value: string }>("SHOW SESSION STATUS LIKE 'Handler_tmp_write'"))[0]?.Value)
    const before = await written()
    expect((await askSum(db, table, {})).rows).toBe(1_000_000)
    // Only the writes of SHOW itself, not of the table.
    expect((await written()) - before).toBeLessThan(10)
    await db.close()
  } finally {
    await source.load(database, 'DROP TABLE wide')
  }
})
