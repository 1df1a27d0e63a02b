import { name } from '../text/sql.ts'
import { lines, type Question } from './question.ts'

/** SQL through the server's own client, as root over the socket, so root's ~/.my.cnf applies. Values are never NULL. */
export const sql = <T>(statement: string, parse: (rows: readonly (readonly string[])[]) => T): Question<T> => ({
  argv: ['mysql', '--batch', '--skip-column-names', '--default-character-set=utf8mb4'],
  stdin: statement,
  parse: (text) => parse(lines(text).map((line) => line.split('\t').map(plain))),
})

const escapes: Readonly<Record<string, string>> = { t: '\t', n: '\n', '0': '\0', '\\': '\\' }
const plain = (value: string): string => value.replace(/\\([tn0\\])/g, (_, letter: string) => escapes[letter] ?? '')

const record = (rows: readonly (readonly string[])[]): Readonly<Record<string, string>> =>
  Object.fromEntries(rows.map(([key = '', value = '']) => [key, value]))

export const variables: Question<Readonly<Record<string, string>>> = sql('SHOW GLOBAL VARIABLES;', record)

/**
 * The default collation of each charset: {latin1: 'latin1_swedish_ci', ...}. Not read from COLLATIONS: since MariaDB
 * 11.5 the default of utf8mb4 has no charset there, and no default is marked.
 */
export const defaultCollations: Question<Readonly<Record<string, string>>> = sql(
  'SELECT CHARACTER_SET_NAME, DEFAULT_COLLATE_NAME FROM information_schema.CHARACTER_SETS;',
  record,
)

export interface Schema {
  readonly name: string
  readonly charset: string
  readonly collation: string
  readonly bytes: number
  readonly tables: number
}

/** Every database except the server's own. */
export const schemas: Question<readonly Schema[]> = sql(
  `SELECT s.SCHEMA_NAME, s.DEFAULT_CHARACTER_SET_NAME, s.DEFAULT_COLLATION_NAME,
     COALESCE(SUM(t.DATA_LENGTH + t.INDEX_LENGTH), 0), COUNT(t.TABLE_NAME)
   FROM information_schema.SCHEMATA s
   LEFT JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = s.SCHEMA_NAME AND t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
   WHERE s.SCHEMA_NAME NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')
   GROUP BY s.SCHEMA_NAME, s.DEFAULT_CHARACTER_SET_NAME, s.DEFAULT_COLLATION_NAME;`,
  (rows) =>
    rows.map(([name = '', charset = '', collation = '', bytes, tables]) => ({
      name,
      charset,
      collation,
      bytes: Number(bytes),
      tables: Number(tables),
    })),
)

/** utf8 is the old name of utf8mb3, which MariaDB prints since 10.6. */
export const modern = (name: string): string => name.replace(/^utf8(?=_|$)/, 'utf8mb3')

export interface Endpoint {
  readonly type: string
  readonly url: string
}

/** The keystone catalog: each type with its enabled URLs. */
export const catalog = (database: string): Question<readonly Endpoint[]> =>
  sql(
    `SELECT s.type, e.url FROM ${name(database, 'service')} s JOIN ${name(database, 'endpoint')} e ON e.service_id = s.id
     WHERE s.enabled = 1 AND e.enabled = 1;`,
    (rows) => rows.map(([type = '', url = '']) => ({ type, url })),
  )
