import { block, type Check, type Message, warn } from '../ask/check.ts'
import { modern } from '../ask/facts-mariadb.ts'
import { repos } from '../services/index.ts'
import { some } from '../text/some.ts'
import { isTried } from '../verify/schema-tried.ts'
import { type NameRow, onSource } from './on-source.ts'

/** Tables to which the release itself gives another collation are left out. */
const collations: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const tables = await db.rows<{ schema: string; table: string; collation: string }>(
      `SELECT table_schema AS \`schema\`, table_name AS \`table\`, table_collation AS collation FROM information_schema.tables
       WHERE table_schema IN (${databases}) AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1, 2`,
    )
    const surveyed = context.survey.services.flatMap((service) => service.databases)
    const said: Message[] = []
    for (const { name: schema, repo } of surveyed) {
      // Once prepare has tried the schemas, the schema check reports the difference with its remedies.
      if (await isTried(context, schema)) continue
      const own = repos.find((one) => one.name === repo)?.collations ?? {}
      const others = tables.filter(
        (one) => one.schema === schema && !own[one.collation.replace(/^utf8mb3/, 'utf8')]?.includes(one.table),
      )
      said.push(...mixed(schema, others))
    }
    return said
  })

/** The tables whose collation is not the most common one. */
const mixed = (
  schema: string,
  tables: readonly { readonly table: string; readonly collation: string }[],
): readonly Message[] => {
  const kinds = new Map<string, string[]>()
  for (const { table, collation } of tables) kinds.set(collation, [...(kinds.get(collation) ?? []), table])
  const [most, ...fewer] = [...kinds].sort(([, a], [, b]) => b.length - a.length)
  if (most === undefined || fewer.length === 0) return []
  return [
    warn(
      `tables of ${schema} are not ${most[0]} like its other tables: ${fewer.map(([kind, names]) => `${kind} ${some(names)}`).join('; ')}`,
      'Foreign keys to other tables fail (errno 150), and so does the schema proof. swapctl prepare tries it; swapctl check then tells how to convert the copy',
    ),
  ]
}

const keyPairs: Check['ask'] = (context) =>
  onSource(context, async (db, databases) => {
    const found = await db.rows<NameRow>(
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
            'The import creates them unchecked, and the next ALTER of either table fails (errno 150): convert one side',
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
    // utf8mb4_0900_* come from MySQL; no MariaDB before 11.4 has them.
    const lost = found.filter(({ charset, collation }) => !charsets.has(modern(charset)) || /_0900_/.test(collation))
    return lost.length === 0
      ? []
      : [
          block(
            `columns in collations that the target's server does not have: ${some(lost.map((one) => one.collation))}`,
            'Convert them on the old controller to a collation that both servers have; this changes the sort order',
          ),
        ]
  })

/** Charsets and collations of the source's tables: consistent, and supported by the target. */
export const collationChecks: readonly Check[] = [
  {
    id: 'database/collations',
    level: 'warn',
    title: 'Each database uses one collation',
    source: 'MariaDB error 1267: illegal mix of collations',
    why: 'Joins and foreign keys between the tables would fail in a migration.',
    remedy: 'Run swapctl prepare, then swapctl check: it tells how to convert the copy.',
    ask: collations,
  },
  {
    id: 'database/key-collations',
    level: 'block',
    title: 'Foreign keys join columns of the same collation',
    source: 'https://bugs.launchpad.net/bugs/2084562',
    why: 'The next ALTER of either table fails (errno 150).',
    remedy: 'Convert one of the two columns on the old controller.',
    ask: keyPairs,
  },
  {
    id: 'database/known-collations',
    level: 'block',
    title: "The target's server has all collations in use",
    source: 'MySQL 8 utf8mb4_0900',
    why: 'The import would fail on the first such table.',
    remedy: 'Convert the columns on the old controller to a collation that both servers have.',
    ask: unknownCollations,
  },
]
