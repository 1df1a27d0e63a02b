import { modern } from '../ask/facts-mariadb.ts'
import type { Db } from '../hosts/db.ts'
import { grouped } from './grouped.ts'

export interface Column {
  readonly name: string
  /** 'varchar' */
  readonly kind: string
  /** 'varchar(255)'; integers without display width, which servers show differently */
  readonly type: string
  readonly nullable: boolean
  /** this server's name: 'utf8' before MariaDB 10.6, 'utf8mb3' since */
  readonly charset?: string
  readonly collation?: string
  /** maximum bytes of a text or binary value */
  readonly octets: number
}

export interface Key {
  /** undefined on a side without that index: rows are found without it */
  readonly index?: string
  readonly columns: readonly Column[]
  /** no two rows have equal values in these columns */
  readonly unique: boolean
}

export interface Table {
  readonly database: string
  readonly name: string
  readonly columns: readonly Column[]
  /** the index for walking the table; undefined: none is usable, and the table is read in one statement */
  readonly key?: Key
  readonly indexes: readonly string[]
  /** bytes, the server's estimate */
  readonly rowLength: number
}

interface Part {
  readonly table: string
  readonly index: string
  readonly column: string
  readonly other: number
  readonly prefix: number | null
  readonly type: string
}

/** The tables of a database by name, with what is needed to digest and to walk their rows. */
export const askTables = async (db: Db, database: string): Promise<ReadonlyMap<string, Table>> => {
  const tables = await db.rows<{ name: string; length: number | null }>(
    `SELECT table_name AS name, avg_row_length AS length FROM information_schema.tables
     WHERE table_schema = ? AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY table_name`,
    [database],
  )
  const columns = await db.rows<{ table: string } & Raw>(
    `SELECT table_name AS \`table\`, column_name AS name, data_type AS kind, column_type AS type, is_nullable AS nullable,
       character_set_name AS charset, collation_name AS collation, character_octet_length AS octets
     FROM information_schema.columns WHERE table_schema = ? ORDER BY table_name, ordinal_position`,
    [database],
  )
  const parts = await db.rows<Part>(
    `SELECT table_name AS \`table\`, index_name AS \`index\`, column_name AS \`column\`, non_unique AS other,
       sub_part AS prefix, index_type AS type
     FROM information_schema.statistics WHERE table_schema = ? ORDER BY table_name, index_name, seq_in_index`,
    [database],
  )
  const columnsOf = grouped(columns, ({ table }) => table)
  const partsOf = grouped(parts, ({ table }) => table)
  return new Map(
    tables.map(({ name, length }) => {
      const own = (columnsOf.get(name) ?? []).map(columnOf)
      const key = keyOf(partsOf.get(name) ?? [], own)
      const indexes = [...new Set((partsOf.get(name) ?? []).map((part) => part.index))]
      return [
        name,
        {
          database,
          name,
          columns: own,
          indexes,
          rowLength: Number(length ?? 0),
          ...(key === undefined ? {} : { key }),
        },
      ]
    }),
  )
}

interface Raw {
  readonly name: string
  readonly kind: string
  readonly type: string
  readonly nullable: string
  readonly charset: string | null
  readonly collation: string | null
  readonly octets: number | string | null
}

const columnOf = ({ name, kind, type, nullable, charset, collation, octets }: Raw): Column => ({
  name,
  kind: kind.toLowerCase(),
  type: type.replace(/^(\w*int)\(\d+\)/, '$1'),
  nullable: nullable === 'YES',
  ...(charset === null ? {} : { charset }),
  ...(collation === null ? {} : { collation }),
  octets: Number(octets ?? 0),
})

/** Column types whose values compare like a literal of them. An ENUM compares as text but is indexed as a number. */
const walkable =
  /^(tinyint|smallint|mediumint|int|bigint|decimal|char|varchar|binary|varbinary|date|datetime|timestamp)$/

/**
 * The primary key; else a unique one; else the index with the most columns. Of each the leading columns that are
 * usable.
 */
export const keyOf = (parts: readonly Part[], columns: readonly Column[]): Key | undefined => {
  const names = [...new Set(parts.map((part) => part.index))]
  const keys = names.map((index): Key => {
    const own = parts.filter((part) => part.index === index)
    const fit: Column[] = []
    for (const part of own) {
      const column = columns.find((one) => one.name === part.column)
      if (column === undefined || column.nullable || part.prefix !== null || part.type !== 'BTREE') break
      if (!walkable.test(column.kind)) break
      fit.push(column)
    }
    return { index, columns: fit, unique: fit.length === own.length && Number(own[0]?.other) === 0 }
  })
  const rank = (key: Key): number => (key.index === 'PRIMARY' ? 2000 : 0) + (key.unique ? 1000 : 0) + key.columns.length
  return keys.filter((key) => key.columns.length > 0).toSorted((a, b) => rank(b) - rank(a))[0]
}

/** A copy of a table, walked like the source's: by the same columns, with its own server's charset names. */
export const asCopy = (source: Table, target: Table): Table => {
  const { key: _, ...rest } = target
  if (source.key === undefined) return rest
  const { index, columns, unique } = source.key
  return {
    ...rest,
    key: {
      unique,
      columns: columns.map((column) => target.columns.find(({ name }) => name === column.name) ?? column),
      ...(index !== undefined && target.indexes.includes(index) ? { index } : {}),
    },
  }
}

/** 'name varchar(255) utf8mb3_general_ci': must be equal for rows to be comparable. */
export const columnText = ({ name, type, collation }: Column): string =>
  `${name} ${type}${collation === undefined ? '' : ` ${modern(collation)}`}`
