import type { Db } from '../hosts/db.ts'
import { name } from '../text/sql.ts'

export interface Column {
  readonly name: string
  /** 'int', 'varchar', 'longblob' */
  readonly type: string
  /** position in the primary key; undefined for other columns */
  readonly key?: number
}

export interface Table {
  readonly database: string
  readonly name: string
  /** the server's estimate */
  readonly rows: number
  readonly columns: readonly Column[]
}

/** Every base table of a database with its columns. */
export const askTables = async (db: Db, database: string): Promise<readonly Table[]> => {
  const tables = await db.rows<{ name: string; n: number | null }>(
    `SELECT table_name AS name, table_rows AS n FROM information_schema.tables
     WHERE table_schema = ? AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY table_name`,
    [database],
  )
  const columns = await db.rows<{ t: string; c: string; type: string }>(
    `SELECT table_name AS t, column_name AS c, data_type AS type FROM information_schema.columns
     WHERE table_schema = ? ORDER BY table_name, ordinal_position`,
    [database],
  )
  const keys = await db.rows<{ t: string; c: string; place: number }>(
    `SELECT table_name AS t, column_name AS c, seq_in_index AS place FROM information_schema.statistics
     WHERE table_schema = ? AND index_name = 'PRIMARY'`,
    [database],
  )
  const places = new Map(keys.map((key) => [`${key.t}.${key.c}`, Number(key.place)]))
  return tables.map((table) => ({
    database,
    name: table.name,
    rows: Number(table.n ?? 0),
    columns: columns
      .filter((column) => column.t === table.name)
      .map(({ t, c, type }) => {
        const key = places.get(`${t}.${c}`)
        return { name: c, type, ...(key === undefined ? {} : { key }) }
      }),
  }))
}

/** SQL for a row's checksum: CRC32 per column, then over these, so that no row exceeds max_allowed_packet. */
export const digest = (columns: readonly Column[]): string => {
  // Changes with every save, even when nothing else does.
  const telling = columns.filter((column) => column.name !== 'updated_at')
  return `CRC32(CONCAT_WS(',', ${telling.map((column) => `IFNULL(CRC32(t.${name(column.name)}), '-')`).join(', ')}))`
}

export const keyOf = (table: Table): readonly Column[] =>
  table.columns.filter((column) => column.key !== undefined).toSorted((a, b) => (a.key as number) - (b.key as number))

/** The integer that is the whole primary key, if there is one: later rows have greater values. */
export const counterOf = (table: Table): string | undefined => {
  const [first, second] = keyOf(table)
  return first !== undefined && second === undefined && /int$/.test(first.type) ? first.name : undefined
}
