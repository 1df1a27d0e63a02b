import { block, type Check, warn } from '../ask/check.ts'
import { some } from '../text/some.ts'
import { type NameRow, onSource } from './on-source.ts'

const engines: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const found = await db.rows<NameRow>(
      `SELECT CONCAT(table_schema, '.', table_name, ' (', engine, ')') AS name FROM information_schema.tables
       WHERE table_schema IN (${databases}) AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND engine <> 'InnoDB'`,
    )
    return found.length === 0
      ? []
      : [
          block(
            `tables that are not InnoDB: ${some(found.map((one) => one.name))}`,
            'Foreign keys of later migrations cannot reference them. On the old controller run ALTER TABLE ... ENGINE=InnoDB',
          ),
        ]
  })

const formats: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const found = await db.rows<NameRow>(
      `SELECT CONCAT(table_schema, '.', table_name, ' (', row_format, ')') AS name FROM information_schema.tables
       WHERE table_schema IN (${databases}) AND engine = 'InnoDB' AND create_options REGEXP 'row_format=(compact|redundant|compressed)'`,
    )
    return found.length === 0
      ? []
      : [
          warn(
            `tables with an old row format: ${some(found.map((one) => one.name))}`,
            'An index of a later migration may be too long for it (error 1071): ALTER TABLE ... ROW_FORMAT=DYNAMIC',
          ),
        ]
  })

const keyless: Check['ask'] = (context) => {
  const galera = (side: 'source' | 'target') => context.survey[side].mariadb?.['wsrep_on'] === 'ON'
  if (!galera('source') && !galera('target')) return Promise.resolve([])
  return onSource(context, async (db, databases) => {
    const found = await db.rows<NameRow>(
      `SELECT CONCAT(t.table_schema, '.', t.table_name) AS name FROM information_schema.tables t
       LEFT JOIN information_schema.table_constraints c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
         AND c.constraint_type = 'PRIMARY KEY'
       WHERE t.table_schema IN (${databases}) AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND c.constraint_name IS NULL`,
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
    const found = await db.rows<NameRow>(
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
            `AUTO_INCREMENT nearly exhausted: ${some(found.map((one) => one.name))}`,
            'Archive and purge old rows: otherwise the table accepts no more rows, before or after the swap',
          ),
        ]
  })

const events: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    if (context.survey.source.mariadb?.['event_scheduler'] === 'OFF') return []
    const found = await db.rows<NameRow>(
      `SELECT CONCAT(event_schema, '.', event_name) AS name FROM information_schema.events
       WHERE event_schema IN (${databases}) AND status = 'ENABLED'`,
    )
    return found.length === 0
      ? []
      : [
          block(
            `events that the server runs even during the freeze: ${some(found.map((one) => one.name))}`,
            'Disable them on the old controller until the swap is over: ALTER EVENT ... DISABLE',
          ),
        ]
  })

/** Tables other than plain ones and views. */
const kinds: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const found = await db.rows<NameRow & { kind: string }>(
      `SELECT CONCAT(table_schema, '.', table_name, ' (', LOWER(table_type), ')') AS name, table_type AS kind
       FROM information_schema.tables
       WHERE table_schema IN (${databases}) AND table_type NOT IN ('BASE TABLE', 'VIEW') ORDER BY 1`,
    )
    const versioned = found.filter((one) => one.kind === 'SYSTEM VERSIONED').map((one) => one.name)
    const others = found.filter((one) => one.kind !== 'SYSTEM VERSIONED').map((one) => one.name)
    return [
      ...(versioned.length === 0
        ? []
        : [
            warn(
              `system-versioned tables: ${some(versioned)}`,
              'A dump holds only current rows: the history stays on the old controller. Export it before you remove that',
            ),
          ]),
      ...(others.length === 0
        ? []
        : [
            warn(
              `objects that are neither tables nor views, which OpenStack does not use: ${some(others)}`,
              'They are copied unchanged; after prepare, swapctl check asks whether to keep them',
            ),
          ]),
    ]
  })

/** Tables of the source that the target's server, or a later migration, does not accept as they are. */
export const tableChecks: readonly Check[] = [
  {
    id: 'database/engines',
    level: 'block',
    title: 'All tables are InnoDB',
    source: 'MariaDB documentation, foreign keys need InnoDB',
    why: 'A later migration cannot add a foreign key to the table.',
    remedy: 'On the old controller run ALTER TABLE ... ENGINE=InnoDB.',
    ask: engines,
  },
  {
    id: 'database/row-formats',
    level: 'warn',
    title: 'Tables use the row format DYNAMIC',
    source: 'MariaDB error 1071: the key is too long; https://bugs.launchpad.net/bugs/1948962',
    why: 'A later migration may fail on an index that is too long (error 1071).',
    remedy: 'Run ALTER TABLE ... ROW_FORMAT=DYNAMIC.',
    ask: formats,
  },
  {
    id: 'database/primary-keys',
    level: 'warn',
    title: 'Tables under Galera have a primary key',
    source: 'Galera documentation, limitations',
    why: 'Galera does not replicate DELETE on such tables, and nodes drift apart.',
    remedy: 'Write to one node only.',
    ask: keyless,
  },
  {
    id: 'database/row-numbers',
    level: 'warn',
    title: 'AUTO_INCREMENT values are not nearly exhausted',
    source: 'MariaDB error 167 on AUTO_INCREMENT',
    why: 'The table would accept no more rows, on the old controller and on the new one.',
    remedy: 'Archive and purge old rows.',
    ask: exhausted,
  },
  {
    id: 'database/table-kinds',
    level: 'warn',
    title: 'Databases hold only plain tables and views',
    source: 'MariaDB documentation, System-versioned tables: a dump holds current rows; SEQUENCE',
    why: 'A dump holds only current rows: the history of a versioned table stays behind.',
    remedy: 'Export the history before you remove the old controller.',
    ask: kinds,
  },
  {
    id: 'database/events',
    level: 'block',
    title: 'No event runs inside MariaDB',
    source: 'MariaDB documentation, event scheduler',
    why: 'Rows would change during the freeze.',
    remedy: 'Disable the events on the old controller: ALTER EVENT ... DISABLE.',
    ask: events,
  },
]
