import type { Context } from '../context.ts'
import type { Db } from '../hosts/db.ts'
import { kept } from '../services/index.ts'
import type { Kept } from '../services/kept.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { name } from '../text/sql.ts'
import { askTables, counterOf, digest, keyOf, type Table } from './tables.ts'

/** Checksums of rows by key. */
export type Rows = Readonly<Record<string, number>>

/**
 * A table at the cutover: row by row if it is small; otherwise the number of rows and the greatest key, so that later
 * rows are recognised by their key.
 */
export type TableSnapshot =
  | { readonly kind: 'rows'; readonly rows: Rows }
  | { readonly kind: 'count'; readonly rows: number; readonly top?: string }

/** A resource at the cutover: its name, its machine, its row's checksum. */
export type ThingSnapshot = readonly [name: string, on: string, digest: number]

/** The new controller's databases right before it serves its first client. */
export interface Snapshot {
  readonly version: 1
  /** UTC by the clock of the target's MariaDB: '2026-11-21 00:20:01' */
  readonly at: string
  /** 'nova.instances' */
  readonly tables: Readonly<Record<string, TableSnapshot>>
  /** resources by id, under 'nova.instances/server' */
  readonly things: Readonly<Record<string, Readonly<Record<string, ThingSnapshot>>>>
}

/** A table with more rows is not read row by row, because the APIs are down meanwhile. */
const readWhole = 50_000

/** Reads every database of the swap, small tables row by row; takes seconds. */
export const askSnapshot = async (
  db: Db,
  { survey }: Pick<Context, 'survey'>,
  limit = readWhole,
): Promise<Snapshot> => {
  const at = (await db.rows<{ at: string }>('SELECT CAST(UTC_TIMESTAMP() AS CHAR) AS at'))[0]?.at ?? ''
  const tables: Record<string, TableSnapshot> = {}
  const things: Record<string, Readonly<Record<string, ThingSnapshot>>> = {}
  for (const database of survey.services.flatMap((service) => service.databases)) {
    const found = await askTables(db, database.name)
    for (const table of found) tables[`${database.name}.${table.name}`] = await askTable(db, table, limit)
    for (const { kind, table } of kindsOf(database, found))
      things[keyOfKind(table, kind)] = await askThings(db, table, kind)
  }
  return { version: 1, at, tables, things }
}

export const keyOfKind = (table: Table, kind: Kept): string => `${table.database}.${table.name}/${kind.what}`

export interface KeptTable {
  readonly kind: Kept
  readonly table: Table
}

export const kindsOf = (database: Pick<DatabaseSurvey, 'repo'>, tables: readonly Table[]): readonly KeptTable[] =>
  kept.flatMap((kind) => {
    const table = kind.repo === database.repo ? tables.find((one) => one.name === kind.table) : undefined
    return table === undefined ? [] : [{ kind, table }]
  })

const askTable = async (db: Db, table: Table, limit: number): Promise<TableSnapshot> => {
  return table.rows > limit ? askCount(db, table) : { kind: 'rows', rows: await askRows(db, table) }
}

/** Every row's key and checksum. Without a primary key the checksum is the key. */
export const askRows = async (db: Db, table: Table): Promise<Rows> => {
  const key = keyOf(table).map((column) => `t.${name(column.name)}`)
  const id = key.length === 0 ? digest(table.columns) : `CONCAT_WS('/', ${key.join(', ')})`
  const rows = await db.rows<{ id: string; digest: number }>(
    `SELECT CAST(${id} AS CHAR) AS id, ${digest(table.columns)} AS digest
     FROM ${name(table.database, table.name)} t`,
  )
  return Object.fromEntries(rows.map((row) => [row.id, Number(row.digest)]))
}

const askCount = async (db: Db, table: Table): Promise<TableSnapshot> => {
  const counter = counterOf(table)
  const top = counter === undefined ? 'NULL' : `CAST(MAX(${name(counter)}) AS CHAR)`
  const [row] = await db.rows<{ n: number; top: string | null }>(
    `SELECT COUNT(*) AS n, ${top} AS top FROM ${name(table.database, table.name)}`,
  )
  const last = row?.top ?? undefined
  return { kind: 'count', rows: Number(row?.n ?? 0), ...(last === undefined ? {} : { top: last }) }
}

/** The live resources of a kind. [] for a database that lacks its columns (of an older release). */
export const askThings = async (db: Db, table: Table, kind: Kept): Promise<Readonly<Record<string, ThingSnapshot>>> => {
  const rows = await db.rows<{ id: string; name: string | null; on: string | null; digest: number }>(
    `SELECT ${kind.id} AS id, ${kind.name} AS name, ${kind.on ?? 'NULL'} AS \`on\`, ${digest(table.columns)} AS digest
     ${fromOf(table, kind)}`,
  )
  return Object.fromEntries(
    rows.map((row): [string, ThingSnapshot] => [row.id, [row.name ?? '', row.on ?? '', Number(row.digest)]]),
  )
}

/** FROM, JOIN and WHERE that select the live resources of a kind. */
export const fromOf = (table: Table, kind: Kept): string => {
  const join = kind.join?.replace('JOIN ', `JOIN ${name(table.database)}.`) ?? ''
  return `FROM ${name(table.database, table.name)} t ${join} WHERE ${kind.alive ?? '1 = 1'}`
}
