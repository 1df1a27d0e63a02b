import { block, type Check, warn } from '../ask/check.ts'
import { type Db, withDatabase } from '../hosts/db.ts'
import { some } from '../text/some.ts'
import { name } from '../text/sql.ts'
import { type NameRow, onSource } from './on-source.ts'

interface Column {
  readonly schema: string
  readonly table: string
  readonly column: string
}

const zeroDates: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const columns = await db.rows<Column>(
      `SELECT table_schema AS \`schema\`, table_name AS \`table\`, column_name AS \`column\` FROM information_schema.columns
       WHERE table_schema IN (${databases}) AND data_type IN ('date', 'datetime', 'timestamp')
         AND (table_schema, table_name) IN (SELECT table_schema, table_name FROM information_schema.tables WHERE table_type IN ('BASE TABLE', 'SYSTEM VERSIONED'))`,
    )
    const tables = new Map<string, string[]>()
    for (const { schema, table, column } of columns) {
      const zero = `${name(column)} = 0 OR DAYOFMONTH(${name(column)}) = 0`
      tables.set(name(schema, table), [...(tables.get(name(schema, table)) ?? []), zero])
    }
    const found: string[] = []
    for (const [table, of] of tables) {
      const zero = of.join(' OR ')
      const [row] = await db.rows<{ n: string }>(`SELECT COUNT(*) AS n FROM ${table} WHERE ${zero}`)
      if (Number(row?.n) > 0) found.push(`${table.replaceAll('`', '')} (${row?.n} rows)`)
    }
    return found.length === 0
      ? []
      : [
          block(
            `zero dates, which the sql_mode of OpenStack's tools (TRADITIONAL) refuses: ${some(found)}`,
            'Set them to NULL or to a date; a migration that touches these tables fails otherwise (error 1292)',
          ),
        ]
  })

const violated: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const [known] = await db.rows<NameRow>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'information_schema' AND table_name = 'CHECK_CONSTRAINTS'",
    )
    if (known === undefined) return []
    const checks = await db.rows<{ schema: string; table: string; check: string; clause: string }>(
      `SELECT constraint_schema AS \`schema\`, table_name AS \`table\`, constraint_name AS \`check\`, check_clause AS clause
       FROM information_schema.check_constraints WHERE constraint_schema IN (${databases})`,
    )
    const found: string[] = []
    for (const { schema, table, check, clause } of checks) {
      const [row] = await db.rows<{ n: string }>(
        `SELECT COUNT(*) AS n FROM ${name(schema, table)} WHERE NOT (${clause})`,
      )
      if (Number(row?.n) > 0) found.push(`${schema}.${table} ${check} (${row?.n} rows)`)
    }
    return found.length === 0
      ? []
      : [
          block(
            `rows that violate a CHECK of their table: ${some(found)}`,
            'The import would refuse them (error 4025): correct the rows on the old controller',
          ),
        ]
  })

const orphans: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const keys = await db.rows<Column & { key: string; to: string; parent: string; at: string }>(
      `SELECT k.table_schema AS \`schema\`, k.table_name AS \`table\`, k.constraint_name AS \`key\`,
         GROUP_CONCAT(k.column_name ORDER BY k.ordinal_position) AS \`column\`, k.referenced_table_schema AS \`to\`,
         k.referenced_table_name AS parent, GROUP_CONCAT(k.referenced_column_name ORDER BY k.ordinal_position) AS at
       FROM information_schema.key_column_usage k
       WHERE k.table_schema IN (${databases}) AND k.referenced_table_name IS NOT NULL
       GROUP BY k.table_schema, k.table_name, k.constraint_name, k.referenced_table_schema, k.referenced_table_name`,
    )
    const found: string[] = []
    for (const one of keys) {
      const [own, far] = [one.column.split(','), one.at.split(',')]
      const on = own.map((column, at) => `p.${name(far[at] ?? '')} = c.${name(column)}`).join(' AND ')
      const set = own.map((column) => `c.${name(column)} IS NOT NULL`).join(' AND ')
      const [row] = await db.rows<{ n: string }>(
        `SELECT COUNT(*) AS n FROM ${name(one.schema, one.table)} c LEFT JOIN ${name(one.to, one.parent)} p ON ${on}
         WHERE ${set} AND p.${name(far[0] ?? '')} IS NULL`,
      )
      if (Number(row?.n) > 0) found.push(`${one.schema}.${one.table} ${one.key} (${row?.n} rows)`)
    }
    return found.length === 0
      ? []
      : [
          warn(
            `rows whose foreign key points to a missing row: ${some(found)}`,
            'They were written with foreign_key_checks off and are copied unchanged; a migration that recreates the key refuses them (error 1452)',
          ),
        ]
  })

/** A word that the newer server reserves and the older did not: SQL that uses it without backticks fails. */
const reserved: Check['ask'] = (context) =>
  onSource(context, async (source, databases) => {
    if (context.survey.target.mariadb === undefined) return []
    const used = await source.rows<NameRow>(
      `SELECT DISTINCT UPPER(column_name) AS name FROM information_schema.columns WHERE table_schema IN (${databases})
       UNION SELECT DISTINCT UPPER(table_name) FROM information_schema.tables WHERE table_schema IN (${databases})`,
    )
    const words = used.map((one) => one.name).filter((word) => /^[A-Z_][A-Z0-9_]*$/.test(word))
    const refused = (db: Db, word: string) =>
      db.rows(`SELECT 1 AS ${word}`).then(
        () => false,
        () => true,
      )
    return withDatabase(context.hosts('target'), { readOnly: true }, async (target) => {
      const [has] = await target.rows<NameRow>(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'information_schema' AND table_name = 'KEYWORDS'",
      )
      if (has === undefined) return []
      const known = new Set(
        (await target.rows<{ word: string }>('SELECT word FROM information_schema.keywords')).map(({ word }) => word),
      )
      const found: string[] = []
      for (const word of words.filter((one) => known.has(one)))
        if ((await refused(target, word)) && !(await refused(source, word))) found.push(word)
      return found.length === 0
        ? []
        : [
            warn(
              `names that are reserved words on the target's server: ${some(found)}`,
              'OpenStack quotes them; your own SQL, triggers and reports must quote them too (error 1064)',
            ),
          ]
    })
  })

/** Content and names of the tables; each table is read once. */
export const contentChecks: readonly Check[] = [
  {
    id: 'database/zero-dates',
    level: 'block',
    title: 'No date is zero',
    source: 'oslo.db sql_mode TRADITIONAL',
    why: 'A migration that touches the table fails (error 1292).',
    remedy: 'Set the dates to NULL or to a real date.',
    ask: zeroDates,
  },
  {
    id: 'database/check-constraints',
    level: 'block',
    title: 'All rows satisfy the CHECKs of their table',
    source: 'MariaDB 10.2 enforces CHECK',
    why: 'The import would refuse the rows (error 4025).',
    remedy: 'Fix the rows on the old controller.',
    ask: violated,
  },
  {
    id: 'database/orphans',
    level: 'warn',
    title: 'Foreign keys point to rows that exist',
    source: 'MariaDB error 1452',
    why: 'A migration that recreates the key refuses these rows (error 1452).',
    remedy: 'Delete the rows, or create the rows they point to.',
    ask: orphans,
  },
  {
    id: 'database/reserved-words',
    level: 'warn',
    title: "No table or column is named like a reserved word of the target's server",
    source: 'MariaDB reserved words',
    why: 'Your own SQL, triggers and reports would fail on the target (error 1064).',
    remedy: 'Quote these names with backticks in your own SQL.',
    ask: reserved,
  },
]
