import { type Db, withDatabase } from '../hosts/db.ts'
import { name, text } from '../releases/sql.ts'
import { block, type Check, type CheckContext, type Said, warn } from '../source/check.ts'
import { modern } from '../source/facts-mariadb.ts'

/** Asks the source's server about all databases that will be carried (an SQL list); nothing when there are none. */
const onSource = async (
  { survey, hosts }: CheckContext,
  look: (db: Db, databases: string) => Promise<readonly Said[]>,
): Promise<readonly Said[]> => {
  const databases = survey.services.flatMap((service) => service.databases.map((one) => one.name))
  if (databases.length === 0) return []
  return withDatabase(hosts('source'), { readOnly: true }, (db) => look(db, databases.map(text).join(', ')))
}

const some = (names: readonly string[]): string =>
  `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`

interface Named {
  readonly name: string
}

const engines: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const found = await db.rows<Named>(
      `SELECT CONCAT(table_schema, '.', table_name, ' (', engine, ')') AS name FROM information_schema.tables
       WHERE table_schema IN (${databases}) AND table_type = 'BASE TABLE' AND engine <> 'InnoDB'`,
    )
    return found.length === 0
      ? []
      : [
          block(
            `tables of another engine than InnoDB: ${some(found.map((one) => one.name))}`,
            'Foreign keys of later migrations cannot lead there: ALTER TABLE ... ENGINE=InnoDB on the old controller',
          ),
        ]
  })

const formats: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const found = await db.rows<Named>(
      `SELECT CONCAT(table_schema, '.', table_name, ' (', row_format, ')') AS name FROM information_schema.tables
       WHERE table_schema IN (${databases}) AND engine = 'InnoDB' AND create_options REGEXP 'row_format=(compact|redundant|compressed)'`,
    )
    return found.length === 0
      ? []
      : [
          warn(
            `tables that ask for an old row format: ${some(found.map((one) => one.name))}`,
            'An index of a later migration may be too long for it (error 1071): ALTER TABLE ... ROW_FORMAT=DYNAMIC',
          ),
        ]
  })

const collations: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const found = await db.rows<{ schema: string; kinds: string; number: string }>(
      `SELECT table_schema AS \`schema\`, GROUP_CONCAT(DISTINCT table_collation ORDER BY 1) AS kinds,
         COUNT(DISTINCT table_collation) AS number FROM information_schema.tables
       WHERE table_schema IN (${databases}) AND table_type = 'BASE TABLE' GROUP BY table_schema HAVING number > 1`,
    )
    return found.map(({ schema, kinds }) =>
      warn(
        `${schema} has tables of different collations: ${kinds}`,
        'A foreign key between two of them is refused (errno 150); look at those that a later release joins',
      ),
    )
  })

const keyPairs: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const found = await db.rows<Named>(
      `SELECT CONCAT(k.table_schema, '.', k.table_name, '.', k.column_name, ' ', a.collation_name, ' and ',
         k.referenced_table_name, '.', k.referenced_column_name, ' ', b.collation_name) AS name
       FROM information_schema.key_column_usage k
       JOIN information_schema.columns a ON a.table_schema = k.table_schema AND a.table_name = k.table_name
         AND a.column_name = k.column_name
       JOIN information_schema.columns b ON b.table_schema = k.referenced_table_schema
         AND b.table_name = k.referenced_table_name AND b.column_name = k.referenced_column_name
       WHERE k.table_schema IN (${databases}) AND k.referenced_table_name IS NOT NULL AND a.collation_name <> b.collation_name`,
    )
    return found.length === 0
      ? []
      : [
          block(
            `foreign keys between columns of different collations: ${some(found.map((one) => one.name))}`,
            'The import makes them without looking, and the next ALTER of either table fails (errno 150): convert one side',
          ),
        ]
  })

const unknownCollations: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const known = Object.keys(context.survey.target.collations)
    if (known.length === 0) return []
    const charsets = new Set(known.map(modern))
    const found = await db.rows<{ charset: string; collation: string }>(
      `SELECT DISTINCT character_set_name AS charset, collation_name AS collation FROM information_schema.columns
       WHERE table_schema IN (${databases}) AND character_set_name IS NOT NULL`,
    )
    // utf8mb4_0900_* are MySQL's own: no MariaDB before 11.4 has them.
    const lost = found.filter(({ charset, collation }) => !charsets.has(modern(charset)) || /_0900_/.test(collation))
    return lost.length === 0
      ? []
      : [
          block(
            `columns in collations that the target's server does not have: ${some(lost.map((one) => one.collation))}`,
            'Convert them on the old controller to one that both have; the order of sorting changes with it',
          ),
        ]
  })

