import { type Db, openDatabase } from '../hosts/db.ts'
import type { Hosts } from '../hosts/host.ts'
import type { Key, Table } from './content-columns.ts'
import { boundaryStatement, type Place, type Range, sumStatement } from './content-sql.ts'

/** A part of a table, digested by one statement. */
export interface Chunk extends Range {
  readonly table: Table
}

export interface Sum {
  readonly rows: number
  /** an exact sum, too large for a number */
  readonly digest: bigint
}

export const nothingYet: Sum = { rows: 0, digest: 0n }

export const add = (a: Sum, b: Sum): Sum => ({ rows: a.rows + b.rows, digest: a.digest + b.digest })

export const same = (a: Sum, b: Sum): boolean => a.rows === b.rows && a.digest === b.digest

/** A chunk is read in well under a second, so that neither a long statement nor an old snapshot burdens a server. */
export const mostRows = 20_000
const mostBytes = 32 * 1024 * 1024

/** Rows per chunk; fewer for wide rows. */
export const chunkRows = ({ rowLength }: Pick<Table, 'rowLength'>, most = mostRows): number =>
  Math.min(most, Math.max(500, Math.floor(mostBytes / Math.max(1, rowLength))))

/** Both sides represent values alike: times in UTC, no CHAR padding, no names in double quotes. */
export const openSpeller = async (hosts: Hosts, side: 'source' | 'target'): Promise<Db> => {
  const db = await openDatabase(hosts(side), { readOnly: true })
  await db.run("SET SESSION time_zone = '+00:00', sql_mode = ''")
  return db
}

const askPlaces = async (db: Db, key: Key, statement: string): Promise<readonly Place[]> =>
  (await db.rows<Record<string, string | number>>(statement)).map((found) =>
    key.columns.map((_, at) => String(found[`k${at}`])),
  )

export const askSum = async (db: Db, table: Table, range: Range): Promise<Sum> => {
  const [found] = await db.rows<{ rows: number | string; digest: string }>(sumStatement(table, range))
  return { rows: Number(found?.rows ?? 0), digest: BigInt(found?.digest ?? 0) }
}

/** The tables' chunks, divided by the source's rows; the next is computed only when a connection is free. */
export async function* walk(source: Db, tables: Iterable<Table>, most = mostRows): AsyncGenerator<Chunk> {
  for (const table of tables) {
    let from: Place | undefined
    do {
      const [to]: readonly Place[] =
        table.key === undefined
          ? []
          : await askPlaces(source, table.key, boundaryStatement(table, table.key, from, chunkRows(table, most)))
      yield { table, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
      from = to
    } while (from !== undefined)
  }
}
