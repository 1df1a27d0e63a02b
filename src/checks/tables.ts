import { block, type Check, warn } from '../source/check.ts'
import { modern } from '../source/facts-mariadb.ts'
import { type Named, onSource, some } from './on-source.ts'
import { rule } from './rule.ts'

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

/** Tables of the source's databases that the target's server, or a later migration, will not take as they are. */
export const tableChecks: readonly Check[] = [
  rule('database/engines', 'block', 'Tables of InnoDB', 'MariaDB documentation, foreign keys need InnoDB', engines),
  rule(
    'database/row-formats',
    'warn',
    'Row formats',
    'MariaDB error 1071, cinder bug 1948962; known failure P04',
    formats,
  ),
  rule(
    'database/collations',
    'warn',
    'One collation in a database',
    'openstack-ansible leap-upgrades; known failure P03',
    collations,
  ),
  rule(
    'database/key-collations',
    'block',
    'Foreign keys between equal collations',
    'nova bug 2084562; known failure P01',
    keyPairs,
  ),
  rule(
    'database/known-collations',
    'block',
    'Collations that the target has',
    'MySQL 8 utf8mb4_0900; known failure P11',
    unknownCollations,
  ),
  rule(
    'database/primary-keys',
    'warn',
    'Primary keys under Galera',
    'Galera documentation, limitations; known failure P14',
    keyless,
  ),
  rule('database/row-numbers', 'warn', 'Row numbers left', 'MariaDB error 167 on AUTO_INCREMENT', exhausted),
  rule(
    'database/events',
    'block',
    'Events of the server',
    'known failure P109: nothing may write during the freeze',
    events,
  ),
]
