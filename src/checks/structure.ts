import { name } from '../releases/sql.ts'
import { block, type Check, warn } from '../source/check.ts'
import { type Named, onSource, some } from './on-source.ts'
import { rule } from './rule.ts'

const defaults: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const found = await db.rows<{ schema: string; own: string; theirs: string }>(
      `SELECT d.schema_name AS \`schema\`, d.default_character_set_name AS own, GROUP_CONCAT(DISTINCT c.character_set_name) AS theirs
       FROM information_schema.schemata d JOIN information_schema.tables t ON t.table_schema = d.schema_name
       JOIN information_schema.collations c ON c.collation_name = t.table_collation
       WHERE d.schema_name IN (${databases}) AND t.table_type = 'BASE TABLE'
       GROUP BY d.schema_name, d.default_character_set_name HAVING SUM(c.character_set_name = d.default_character_set_name) = 0`,
    )
    return found.map(({ schema, own, theirs }) =>
      block(
        `the database ${schema} is ${own}, and all of its tables are ${theirs}`,
        `A table that a hop adds gets the default, and its foreign key is refused (errno 150): ALTER DATABASE ${schema} CHARACTER SET ${theirs}`,
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
       WHERE c.table_schema IN (${databases}) AND c.data_type = 'enum' AND t.table_type = 'BASE TABLE'`,
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
            `values that were cut to nothing, because their ENUM does not have them: ${some(found)}`,
            'Set them to one that it has: a migration that copies these tables under a strict sql_mode stops (error 1265)',
          ),
        ]
  })

const programs: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const found = await db.rows<Named>(
      `SELECT CONCAT('trigger ', trigger_schema, '.', trigger_name) AS name FROM information_schema.triggers WHERE trigger_schema IN (${databases})
       UNION SELECT CONCAT(LOWER(routine_type), ' ', routine_schema, '.', routine_name) FROM information_schema.routines WHERE routine_schema IN (${databases})
       UNION SELECT CONCAT('view ', table_schema, '.', table_name) FROM information_schema.views WHERE table_schema IN (${databases})
       ORDER BY name`,
    )
    return found.length === 0
      ? []
      : [
          warn(
            `the databases hold programs, of which OpenStack keeps none: ${some(found.map((one) => one.name))}`,
            'Triggers of keystone or glance: finish the upgrade that made them (db contract). Others: a migration of their table may break them (error 1356)',
          ),
        ]
  })

/** What the tables' databases are like, besides the tables themselves. */
export const structureChecks: readonly Check[] = [
  rule(
    'database/default-charset',
    'block',
    'Charset of a database and of its tables',
    'nova bug 2084562; known failure P01',
    defaults,
  ),
  rule('database/cut-enums', 'block', 'Values of ENUMs', 'oslo.db sql_mode TRADITIONAL; known failure P13', enums),
  rule(
    'database/programs',
    'warn',
    'Triggers, routines and views',
    'keystone and glance make triggers between expand and contract; known failures P10, P36',
    programs,
  ),
]
