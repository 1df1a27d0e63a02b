import { block, type Check, warn } from '../ask/check.ts'
import { recipes } from '../services/index.ts'
import { some } from '../text/some.ts'
import { name } from '../text/sql.ts'
import { isTried } from '../verify/schema-tried.ts'
import { type NameRow, onSource } from './on-source.ts'

const defaults: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const found = await db.rows<{ schema: string; own: string; theirs: string }>(
      `SELECT d.schema_name AS \`schema\`, d.default_character_set_name AS own, GROUP_CONCAT(DISTINCT c.character_set_name) AS theirs
       FROM information_schema.schemata d JOIN information_schema.tables t ON t.table_schema = d.schema_name
       JOIN information_schema.collations c ON c.collation_name = t.table_collation
       WHERE d.schema_name IN (${databases}) AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
       GROUP BY d.schema_name, d.default_character_set_name HAVING SUM(c.character_set_name = d.default_character_set_name) = 0`,
    )
    return found.map(({ schema, own, theirs }) =>
      block(
        `the database ${schema} is ${own}, but all of its tables are ${theirs}`,
        `A table added by a hop gets the database default, and its foreign key fails (errno 150). Run ALTER DATABASE ${schema} CHARACTER SET ${theirs}`,
      ),
    )
  })

interface EnumColumn {
  readonly schema: string
  readonly table: string
  readonly column: string
}

const enums: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const columns = await db.rows<EnumColumn>(
      `SELECT c.table_schema AS \`schema\`, c.table_name AS \`table\`, c.column_name AS \`column\`
       FROM information_schema.columns c JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
       WHERE c.table_schema IN (${databases}) AND c.data_type = 'enum' AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')`,
    )
    const found: string[] = []
    for (const { schema, table, column } of columns) {
      const [row] = await db.rows<{ n: number }>(
        `SELECT COUNT(*) AS n FROM ${name(schema, table)} WHERE ${name(column)} = 0`,
      )
      if (Number(row?.n) > 0) found.push(`${schema}.${table}.${column} (${row?.n} rows)`)
    }
    return found.length === 0
      ? []
      : [
          block(
            `empty ENUM values (an invalid value was inserted): ${some(found)}`,
            'Set them to a valid value: a migration that copies these tables under a strict sql_mode stops (error 1265)',
          ),
        ]
  })

const programs: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const all = await db.rows<NameRow & { schema: string; kind: string }>(
      `SELECT CONCAT('trigger ', trigger_schema, '.', trigger_name) AS name, trigger_schema AS \`schema\`, 'trigger' AS kind FROM information_schema.triggers WHERE trigger_schema IN (${databases})
       UNION SELECT CONCAT(LOWER(routine_type), ' ', routine_schema, '.', routine_name), routine_schema, 'routine' FROM information_schema.routines WHERE routine_schema IN (${databases})
       UNION SELECT CONCAT('view ', table_schema, '.', table_name), table_schema, 'view' FROM information_schema.views WHERE table_schema IN (${databases})
       ORDER BY name`,
    )
    const found: string[] = []
    // Once prepare has tried the schemas, the schema check reports triggers and views with their remedies.
    for (const { name, schema, kind } of all)
      if (kind === 'routine' || !(await isTried(context, schema))) found.push(name)
    return found.length === 0
      ? []
      : [
          warn(
            `the databases hold triggers, routines or views, which OpenStack does not use: ${some(found)}`,
            `Triggers of ${makers}: finish the upgrade that created them (db contract). Others are copied; after prepare, swapctl check asks whether to keep views and triggers`,
          ),
        ]
  })

/** Services whose own upgrades create triggers. */
const makers = recipes.flatMap(({ name, triggers }) => (triggers === true ? [name] : [])).join(' or ')

export const structureChecks: readonly Check[] = [
  {
    id: 'database/default-charset',
    level: 'block',
    title: 'Each database has the charset of its tables',
    source: 'https://bugs.launchpad.net/bugs/2084562',
    why: 'The foreign key of a table added by a hop would fail (errno 150).',
    remedy: 'Run ALTER DATABASE ... CHARACTER SET on the old controller.',
    ask: defaults,
  },
  {
    id: 'database/cut-enums',
    level: 'block',
    title: 'ENUM columns hold valid values',
    source: 'oslo.db sql_mode TRADITIONAL',
    why: 'A migration that copies the table under a strict sql_mode fails (error 1265).',
    remedy: 'Set the rows to a valid value.',
    ask: enums,
  },
  {
    id: 'database/programs',
    level: 'warn',
    title: 'Databases hold no triggers, routines or views',
    source:
      'keystone and glance create triggers between expand and contract; MariaDB error 1449 on a definer that does not exist',
    why: 'A trigger left by an unfinished upgrade would stop or distort a migration.',
    remedy:
      'Finish the upgrade that created the trigger (db contract); swapctl check asks about the rest after prepare.',
    ask: programs,
  },
]
