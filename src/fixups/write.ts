import { crc32 } from 'node:zlib'
import { SwapError } from '../errors.ts'
import type { Db, Value } from '../hosts/db.ts'
import { replaceTexts } from '../rewrite/connection-plain.ts'
import type { Args, Row } from '../rewrite/fixup.ts'
import { name as identifier } from '../text/sql.ts'
import { lengthOf, marks, type RuleTable, tableOf } from './sql.ts'

/** A row as read and as wanted; null: deleted. */
export type Change = readonly [before: Row, after: Row | null]

type Texts = readonly (readonly [from: string, to: string])[]

const statementRows = 100
const statementCharacters = 1_000_000

/**
 * Writes the rewritten rows within `db`'s transaction. Throws SwapError when a row is gone or did not become what was
 * wanted, because something else has written to it.
 */
export const write = async (db: Db, found: RuleTable, args: Args, changes: readonly Change[]): Promise<void> => {
  const texts = found.rule.usual?.(args) ?? []
  const gone: Value[] = []
  const [usual, others]: [Row[], Row[]] = [[], []]
  for (const [before, after] of changes)
    if (after === null) gone.push(before[found.rule.key] as Value)
    else (isUsual(found, texts, before, after) ? usual : others).push(after)
  let touched = usual.length === 0 ? 0 : await replace(db, found, texts, usual)
  for (const batch of batches(others)) touched += await update(db, found, batch)
  if (gone.length > 0) touched += await db.run(`DELETE FROM ${tableOf(found)}${among(found, gone)}`, gone)
  if (touched !== changes.length) throw unsteady(found, `${changes.length} rows should have changed, ${touched} did`)
}

const unsteady = (found: RuleTable, what: string): SwapError =>
  new SwapError(
    `${found.database}.${found.rule.table}`,
    `${what}: something else writes to this table`,
    'Stop the process that writes to it on the target, then run the same command again',
  )

const among = ({ rule }: RuleTable, keys: readonly Value[]): string =>
  ` WHERE ${identifier(rule.key)} IN (${marks(keys)})`

const isUsual = ({ columns }: RuleTable, texts: Texts, before: Row, after: Row): boolean => {
  const [column, more] = columns
  if (texts.length === 0 || column === undefined || more !== undefined) return false
  const text = before[column]
  return typeof text === 'string' && replaceTexts(text, texts) === after[column]
}

/** Lets the server replace the texts itself; a checksum verifies that every row then is as wanted. */
const replace = async (db: Db, found: RuleTable, texts: Texts, rows: readonly Row[]): Promise<number> => {
  const column = found.columns[0] as string
  const keys = rows.map((row) => row[found.rule.key] as Value)
  const sql = texts.reduce((inner) => `REPLACE(${inner}, ?, ?)`, identifier(column))
  // For a small table the optimizer may choose a scan, which waits for rows that other connections have locked until
  // they commit.
  const touched = await db.run(
    `UPDATE ${tableOf(found)} FORCE INDEX (PRIMARY) SET ${identifier(column)} = ${sql}${among(found, keys)}`,
    [...texts.flat(), ...keys],
  )
  const [seen] = await db.rows<{ sum: string | number }>(
    `SELECT COALESCE(SUM(CRC32(CONVERT(${identifier(column)} USING utf8mb4))), 0) AS sum FROM ${tableOf(found)}${among(found, keys)}`,
    keys,
  )
  const meant = rows.reduce((sum, row) => sum + crc32(row[column] as string), 0)
  if (Number(seen?.sum) !== meant) throw unsteady(found, `${rows.length} rows do not have their new values`)
  return touched
}

/** One statement for many rows: CASE compares the key with literals, so its index and collation are used. */
const update = (db: Db, found: RuleTable, rows: readonly Row[]): Promise<number> => {
  const key = identifier(found.rule.key)
  const keys = rows.map((row) => row[found.rule.key])
  const whens = rows.map(() => 'WHEN ? THEN ?').join(' ')
  const set = found.columns
    .map((one) => identifier(one))
    .map((column) => `${column} = CASE ${key} ${whens} ELSE ${column} END`)
  const values = found.columns.flatMap((column) => rows.flatMap((row) => [row[found.rule.key], row[column]]))
  return db.run(
    `UPDATE ${tableOf(found)} FORCE INDEX (PRIMARY) SET ${set.join(', ')}${among(found, keys as Value[])}`,
    [...values, ...keys] as Value[],
  )
}

/** Statements of about 1 MB: max_allowed_packet is 16 MB. Few rows, because CASE searches them one by one. */
function* batches(rows: readonly Row[]): Generator<readonly Row[]> {
  let batch: Row[] = []
  let size = 0
  for (const row of rows) {
    const length = lengthOf(row)
    if (batch.length === statementRows || (batch.length > 0 && size + length > statementCharacters)) {
      yield batch
      batch = []
      size = 0
    }
    batch.push(row)
    size += length
  }
  if (batch.length > 0) yield batch
}
