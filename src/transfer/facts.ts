import { modern } from '../ask/facts-mariadb.ts'
import type { Db } from '../hosts/db.ts'

/** The description of a database, limited to what servers of different versions report alike. */
export interface DatabaseFacts {
  /** 'utf8mb3_general_ci' */
  readonly collation: string
  readonly tables: Readonly<Record<string, TableFacts>>
  /** 'trigger x', 'view y', 'procedure z', 'event e' -> a digest that distinguishes two of one name */
  readonly programs: Readonly<Record<string, string>>
}

export interface TableFacts {
  /** 'BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE' */
  readonly kind: string
  readonly collation: string
  /** 'id int not null', ... with collations; without display widths of integers, which servers show differently */
  readonly columns: string
  readonly foreignKeys: number
}

interface Column {
  readonly t: string
  readonly c: string
  readonly type: string
  readonly nullable: string
  readonly collation: string | null
}

/** Describes every table. Reads no rows. */
export const askDatabase = async (db: Db, database: string): Promise<DatabaseFacts> => {
  const [schema] = await db.rows<{ collation: string }>(
    'SELECT default_collation_name AS collation FROM information_schema.schemata WHERE schema_name = ?',
    [database],
  )
  return {
    collation: modern(schema?.collation ?? ''),
    tables: await askTables(db, database),
    programs: await askPrograms(db, database),
  }
}

const askTables = async (db: Db, database: string): Promise<Readonly<Record<string, TableFacts>>> => {
  const columns = await db.rows<Column>(
    `SELECT table_name AS t, column_name AS c, column_type AS type, is_nullable AS nullable, collation_name AS collation
     FROM information_schema.columns WHERE table_schema = ? ORDER BY table_name, ordinal_position`,
    [database],
  )
  const keys = await db.rows<{ t: string; n: number }>(
    `SELECT table_name AS t, COUNT(*) AS n FROM information_schema.table_constraints
     WHERE table_schema = ? AND constraint_type = 'FOREIGN KEY' GROUP BY table_name`,
    [database],
  )
  const tables = await db.rows<{ t: string; kind: string; collation: string | null }>(
    `SELECT table_name AS t, table_type AS kind, table_collation AS collation FROM information_schema.tables
     WHERE table_schema = ? AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED', 'SEQUENCE') ORDER BY table_name`,
    [database],
  )
  const texts = new Map<string, string[]>()
  for (const column of columns) {
    const own = texts.get(column.t) ?? []
    own.push(columnText(column))
    texts.set(column.t, own)
  }
  const counts = new Map(keys.map(({ t, n }) => [t, Number(n)]))
  return Object.fromEntries(
    tables.map(({ t, kind, collation }) => [
      t,
      {
        kind,
        collation: modern(collation ?? ''),
        columns: (texts.get(t) ?? []).join(', '),
        foreignKeys: counts.get(t) ?? 0,
      },
    ]),
  )
}

const columnText = ({ c, type, nullable, collation }: Column): string => {
  const plain = type.replace(/^(\w*int)\(\d+\)/, '$1')
  return `${c} ${plain}${nullable === 'YES' ? '' : ' not null'}${collation === null ? '' : ` ${modern(collation)}`}`
}

/** Views by name only: each server formats a view's text differently. */
const askPrograms = async (db: Db, database: string): Promise<Readonly<Record<string, string>>> => {
  const rows = await db.rows<{ name: string; text: string }>(
    `SELECT CONCAT('trigger ', trigger_name) AS name, CONCAT_WS(' ', action_timing, event_manipulation, event_object_table, definer, MD5(action_statement)) AS text
       FROM information_schema.triggers WHERE trigger_schema = ?
     UNION ALL SELECT CONCAT('view ', table_name), '' FROM information_schema.views WHERE table_schema = ?
     UNION ALL SELECT CONCAT(LOWER(routine_type), ' ', routine_name), CONCAT_WS(' ', definer, MD5(routine_definition))
       FROM information_schema.routines WHERE routine_schema = ?
     UNION ALL SELECT CONCAT('event ', event_name), CONCAT_WS(' ', definer, MD5(event_definition))
       FROM information_schema.events WHERE event_schema = ?`,
    [database, database, database, database],
  )
  return Object.fromEntries(rows.map(({ name, text }) => [name, text]))
}
