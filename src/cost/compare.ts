import type { Context } from '../context.ts'
import type { Db } from '../hosts/db.ts'
import { ownTables } from '../services/index.ts'
import type { Kept } from '../services/kept.ts'
import { compareRows, compareTable, type TableChange } from './compare-tables.ts'
import { askThings, fromOf, keyOfKind, kindsOf, type Snapshot, type ThingSnapshot } from './snapshot.ts'
import { askTables, type Table } from './tables.ts'

export interface Thing {
  readonly id: string
  readonly name: string
  /** UTC from the database; undefined when the service does not store it */
  readonly at?: string
  /** the machine it is on, if any */
  readonly on?: string
}

/** Resources of one kind that have changed since the cutover. */
export interface Resources {
  readonly what: string
  readonly database: string
  readonly table: string
  readonly made: readonly Thing[]
  readonly changed: readonly Thing[]
  readonly gone: readonly Thing[]
}

export interface Changes {
  readonly resources: readonly Resources[]
  readonly tables: readonly TableChange[]
}

/** Differences from the cutover's snapshot: resources by id, and rows of every table. */
export const askChanges = async (db: Db, { survey }: Pick<Context, 'survey'>, before: Snapshot): Promise<Changes> => {
  const resources: Resources[] = []
  const tables: TableChange[] = []
  for (const database of survey.services.flatMap((service) => service.databases)) {
    const found = await askTables(db, database.name)
    for (const { kind, table } of kindsOf(database, found))
      resources.push(await compareThings(db, table, kind, before.things[keyOfKind(table, kind)] ?? {}))
    for (const table of found) {
      const change = await compareTable(db, table, before.tables[`${database.name}.${table.name}`], before.at)
      tables.push({ ...change, own: ownTables(database.repo).includes(table.name) })
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
  before: Readonly<Record<string, ThingSnapshot>>,
): Promise<Resources> => {
  const now = await askThings(db, table, kind)
  const { made, changed, gone } = compareRows(before, now, (a, b) => a[2] === b[2])
  const times = await askTimes(db, table, kind, made)
  const thing = (from: Readonly<Record<string, ThingSnapshot>>) => (id: string) => {
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
