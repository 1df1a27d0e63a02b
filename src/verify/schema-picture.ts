import type { Db } from '../hosts/db.ts'
import type { Database } from '../services/recipe.ts'

/** What information_schema says of one database. Both pictures of a comparison are of the same server, and so of one spelling. */
export interface Picture {
  readonly database: string
  readonly repo: Database['repo']
  readonly tables: Readonly<Record<string, TablePicture>>
}

export interface TablePicture {
  /** 'BASE TABLE', 'VIEW' */
  readonly kind: string
  readonly engine: string
  readonly collation: string
  readonly columns: Readonly<Record<string, ColumnPicture>>
  readonly indexes: Readonly<Record<string, IndexPicture>>
  readonly foreignKeys: Readonly<Record<string, ForeignKeyPicture>>
  /** CHECK clauses; the server makes most of their names up, and no tool speaks of them by name */
  readonly checks: readonly string[]
  readonly triggers: Readonly<Record<string, string>>
}

export interface ColumnPicture {
  /** 'varchar(255)', 'int(11) unsigned' */
  readonly type: string
  readonly nullable: boolean
  /** as the server spells it: 'NULL', "'text'", 'current_timestamp()'; undefined: there is none */
  readonly default?: string
  /** 'auto_increment', 'on update current_timestamp()', 'VIRTUAL GENERATED', with the expression of a generated one */
  readonly extra: string
  readonly charset?: string
  readonly collation?: string
}

export interface IndexPicture {
  readonly unique: boolean
  /** 'BTREE', 'FULLTEXT' */
  readonly kind: string
  /** in their order, with the length of a prefix: 'host', 'path(255)' */
  readonly columns: readonly string[]
}

export interface ForeignKeyPicture {
  readonly columns: readonly string[]
  /** the table; with its database when that is another one than its own */
  readonly table: string
  readonly references: readonly string[]
  readonly onDelete: string
  readonly onUpdate: string
}

type Row = Readonly<Record<string, string | number | null>>

const questions = {
  tables: `SELECT table_name AS \`table\`, table_type AS kind, engine, table_collation AS collation
    FROM information_schema.tables WHERE table_schema = ? ORDER BY table_name`,
  columns: `SELECT table_name AS \`table\`, column_name AS name, column_type AS type, is_nullable AS nullable,
      column_default AS fallback, extra, generation_expression AS expression, character_set_name AS charset,
      collation_name AS collation
    FROM information_schema.columns WHERE table_schema = ? ORDER BY table_name, column_name`,
  indexes: `SELECT table_name AS \`table\`, index_name AS name, non_unique AS other, column_name AS \`column\`,
      sub_part AS prefix, index_type AS kind
    FROM information_schema.statistics WHERE table_schema = ? ORDER BY table_name, index_name, seq_in_index`,
  foreignKeys: `SELECT k.table_name AS \`table\`, k.constraint_name AS name, k.column_name AS \`column\`,
      k.referenced_table_schema AS toDatabase, k.referenced_table_name AS toTable, k.referenced_column_name AS toColumn,
      r.delete_rule AS onDelete, r.update_rule AS onUpdate
    FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r
      ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
    WHERE k.constraint_schema = ? AND r.constraint_schema = ? AND k.referenced_table_name IS NOT NULL
    ORDER BY k.table_name, k.constraint_name, k.ordinal_position`,
  checks: `SELECT table_name AS \`table\`, check_clause AS clause FROM information_schema.check_constraints
    WHERE constraint_schema = ? ORDER BY table_name, check_clause`,
  triggers: `SELECT event_object_table AS \`table\`, trigger_name AS name, action_timing AS at, event_manipulation AS event,
      action_statement AS does
    FROM information_schema.triggers WHERE trigger_schema = ? ORDER BY event_object_table, trigger_name`,
} as const

/** Reads a database's whole schema; six questions, whatever its size. */
export const askPicture = async (db: Db, repo: Database['repo'], database: string): Promise<Picture> => {
  const ask = async (question: keyof typeof questions): Promise<Grouped> => {
    const sql = questions[question]
    return grouped(await db.rows<Row>(sql, Array(sql.split('?').length - 1).fill(database)), 'table')
  }
  const tables = await ask('tables')
  const [columns, indexes, foreignKeys] = [await ask('columns'), await ask('indexes'), await ask('foreignKeys')]
  const [checks, triggers] = [await ask('checks'), await ask('triggers')]
  const picture = ([name, [row]]: readonly [string, readonly Row[]]): readonly [string, TablePicture] => [
    name,
    {
      kind: text(row?.['kind']),
      engine: text(row?.['engine']),
      collation: text(row?.['collation']),
      columns: Object.fromEntries((columns.get(name) ?? []).map((one) => [text(one['name']), columnOf(one)])),
      indexes: named(indexes.get(name), indexOf),
      foreignKeys: named(foreignKeys.get(name), (rows) => foreignKeyOf(database, rows)),
      checks: (checks.get(name) ?? []).map((one) => text(one['clause'])),
      triggers: Object.fromEntries((triggers.get(name) ?? []).map((one) => [text(one['name']), triggerOf(one)])),
    },
  ]
  return { database, repo, tables: Object.fromEntries([...tables].map(picture)) }
}

type Grouped = ReadonlyMap<string, readonly Row[]>

const text = (value: string | number | null | undefined): string => String(value ?? '')

const grouped = (rows: readonly Row[], by: string): Grouped => {
  const groups = new Map<string, Row[]>()
  for (const row of rows) groups.set(text(row[by]), [...(groups.get(text(row[by])) ?? []), row])
  return groups
}

const named = <T>(rows: readonly Row[] | undefined, make: (rows: readonly Row[]) => T): Readonly<Record<string, T>> =>
  Object.fromEntries([...grouped(rows ?? [], 'name')].map(([name, own]) => [name, make(own)]))

const columnOf = (row: Row): ColumnPicture => ({
  type: text(row['type']),
  nullable: row['nullable'] === 'YES',
  ...optional('default', row['fallback']),
  extra: [text(row['extra']), text(row['expression'])].filter(Boolean).join(' '),
  ...optional('charset', row['charset']),
  ...optional('collation', row['collation']),
})

const optional = (key: string, value: string | number | null | undefined): Readonly<Record<string, string>> =>
  value === null || value === undefined ? {} : { [key]: String(value) }

const indexOf = (rows: readonly Row[]): IndexPicture => ({
  unique: Number(rows[0]?.['other']) === 0,
  kind: text(rows[0]?.['kind']),
  columns: rows.map((row) => `${text(row['column'])}${row['prefix'] === null ? '' : `(${row['prefix']})`}`),
})

const foreignKeyOf = (database: string, rows: readonly Row[]): ForeignKeyPicture => {
  const first = rows[0] as Row
  const [to, table] = [text(first['toDatabase']), text(first['toTable'])]
  return {
    columns: rows.map((row) => text(row['column'])),
    table: to === database ? table : `${to}.${table}`,
    references: rows.map((row) => text(row['toColumn'])),
    onDelete: text(first['onDelete']),
    onUpdate: text(first['onUpdate']),
  }
}

const triggerOf = (row: Row): string =>
  `${text(row['at'])} ${text(row['event'])}: ${text(row['does']).replace(/\s+/g, ' ')}`
