import { name as identifier } from '../text/sql.ts'
import type { Column, Key, Table } from './content-columns.ts'

export const tableName = ({ database, name }: Pick<Table, 'database' | 'name'>): string =>
  `${identifier(database)}.${identifier(name)}`

/** Bytes. Longer values are digested separately, so that no row exceeds max_allowed_packet. */
const inline = 1024
const shown = 200

const numbers = /^(tinyint|smallint|mediumint|int|bigint|decimal|year|date|time|datetime|timestamp)$/
const texts =
  /^(char|varchar|tinytext|text|mediumtext|longtext|enum|set|binary|varbinary|tinyblob|blob|mediumblob|longblob)$/
const shapes = /^(geometry|point|linestring|polygon|multi\w+|geometrycollection|vector)$/

/** Bytes prefixed with their length, so that the boundary between values is unambiguous. */
const bytes = (value: string, octets: number): readonly string[] => [
  `LENGTH(${value})`,
  octets > 0 && octets <= inline
    ? `CAST(${value} AS BINARY)`
    : `IF(LENGTH(${value}) > ${shown}, SHA1(${value}), CAST(${value} AS BINARY))`,
]

/**
 * A column as arguments of CONCAT_WS. A DOUBLE by its bits, as the first coordinate of a point: all servers write those
 * alike, but format a DOUBLE as text differently. A FLOAT by the bits of the six digits that clients and dumps get. + 0
 * turns -0.0 into 0, because a dump writes -0.0 as -0, which arrives as 0. Texts by their bytes, so that no collation
 * treats different ones as equal.
 */
const spell = ({ name, kind, octets }: Column): readonly string[] => {
  const column = identifier(name)
  if (numbers.test(kind)) return [column]
  if (kind === 'bit') return [`${column} + 0`]
  if (kind === 'double') return [`HEX(POINT(${column} + 0, 0))`]
  if (kind === 'float') return [`HEX(POINT(CONCAT(${column}) + 0, 0))`]
  if (kind === 'enum') return [`${column} + 0`, ...bytes(column, octets)]
  if (texts.test(kind)) return bytes(column, octets)
  if (shapes.test(kind)) return [`SHA1(HEX(${column}))`]
  return bytes(`CAST(${column} AS CHAR)`, 0)
}

/** CONCAT_WS skips NULLs, so a list of NULL columns comes before the values. */
const row = (columns: readonly Column[]): string => {
  const flags = columns.filter((column) => column.nullable).map((column) => `${identifier(column.name)} IS NULL`)
  const nulls = flags.length === 0 ? [] : [`CONCAT(${flags.join(', ')})`]
  return `CONCAT_WS(',', ${[...nulls, ...columns.flatMap(spell)].join(', ')})`
}

/** 40 hexadecimal digits over the values of these columns in one row. */
export const digest = (columns: readonly Column[]): string => `SHA1(${row(columns)})`

/** A key column's value in the form its literal needs: digits, or bytes in hexadecimal. */
export type Value = string
export type Place = readonly Value[]

const isBytes = ({ kind }: Column): boolean => /char|binary/.test(kind)
const isTime = ({ kind }: Column): boolean => /date|time/.test(kind)

/** Selects a key column in the form that `literal` needs. */
export const readable = (column: Column): string =>
  isBytes(column) ? `HEX(${identifier(column.name)})` : `CAST(${identifier(column.name)} AS CHAR)`

/** With the column's own charset, as this server names it, so that the comparison can use the index. */
const literal = (column: Column, value: Value): string => {
  if (isBytes(column)) return `${column.charset === undefined ? '' : `_${column.charset} `}X'${value}'`
  return isTime(column) ? `'${value}'` : value
}

