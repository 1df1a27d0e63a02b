import type { Db, Value } from '../hosts/db.ts'
import type { Args, FixupTable, Row } from '../rewrite/fixup.ts'
import { name as identifier } from '../text/sql.ts'

/** A table of a rule with the columns that exist in this release. */
export interface RuleTable {
  readonly rule: FixupTable
  readonly database: string
  /** rewritten ones first, then those only read */
  readonly columns: readonly string[]
  readonly reads: readonly string[]
}

export const marks = (list: readonly unknown[]): string => list.map(() => '?').join(', ')

export const tableOf = ({ database, rule }: RuleTable): string => `${identifier(database)}.${identifier(rule.table)}`

/** Maximum rows per page, approximate characters per page, and rows of the first one. */
const mostRows = 500
const pageCharacters = 500_000
const firstRows = 100

/** Bytes. Longer values are fetched separately, a few at a time, so that no page is large. */
const long = 16_384
const longAtOnce = 4
const longMark = 'swapctl_long'

/** The rules' tables that exist in this database, with their existing columns. */
export const findTables = async (
  db: Db,
  database: string,
  rules: readonly FixupTable[],
): Promise<readonly RuleTable[]> => {
  const names = rules.flatMap((rule) => [rule.table, rule.beside])
  const rows = await db.rows<{ t: string; c: string }>(
    `SELECT table_name AS t, column_name AS c FROM information_schema.columns WHERE table_schema = ? AND table_name IN (${marks(names)})`,
    [database, ...names],
  )
  const has = new Map<string, Set<string>>()
  for (const { t, c } of rows) has.set(t, (has.get(t) ?? new Set()).add(c))
  return rules.flatMap((rule) => {
    const present = has.get(rule.table) ?? new Set()
    const columns = rule.columns.filter((column) => present.has(column))
    if (!has.has(rule.beside) || !present.has(rule.key) || columns.length === 0) return []
    const reads = [...new Set([...(rule.reads ?? []), 'deleted'])].filter(
      (one) => present.has(one) && !columns.includes(one),
    )
    return [{ rule, database, columns, reads }]
  })
}

/** The candidates in key order, page by page: a table of millions of rows is never held in memory. */
export async function* candidates(db: Db, found: RuleTable, args: Args): AsyncGenerator<readonly Row[]> {
  const { rule, columns, reads } = found
  const where = rule.where(args)
  const key = identifier(rule.key)
  const others = [...columns, ...reads].filter((one) => one !== rule.key).map((one) => identifier(one))
  const rewritten = new Set(columns.map((one) => identifier(one)))
  const isLong = columns.map((column) => `COALESCE(OCTET_LENGTH(${identifier(column)}) > ${long}, FALSE)`).join(' OR ')
  const short = (one: string): string => (rewritten.has(one) ? `IF(${isLong}, NULL, ${one}) AS ${one}` : one)
  const list = [key, ...others.map(short), `${isLong} AS ${longMark}`]
  let last: Value | undefined
  for (let most = firstRows; ; ) {
    const rows: readonly Row[] = await db.rows<Row>(
      `SELECT ${list.join(', ')} FROM ${tableOf(found)} WHERE (${where.sql})${last === undefined ? '' : ` AND ${key} > ?`} ` +
        `ORDER BY ${key} LIMIT ${most}`,
      [...where.params, ...(last === undefined ? [] : [last])],
    )
    const whole = rows.filter((row) => Number(row[longMark]) === 0)
    if (whole.length > 0) yield whole
    const keys = rows.filter((row) => Number(row[longMark]) !== 0).map((row) => row[rule.key] as Value)
    for (let at = 0; at < keys.length; at += longAtOnce) {
      const few = keys.slice(at, at + longAtOnce)
      yield await db.rows<Row>(
        `SELECT ${[key, ...others].join(', ')} FROM ${tableOf(found)} WHERE ${key} IN (${marks(few)}) ORDER BY ${key}`,
        few,
      )
    }
    if (rows.length < most) return
    last = rows.at(-1)?.[rule.key] as Value
    const characters = whole.reduce((sum, row) => sum + lengthOf(row), 0)
    most = Math.max(firstRows, Math.min(mostRows, Math.floor((pageCharacters * rows.length) / (characters + 1))))
  }
}

/** Approximate number of characters in a row's values. */
export const lengthOf = (row: Row): number =>
  Object.values(row).reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 8), 0)

/** Whether another live row already has the new values. */
export const taken = async (db: Db, found: RuleTable, after: Row): Promise<boolean> => {
  const { rule, columns, reads } = found
  const unique = (rule.unique ?? []).filter((column) => [...columns, ...reads].includes(column))
  if (unique.length === 0) return false
  const live = [...columns, ...reads].includes('deleted') ? ' AND COALESCE(`deleted`, 0) = 0' : ''
  const rows = await db.rows(
    `SELECT 1 FROM ${tableOf(found)} WHERE ${unique.map((column) => `${identifier(column)} = ?`).join(' AND ')} ` +
      `AND ${identifier(rule.key)} <> ?${live} LIMIT 1`,
    [...unique.map((column) => after[column]), after[rule.key]] as Value[],
  )
  return rows.length > 0
}
