import { expect, test } from 'vitest'
import { name as identifier } from '../../src/text/sql.ts'
import { asCopy, type Column, columnText, type Key, keyOf, type Table } from '../../src/verify/content-columns.ts'
import { boundaryStatement, digest, shownLiteral, sumStatement, within } from '../../src/verify/content-sql.ts'
import { add, chunkRows, nothingYet, same } from '../../src/verify/content-walk.ts'

const column = (name: string, type: string, more: Partial<Column> = {}): Column => ({
  name,
  kind: type.replace(/\(.*/, ''),
  type,
  nullable: false,
  octets: 0,
  ...more,
})
const id = column('id', 'int')
const uuid = column('uuid', 'varchar(36)', { charset: 'utf8', collation: 'utf8_general_ci', octets: 108 })
const deleted = column('deleted', 'int', { nullable: true })
const part = (index: string, name: string, more = {}) => ({
  table: 't',
  index,
  column: name,
  other: 0,
  prefix: null,
  type: 'BTREE',
  ...more,
})

test('a table is walked by its primary key, else a unique one, else the leading columns of an index', () => {
  const columns = [id, uuid, deleted, column('kind', "enum('a')")]
  const primary = [part('PRIMARY', 'id')]
  const unique = [part('uniq_uuid', 'uuid')]
  const plain = [part('by_uuid', 'uuid', { other: 1 }), part('by_uuid', 'deleted', { other: 1 })]
  expect(keyOf([...plain, ...unique, ...primary], columns)).toEqual({ index: 'PRIMARY', columns: [id], unique: true })
  expect(keyOf([...plain, ...unique], columns)).toEqual({ index: 'uniq_uuid', columns: [uuid], unique: true })
  expect(keyOf(plain, columns)).toEqual({ index: 'by_uuid', columns: [uuid], unique: false })
  // NULLs are outside every range, an ENUM's comparison differs from its order, a prefix is not the value.
  expect(keyOf([part('u', 'deleted')], columns)).toBeUndefined()
  expect(keyOf([part('PRIMARY', 'kind')], columns)).toBeUndefined()
  expect(keyOf([part('PRIMARY', 'uuid', { prefix: 10 })], columns)).toBeUndefined()
  expect(keyOf([part('words', 'uuid', { type: 'FULLTEXT' })], columns)).toBeUndefined()
  expect(keyOf([part('PRIMARY', 'id'), part('PRIMARY', 'kind')], columns)).toMatchObject({
    columns: [id],
    unique: false,
  })
})

const key: Key = { index: 'PRIMARY', columns: [uuid, id], unique: true }
const table: Table = { database: 'nova', name: 'in`st', columns: [id, uuid], key, indexes: ['PRIMARY'], rowLength: 0 }

test('a range is half open, over all key columns, with literals in their charset', () => {
  expect(within(key, {})).toBe(' FORCE INDEX (`PRIMARY`)')
  expect(within({ ...key, columns: [id] }, { from: ['5'], to: ['9'] })).toBe(
    ' FORCE INDEX (`PRIMARY`) WHERE `id` > 5 AND `id` <= 9',
  )
  expect(within(key, { from: ['61', '5'] })).toBe(
    " FORCE INDEX (`PRIMARY`) WHERE ((`uuid` > _utf8 X'61') OR (`uuid` = _utf8 X'61' AND `id` > 5))",
  )
  expect(within(undefined, {})).toBe('')
  expect(boundaryStatement(table, key, undefined, 100)).toBe(
    'SELECT HEX(`uuid`) AS k0, CAST(`id` AS CHAR) AS k1 FROM `nova`.`in``st` FORCE INDEX (`PRIMARY`) ORDER BY `uuid`, `id` LIMIT 1 OFFSET 99',
  )
})

test("a copy is walked by the same columns, with its server's charset names, with or without the index", () => {
  const copied = { ...uuid, charset: 'utf8mb3', collation: 'utf8mb3_general_ci' }
  const copy = { ...table, columns: [id, copied] }
  expect(columnText(uuid)).toBe(columnText(copied))
  expect(asCopy(table, copy).key).toEqual({ index: 'PRIMARY', columns: [copied, id], unique: true })
  expect(within(asCopy(table, { ...copy, indexes: [] }).key, { to: ['61', '5'] })).toBe(
    " WHERE ((`uuid` < _utf8mb3 X'61') OR (`uuid` = _utf8mb3 X'61' AND `id` <= 5))",
  )
  const { key: _, ...keyless } = table
  expect(asCopy(keyless, copy).key).toBeUndefined()
})

test('values are digested by their bytes with length, NULLs separately, floats by their bits', () => {
  expect(digest([id])).toBe("SHA1(CONCAT_WS(',', `id`))")
  expect(digest([uuid, deleted])).toBe(
    "SHA1(CONCAT_WS(',', CONCAT(`deleted` IS NULL), LENGTH(`uuid`), CAST(`uuid` AS BINARY), `deleted`))",
  )
  expect(digest([column('v', 'longtext', { octets: 4294967295 })])).toContain(
    'LENGTH(`v`), IF(LENGTH(`v`) > 200, SHA1(`v`), CAST(`v` AS BINARY))',
  )
  expect(digest([column('f', 'float')])).toContain('HEX(POINT(CONCAT(`f`) + 0, 0))')
  expect(digest([column('d', 'double')])).toContain('HEX(POINT(`d` + 0, 0))')
  expect(sumStatement(table, {})).toContain('SELECT COUNT(*)')
  expect(identifier('a`; DROP TABLE b')).toBe('`a``; DROP TABLE b`')
})

test('a value is shown literally if it needs no escaping, otherwise in hexadecimal', () => {
  const hex = (text: string): string => Buffer.from(text).toString('hex')
  expect(shownLiteral(uuid, hex('4f-1'))).toBe("'4f-1'")
  for (const text of ["it's", 'a\\', 'Zoë', 'a\nb']) expect(shownLiteral(uuid, hex(text))).toBe(`_utf8 X'${hex(text)}'`)
  expect(shownLiteral(id, '17')).toBe('17')
  expect(shownLiteral(column('at', 'datetime'), '2026-01-01 10:00:00')).toBe("'2026-01-01 10:00:00'")
})

test('chunks are smaller for long rows; sums are exact', () => {
  expect(chunkRows({ rowLength: 100 })).toBe(20_000)
  expect(chunkRows({ rowLength: 32 * 1024 })).toBe(1024)
  expect(chunkRows({ rowLength: 1024 ** 3 })).toBe(500)
  expect(chunkRows({ rowLength: 100 }, 7)).toBe(7)
  const one = { rows: 1, digest: 2n ** 63n + 1n }
  expect(same(add(one, add(nothingYet, one)), { rows: 2, digest: 2n ** 64n + 2n })).toBe(true)
  expect(same(one, { ...one, rows: 2 })).toBe(false)
})
