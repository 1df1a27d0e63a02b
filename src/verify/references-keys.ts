import type { Db } from '../hosts/db.ts'
import { name as identifier } from '../text/sql.ts'
import { grouped } from './grouped.ts'
import { mostRows } from './references-sql.ts'

/** A foreign key as the server declares it. */
export interface ForeignKey {
  readonly name: string
  readonly database: string
  readonly table: string
  readonly columns: readonly string[]
  readonly parent: string
  readonly parentColumns: readonly string[]
}

interface KeyColumn {
  readonly name: string
  readonly t: string
  readonly c: string
  readonly pd: string
  readonly p: string
  readonly pc: string
}

/** Every foreign key of a database: copies are loaded with the server's own check turned off. */
export const askForeignKeys = async (db: Db, database: string): Promise<readonly ForeignKey[]> => {
  const rows = await db.rows<KeyColumn>(
    `SELECT constraint_name AS name, table_name AS t, column_name AS c, referenced_table_schema AS pd,
       referenced_table_name AS p, referenced_column_name AS pc
     FROM information_schema.key_column_usage
     WHERE table_schema = ? AND referenced_table_name IS NOT NULL ORDER BY table_name, constraint_name, ordinal_position`,
    [database],
  )
  const groups = grouped(rows, ({ t, name }) => `${t}.${name}`)
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    return {
      name: first.name,
      database,
      table: first.t,
      columns: group.map(({ c }) => c),
      parent: `${identifier(first.pd)}.${identifier(first.p)}`,
      parentColumns: group.map(({ pc }) => pc),
    }
  })
}

/** SQL for the rows without a parent. A row with NULL in its key refers to nothing. */
export const orphansSql = ({ database, table, columns, parent, parentColumns }: ForeignKey): string => {
  const child = columns.map((column) => `c.${identifier(column)}`)
  const above = parentColumns.map((column) => `p.${identifier(column)}`)
  const on = child.map((column, index) => `${above[index]} = ${column}`).join(' AND ')
  const there = child.map((column) => `${column} IS NOT NULL`).join(' AND ')
  const value = `CONVERT(CONCAT_WS(', ', ${child.join(', ')}) USING utf8mb4)`
  return `SELECT DISTINCT ${value} AS id, ${value} AS \`key\` FROM ${identifier(database)}.${identifier(table)} c
    LEFT JOIN ${parent} p ON ${on} WHERE ${there} AND ${above[0]} IS NULL ORDER BY 1 LIMIT ${mostRows + 1}`
}
