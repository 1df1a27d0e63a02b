import type { Db, Value } from '../hosts/db.ts'
import type { Args, FixupTable, Row } from './fixup.ts'

/** A table of a rule as this release has it: the columns that exist. */
export interface Found {
  readonly rule: FixupTable
  readonly database: string
  /** rewritten, then only read */
  readonly columns: readonly string[]
  readonly reads: readonly string[]
}

export const identifier = (name: string): string => `\`${name.replaceAll('`', '``')}\``

const marks = (list: readonly unknown[]): string => list.map(() => '?').join(', ')

const tableOf = ({ database, rule }: Found): string => `${identifier(database)}.${identifier(rule.table)}`

const chunkRows = 500
const chunkCharacters = 1_000_000

/** The tables of the rules that this database has, with the columns that this release has. */
export const findTables = async (db: Db, database: string, rules: readonly FixupTable[]): Promise<readonly Found[]> => {
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

/** The candidates in order of their key, some hundred at a time: a table of millions is never held in memory. */
export async function* candidates(db: Db, found: Found, args: Args): AsyncGenerator<readonly Row[]> {
  const { rule, columns, reads } = found
  const where = rule.where(args)
  const key = identifier(rule.key)
  const list = [key, ...[...columns, ...reads].filter((one) => one !== rule.key).map(identifier)].join(', ')
  let last: Value | undefined
  for (;;) {
    const rows: readonly Row[] = await db.rows<Row>(
      `SELECT ${list} FROM ${tableOf(found)} WHERE (${where.sql})${last === undefined ? '' : ` AND ${key} > ?`} ` +
        `ORDER BY ${key} LIMIT ${chunkRows}`,
      [...where.params, ...(last === undefined ? [] : [last])],
    )
    if (rows.length > 0) yield rows
    if (rows.length < chunkRows) return
    last = rows.at(-1)?.[rule.key] as Value
  }
}

/** Writes the rewritten rows; null deletes. Returns how many rows the server says it touched. */
export const write = async (
  db: Db,
  found: Found,
  changes: readonly (readonly [before: Row, after: Row | null])[],
): Promise<number> => {
  const key = found.rule.key
  const gone = changes.filter(([, after]) => after === null).map(([before]) => before[key])
  const kept = changes.flatMap(([, after]) => (after === null ? [] : [after]))
  let touched = 0
  for (const batch of batches(kept)) touched += await update(db, found, batch)
  if (gone.length > 0)
    touched += await db.run(
      `DELETE FROM ${tableOf(found)} WHERE ${identifier(key)} IN (${marks(gone)})`,
      gone as readonly Value[],
    )
  return touched
}

/** One statement for many rows: CASE compares literals with the key, so its index and collation are used as they are. */
const update = (db: Db, found: Found, rows: readonly Row[]): Promise<number> => {
  const key = identifier(found.rule.key)
  const whens = rows.map(() => 'WHEN ? THEN ?').join(' ')
  const set = found.columns.map(identifier).map((column) => `${column} = CASE ${key} ${whens} ELSE ${column} END`)
  const values = found.columns.flatMap((column) => rows.flatMap((row) => [row[found.rule.key], row[column]]))
  return db.run(`UPDATE ${tableOf(found)} SET ${set.join(', ')} WHERE ${key} IN (${marks(rows)})`, [
    ...values,
    ...rows.map((row) => row[found.rule.key]),
  ] as Value[])
}

/** Statements of about a megabyte: max_allowed_packet is 16 MB and a connection_info may be 64 KB. */
function* batches(rows: readonly Row[]): Generator<readonly Row[]> {
  let batch: Row[] = []
  let size = 0
  for (const row of rows) {
    const length = Object.values(row).reduce<number>((sum, value) => sum + String(value).length, 0)
    if (batch.length > 0 && size + length > chunkCharacters) {
      yield batch
      batch = []
      size = 0
    }
    batch.push(row)
    size += length
  }
  if (batch.length > 0) yield batch
}

/** Is there another live row that already has the new values? */
export const taken = async (db: Db, found: Found, after: Row): Promise<boolean> => {
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
