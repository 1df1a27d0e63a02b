import type { About } from '../engine/about.ts'
import type { Probe } from '../releases/blocker.ts'
import type { ReleaseName } from '../releases/series.ts'
import type { Database } from './recipe.ts'

/** A check for rows of the source's databases that should not be carried over unnoticed. */
export interface RowCheck extends About {
  /** the repository whose databases are queried; `{glance.images}` in a query is a table of another one */
  readonly repo: Database['repo']
  /** what the rows are, for messages: 'servers without a cell' */
  readonly rows: string
  readonly asks: readonly Probe[]
  /** a target of an older release still supports these rows */
  readonly since?: ReleaseName
}

/** A query whose offenders are rows of one table. */
export const rows = (table: string, columns: readonly string[], where: string, example: string): Probe => ({
  needs: { [table]: columns },
  from: `{${table}} WHERE ${where}`,
  example,
})

/** Rows that share a key with another row; `key`: SQL over the table's columns. */
export const twins = (table: string, columns: readonly string[], key: string, where: string): Probe => ({
  needs: { [table]: columns },
  from: `(SELECT ${key} AS k, COUNT(*) AS n FROM {${table}} WHERE ${where} GROUP BY k HAVING n > 1) AS twins`,
  example: "CONCAT(`k`, ' (', `n`, ' times)')",
})

/** One offender with the number of rows, when there are more than `limit`. */
export const many = (table: string, columns: readonly string[], where: string, limit: number): Probe => ({
  needs: { [table]: columns },
  from: `(SELECT COUNT(*) AS n FROM {${table}} WHERE ${where}) AS all_of_them WHERE n > ${limit}`,
  example: `CONCAT('${table}: ', n, ' rows')`,
})

/** Like `rows`, over several tables; `from` as in a Probe. */
export const joined = (needs: Probe['needs'], from: string, example: string): Probe => ({ needs, from, example })

/** One machine under two names: a row with its short and one with its full name, equal in `same`. */
export const renamed = (table: string, column: string, same: readonly string[], where = ''): Probe => ({
  needs: { [table]: [column, ...same] },
  from:
    `{${table}} a JOIN {${table}} b ON b.\`${column}\` LIKE '%.%' AND a.\`${column}\` = SUBSTRING_INDEX(b.\`${column}\`, '.', 1)` +
    `${same.map((one) => ` AND a.\`${one}\` = b.\`${one}\``).join('')}${where === '' ? '' : ` WHERE ${where}`}`,
  example: `CONCAT(a.\`${column}\`, ' and ', b.\`${column}\`)`,
})

/** Two databases, or two tables, may differ in collation; with this the comparison never fails. */
const plain = (sql: string): string => `CONVERT(${sql} USING utf8mb4) COLLATE utf8mb4_general_ci`

export const equal = (a: string, b: string): string => `${plain(a)} = ${plain(b)}`

/** `sql` is not among the column's values in any of `from`; evaluated once, whatever the number of rows. */
export const absent = (sql: string, column: string, from: string): string =>
  `${plain(sql)} NOT IN (SELECT ${plain(column)} FROM ${from}${/ WHERE /.test(from) ? ' AND' : ' WHERE'} ${column} IS NOT NULL)`

/** Rows without a change for so long. The services write UTC. */
export const older = (age: '1 HOUR' | '1 DAY', ...columns: readonly string[]): string => {
  const last = columns.length === 1 ? columns[0] : `COALESCE(${columns.join(', ')})`
  return `${last} < UTC_TIMESTAMP() - INTERVAL ${age}`
}
