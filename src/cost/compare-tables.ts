import type { Db } from '../hosts/db.ts'
import { name } from '../text/sql.ts'
import { askRows, type Rows, type TableSnapshot } from './snapshot.ts'
import { counterOf, type Table } from './tables.ts'

/** Changes of a table's rows; undefined: unknown, because the table is too big to compare. */
export interface TableChange {
  readonly table: string
  readonly made: number
  readonly changed: number | undefined
  readonly gone: number | undefined
  /** written by the services themselves: heartbeats, caches */
  readonly own: boolean
}

/** Keys that were added, changed and removed. */
export const compareRows = <T>(
  before: Readonly<Record<string, T>>,
  now: Readonly<Record<string, T>>,
  same: (a: T, b: T) => boolean,
) => {
  const [old, current] = [new Map(Object.entries(before)), new Map(Object.entries(now))]
  return {
    made: [...current.keys()].filter((key) => !old.has(key)),
    changed: [...current].filter(([key, value]) => old.has(key) && !same(old.get(key) as T, value)).map(([key]) => key),
    gone: [...old.keys()].filter((key) => !current.has(key)),
  }
}

const count = (rows: Rows): number => Object.keys(rows).length

/** Changes of a table since the snapshot. */
export const compareTable = async (
  db: Db,
  table: Table,
  before: TableSnapshot | undefined,
  since: string,
): Promise<Omit<TableChange, 'own'>> => {
  const named = { table: `${table.database}.${table.name}` }
  if (before === undefined || before.kind === 'rows') {
    const { made, changed, gone } = compareRows(before?.rows ?? {}, await askRows(db, table), (a, b) => a === b)
    return { ...named, made: made.length, changed: changed.length, gone: gone.length }
  }
  return { ...named, ...(await compareBig(db, table, before, since)) }
}

/** Compares by the greatest key in the snapshot: greater keys are new, missing smaller ones were deleted. */
const compareBig = async (
  db: Db,
  table: Table,
  before: Extract<TableSnapshot, { readonly kind: 'count' }>,
  since: string,
): Promise<Pick<TableChange, 'made' | 'changed' | 'gone'>> => {
  const counter = before.top === undefined ? undefined : counterOf(table)
  const above = counter === undefined ? '0' : `${name(counter)} > ${before.top}`
  const timed = counter !== undefined && table.columns.some((column) => column.name === 'updated_at')
  const [row] = await db.rows<{ n: number; made: number; changed: number }>(
    `SELECT COUNT(*) AS n, COALESCE(SUM(${above}), 0) AS made,
       ${timed ? `COALESCE(SUM(updated_at >= ? AND NOT ${above}), 0)` : '0'} AS changed
     FROM ${name(table.database, table.name)}`,
    timed ? [since] : [],
  )
  const [rows, made] = [Number(row?.n ?? 0), Number(row?.made ?? 0)]
  if (counter === undefined)
    return { made: Math.max(0, rows - before.rows), changed: undefined, gone: Math.max(0, before.rows - rows) }
  return { made, changed: timed ? Number(row?.changed ?? 0) : undefined, gone: before.rows - (rows - made) }
}

export const rowsOf = (snapshot: TableSnapshot): number =>
  snapshot.kind === 'rows' ? count(snapshot.rows) : snapshot.rows
