import type { Context } from '../context.ts'
import type { Db } from '../hosts/db.ts'
import { name } from '../releases/sql.ts'
import { type Kept, own } from './kinds.ts'
import {
  askRows,
  askThings,
  fromOf,
  keyOfKind,
  kindsOf,
  type Picture,
  type Rows,
  type TablePicture,
  type ThingPicture,
} from './picture.ts'
import { askTables, counterOf, type Table } from './tables.ts'

export interface Thing {
  readonly id: string
  readonly name: string
  /** UTC as the database has it; undefined where the service does not keep it */
  readonly at?: string
  /** the machine it is on, where it is on one */
  readonly on?: string
}

/** Resources of one kind that are not what they were at the cutover. */
export interface Resources {
  readonly what: string
  readonly database: string
  readonly table: string
  readonly made: readonly Thing[]
  readonly changed: readonly Thing[]
  readonly gone: readonly Thing[]
}

/** Rows of a table by what happened to them since; undefined: not known of a table that is too big to compare. */
export interface TableChange {
  readonly table: string
  readonly made: number
  readonly changed: number | undefined
  readonly gone: number | undefined
  /** written by the services on their own account: heartbeats, caches */
  readonly own: boolean
}

export interface Changes {
  readonly resources: readonly Resources[]
  readonly tables: readonly TableChange[]
}

/** Keys that are new, changed and gone. Pure. */
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

/** What differs from the picture of the cutover, now: resources by their ids, and rows of every table. */
export const askChanges = async (db: Db, { survey }: Pick<Context, 'survey'>, before: Picture): Promise<Changes> => {
  const resources: Resources[] = []
  const tables: TableChange[] = []
  for (const database of survey.services.flatMap((service) => service.databases)) {
    const found = await askTables(db, database.name)
    for (const { kind, table } of kindsOf(database, found))
      resources.push(await compareThings(db, table, kind, before.things[keyOfKind(table, kind)] ?? {}))
    for (const table of found) {
      const change = await compareTable(db, table, before.tables[`${database.name}.${table.name}`], before.at)
      tables.push({ ...change, own: own[database.repo]?.includes(table.name) === true })
    }
  }
  const some = ({ made, changed, gone }: Resources) => made.length + changed.length + gone.length > 0
  return {
    resources: resources.filter(some),
    tables: tables.filter((one) => one.made !== 0 || one.changed !== 0 || one.gone !== 0),
  }
}

const compareThings = async (
  db: Db,
  table: Table,
  kind: Kept,
  before: Readonly<Record<string, ThingPicture>>,
): Promise<Resources> => {
  const now = await askThings(db, table, kind)
  const { made, changed, gone } = compareRows(before, now, (a, b) => a[2] === b[2])
  const times = await askTimes(db, table, kind, made)
  const thing = (from: Readonly<Record<string, ThingPicture>>) => (id: string) => {
    const [called = '', on = ''] = from[id] ?? []
    const at = times.get(id)
    return { id, name: called, ...(at === undefined ? {} : { at }), ...(on === '' ? {} : { on }) }
  }
  return {
    what: kind.what,
    database: table.database,
    table: table.name,
    made: made.map(thing(now)),
    changed: changed.map(thing(now)),
    gone: gone.map(thing(before)),
  }
}

const atOnce = 500

const askTimes = async (
  db: Db,
  table: Table,
  kind: Kept,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const times = new Map<string, string>()
  if (kind.created === undefined) return times
  for (let index = 0; index < ids.length; index += atOnce) {
    const rows = await db.rows<{ id: string; at: string | null }>(
      `SELECT ${kind.id} AS id, CAST(${kind.created} AS CHAR) AS at ${fromOf(table, kind)} AND ${kind.id} IN (?)`,
      [ids.slice(index, index + atOnce) as unknown as string],
    )
    for (const { id, at } of rows) if (at !== null) times.set(id, at)
  }
  return times
}

const count = (rows: Rows): number => Object.keys(rows).length

const compareTable = async (
  db: Db,
  table: Table,
  before: TablePicture | undefined,
  since: string,
): Promise<Omit<TableChange, 'own'>> => {
  const named = { table: `${table.database}.${table.name}` }
  if (before === undefined || before.kind === 'rows') {
    const { made, changed, gone } = compareRows(before?.rows ?? {}, await askRows(db, table), (a, b) => a === b)
    return { ...named, made: made.length, changed: changed.length, gone: gone.length }
  }
  return { ...named, ...(await compareBig(db, table, before, since)) }
}

/** By the greatest key of then: what is above it was made since, what is missing below it was deleted since. */
const compareBig = async (
  db: Db,
  table: Table,
  before: Extract<TablePicture, { readonly kind: 'count' }>,
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

export const rowsOf = (picture: TablePicture): number => (picture.kind === 'rows' ? count(picture.rows) : picture.rows)