const keyless: Check['ask'] = (context) => {
  const galera = (side: 'source' | 'target') => context.survey[side].mariadb?.['wsrep_on'] === 'ON'
  if (!galera('source') && !galera('target')) return Promise.resolve([])
  return onSource(context, async (db, databases) => {
    const found = await db.rows<Named>(
      `SELECT CONCAT(t.table_schema, '.', t.table_name) AS name FROM information_schema.tables t
       LEFT JOIN information_schema.table_constraints c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
         AND c.constraint_type = 'PRIMARY KEY'
       WHERE t.table_schema IN (${databases}) AND t.table_type = 'BASE TABLE' AND c.constraint_name IS NULL`,
    )
    return found.length === 0
      ? []
      : [
          warn(
            `tables without a primary key under Galera: ${some(found.map((one) => one.name))}`,
            'DELETE is not replicated there: let only one node be written to',
          ),
        ]
  })
}

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
         AND (table_schema, table_name) IN (SELECT table_schema, table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE')`,
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
            `dates that are zero, which the sql_mode of OpenStack's tools (TRADITIONAL) refuses: ${some(found)}`,
            'Set them to NULL or to a date; a migration that touches these tables fails otherwise (error 1292)',
          ),
        ]
  })

const violated: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const [known] = await db.rows<Named>(
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
            `rows that break a CHECK of their own table: ${some(found)}`,
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
            `rows whose foreign key leads nowhere: ${some(found)}`,
            'They were written with foreign_key_checks off and are carried as they are; a migration that remakes the key refuses them (error 1452)',
          ),
        ]
  })

const exhausted: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const found = await db.rows<Named>(
      `SELECT CONCAT(t.table_schema, '.', t.table_name, ' at ', t.auto_increment) AS name
       FROM information_schema.tables t JOIN information_schema.columns c
         ON c.table_schema = t.table_schema AND c.table_name = t.table_name AND c.extra = 'auto_increment'
       WHERE t.table_schema IN (${databases}) AND c.data_type = 'int'
         AND t.auto_increment > IF(c.column_type LIKE '%unsigned%', 4294967295, 2147483647) * 0.9`,
    )
    return found.length === 0
      ? []
      : [
          warn(
            `numbers of rows that are nearly used up: ${some(found.map((one) => one.name))}`,
            'Archive and purge, or the table takes no row any more, here as there',
          ),
        ]
  })

const events: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    if (context.survey.source.mariadb?.['event_scheduler'] === 'OFF') return []
    const found = await db.rows<Named>(
      `SELECT CONCAT(event_schema, '.', event_name) AS name FROM information_schema.events
       WHERE event_schema IN (${databases}) AND status = 'ENABLED'`,
    )
    return found.length === 0
      ? []
      : [
          block(
            `events that the server runs by itself, during the freeze too: ${some(found.map((one) => one.name))}`,
            'Disable them on the old controller until the swap is over: ALTER EVENT ... DISABLE',
          ),
        ]
  })

/** A word that means something to the newer server and was a plain name before: SQL without backticks fails on it. */
const reserved: Check['ask'] = (context) =>
  onSource(context, async (source, databases) => {
    if (context.survey.target.mariadb === undefined) return []
    const used = await source.rows<Named>(
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
      const [has] = await target.rows<Named>(
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
              'OpenStack quotes them; SQL, triggers and reports of your own have to as well (error 1064)',
            ),
          ]
    })
  })

const rule = (id: string, level: Check['level'], title: string, source: string, ask: Check['ask']): Check => ({
  id: `database/${id}`,
  level,
  title,
  source,
  ask,
})

/** Tables of the source's databases that the target's server, or a later migration, will not take as they are. */
export const tableChecks: readonly Check[] = [
  rule('engines', 'block', 'Tables of InnoDB', 'MariaDB documentation, foreign keys need InnoDB', engines),
  rule('row-formats', 'warn', 'Row formats', 'MariaDB error 1071, cinder bug 1948962; known failure P04', formats),
  rule(
    'collations',
    'warn',
    'One collation in a database',
    'openstack-ansible leap-upgrades; known failure P03',
    collations,
  ),
  rule(
    'key-collations',
    'block',
    'Foreign keys between equal collations',
    'nova bug 2084562; known failure P01',
    keyPairs,
  ),
  rule(
    'known-collations',
    'block',
    'Collations that the target has',
    'MySQL 8 utf8mb4_0900; known failure P11',
    unknownCollations,
  ),
  rule(
    'primary-keys',
    'warn',
    'Primary keys under Galera',
    'Galera documentation, limitations; known failure P14',
    keyless,
  ),
  rule('zero-dates', 'block', 'Dates that are none', 'oslo.db sql_mode TRADITIONAL; known failure P13', zeroDates),
  rule(
    'check-constraints',
    'block',
    'Rows that keep the CHECKs of their table',
    'MariaDB 10.2 enforces CHECK; known failure P07',
    violated,
  ),
  rule('orphans', 'warn', 'Foreign keys that lead somewhere', 'MariaDB error 1452; known failure P27', orphans),
  rule('row-numbers', 'warn', 'Row numbers left', 'MariaDB error 167 on AUTO_INCREMENT', exhausted),
  rule('events', 'block', 'Events of the server', 'known failure P109: nothing may write during the freeze', events),
  rule(
    'reserved-words',
    'warn',
    'Names that became reserved words',
    'MariaDB reserved words; known failure P112',
    reserved,
  ),
]