/** 'a > 1 OR (a = 1 AND b > 2)': the order of a multi-column index. */
const beside = (columns: readonly Column[], place: Place, sign: '>' | '<', last: '>' | '<='): string => {
  const alternatives = columns.map((column, at) => {
    const equal = columns
      .slice(0, at)
      .map((one, index) => `${identifier(one.name)} = ${literal(one, place[index] ?? '')}`)
    const own = `${identifier(column.name)} ${at === columns.length - 1 ? last : sign} ${literal(column, place[at] ?? '')}`
    return [...equal, own].join(' AND ')
  })
  return alternatives.length === 1
    ? (alternatives[0] as string)
    : `(${alternatives.map((one) => `(${one})`).join(' OR ')})`
}

/** Rows after one place of the key up to another; an absent bound is open. */
export interface Range {
  readonly from?: Place
  readonly to?: Place
}

/** The condition of a range, with the asked server's column names; undefined: all rows. */
export const inRange = ({ columns }: Key, { from, to }: Range): string | undefined => {
  const conditions = [
    ...(from === undefined ? [] : [beside(columns, from, '>', '>')]),
    ...(to === undefined ? [] : [beside(columns, to, '<', '<=')]),
  ]
  return conditions.length === 0 ? undefined : conditions.join(' AND ')
}

/** ' FORCE INDEX (...) WHERE ...' for a range. */
export const within = (key: Key | undefined, range: Range): string => {
  if (key === undefined) return ''
  const [condition, index] = [inRange(key, range), key.index]
  return `${index === undefined ? '' : ` FORCE INDEX (${identifier(index)})`}${condition === undefined ? '' : ` WHERE ${condition}`}`
}

/**
 * Count and digest of a range. The digest is the exact sum of 64 bits of each row's digest: independent of order, and
 * duplicate rows do not cancel out as in BIT_XOR. No grouping, so no temporary table.
 */
export const sumStatement = (table: Table, range: Range): string =>
  `SELECT COUNT(*) AS \`rows\`, CAST(COALESCE(SUM(CAST(CONV(LEFT(${digest(table.columns)}, 16), 16, 10) AS UNSIGNED)), 0) AS CHAR) AS digest
   FROM ${tableName(table)}${within(table.key, range)}`

/** The place `rows` rows after `from`; no row when fewer are left. */
export const boundaryStatement = (table: Table, key: Key, from: Place | undefined, rows: number): string => {
  const order = key.columns.map((column) => identifier(column.name)).join(', ')
  const found = key.columns.map((column, at) => `${readable(column)} AS k${at}`).join(', ')
  return `SELECT ${found} FROM ${tableName(table)}${within(key, from === undefined ? {} : { from })} ORDER BY ${order} LIMIT 1 OFFSET ${rows - 1}`
}

/** Key and digest of each row of a range. */
export const rowsStatement = (table: Table, key: Key, range: Range, most: number): string =>
  `SELECT ${key.columns.map((column, at) => `${readable(column)} AS k${at}`).join(', ')}, LEFT(${digest(table.columns)}, 16) AS digest
   FROM ${tableName(table)}${within(key, range)} ORDER BY ${key.columns.map((column) => identifier(column.name)).join(', ')} LIMIT ${most}`

/** One digest per column (c0, c1, ...) of the row at a place. */
export const columnsStatement = (table: Table, key: Key, place: Place): string =>
  `SELECT ${table.columns.map((column, at) => `${digest([column])} AS c${at}`).join(', ')} FROM ${tableName(table)} WHERE ${at(key, place)} LIMIT 1`

/** 'id = 17'. */
export const at = (key: Key, place: Place, show: (column: Column, value: Value) => string = literal): string =>
  key.columns.map((column, index) => `${identifier(column.name)} = ${show(column, place[index] ?? '')}`).join(' AND ')

/** A value in readable form, if nothing in it needs escaping. */
export const shownLiteral = (column: Column, value: Value): string => {
  if (!isBytes(column)) return literal(column, value)
  const text = Buffer.from(value, 'hex').toString('latin1')
  return /^[\x20-\x7e]*$/.test(text) && !/['\\]/.test(text) && !/^(ucs2|utf16|utf32)/.test(column.charset ?? '')
    ? `'${text}'`
    : literal(column, value)
}
