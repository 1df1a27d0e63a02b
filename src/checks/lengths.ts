import { block, type Check } from '../ask/check.ts'
import type { Context } from '../context.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Database } from '../services/recipe.ts'
import { some } from '../text/some.ts'
import { name } from '../text/sql.ts'
import type { Picture } from '../verify/schema-picture.ts'
import { maybePicture } from '../verify/schema-state.ts'

/** What a column accepts: a number of characters or bytes, a range of numbers, or a list of values. */
type Limit =
  | { readonly kind: 'characters' | 'bytes'; readonly most: number }
  | { readonly kind: 'number'; readonly from: bigint; readonly to: bigint }
  | { readonly kind: 'enum'; readonly values: string }

const bits: Readonly<Record<string, number>> = { tinyint: 8, smallint: 16, mediumint: 24, int: 32, bigint: 64 }
const texts: Readonly<Record<string, number>> = { tiny: 2 ** 8 - 1, '': 2 ** 16 - 1, medium: 2 ** 24 - 1 }

/** The limit of a type as information_schema prints it; undefined: limited by the type only. */
export const limitOf = (type: string): Limit | undefined => {
  const [, base = '', inside = '', rest = ''] = /^(\w+)(?:\((.*)\))?(.*)$/s.exec(type) ?? []
  if (base === 'varchar' || base === 'char') return { kind: 'characters', most: Number(inside) }
  if (base === 'varbinary' || base === 'binary') return { kind: 'bytes', most: Number(inside) }
  if (base === 'enum') return { kind: 'enum', values: inside }
  const text = /^(tiny|medium|)(?:text|blob)$/.exec(base)?.[1]
  if (text !== undefined) return { kind: 'bytes', most: texts[text] ?? 0 }
  const size = bits[base]
  if (size === undefined) return undefined
  const half = 1n << BigInt(size - 1)
  return rest.includes('unsigned')
    ? { kind: 'number', from: 0n, to: 2n * half - 1n }
    : { kind: 'number', from: -half, to: half - 1n }
}

/** SQL that matches values of type `own` which a column of type `theirs` does not accept; undefined: it accepts all. */
export const beyond = (column: string, own: string, theirs: string): string | undefined => {
  const [had, limit] = [limitOf(own), limitOf(theirs)]
  if (limit === undefined || own === theirs) return undefined
  if (limit.kind === 'number') {
    if (had?.kind !== 'number' || (had.from >= limit.from && had.to <= limit.to)) return undefined
    return `${column} < ${limit.from} OR ${column} > ${limit.to}`
  }
  if (had?.kind === 'number') return undefined
  if (limit.kind === 'enum') return `${column} NOT IN (${limit.values})`
  if (had !== undefined && had.kind === limit.kind && 'most' in had && had.most <= limit.most) return undefined
  // A character takes at most four bytes.
  if (had?.kind === 'characters' && limit.kind === 'bytes' && had.most * 4 <= limit.most) return undefined
  return `${limit.kind === 'characters' ? 'CHAR_LENGTH' : 'LENGTH'}(${column}) > ${limit.most}`
}

interface Column {
  readonly table: string
  readonly column: string
  readonly type: string
}

/** The values of a database that do not fit: 'nova.instances.host, varchar(255) to varchar(64) (3 rows)'. */
const askDatabase = async (context: Context, database: string, picture: Picture): Promise<readonly string[]> =>
  withDatabase(context.hosts('source'), { readOnly: true }, async (db) => {
    const columns = await db.rows<Column>(
      `SELECT c.table_name AS \`table\`, c.column_name AS \`column\`, c.column_type AS type FROM information_schema.columns c
       JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
       WHERE c.table_schema = ? AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1, 2`,
      [database],
    )
    const found: string[] = []
    for (const { table, column, type } of columns) {
      const theirs = picture.tables[table]?.columns[column]?.type
      const where = theirs === undefined ? undefined : beyond(name(column), type, theirs)
      if (where === undefined) continue
      const [row] = await db.rows<{ n: string }>(`SELECT COUNT(*) AS n FROM ${name(database, table)} WHERE ${where}`)
      if (Number(row?.n) > 0) found.push(`${database}.${table}.${column}, ${type} to ${theirs} (${row?.n} rows)`)
    }
    return found
  })

/** Before prepare the target's schemas are not known. */
const longValues: Check['ask'] = async (context) => {
  const databases = context.survey.services.flatMap((service) => service.databases)
  const found: string[] = []
  for (const { name: database, repo } of databases) {
    const picture = await maybePicture(context, repo as Database['repo'])
    if (picture !== undefined) found.push(...(await askDatabase(context, database, picture)))
  }
  return found.length === 0
    ? []
    : [
        block(
          `values that do not fit the target's columns: ${some(found)}`,
          'Shorten them on the old controller: the migration that changes the column fails under the strict sql_mode of its tool (errors 1406, 1264, 1265)',
        ),
      ]
}

/** Values compared with the schemas that the target's own tools created during prepare. */
export const lengthChecks: readonly Check[] = [
  {
    id: 'database/long-values',
    level: 'block',
    title: "All values fit the target's columns",
    source: 'oslo.db sql_mode TRADITIONAL',
    why: 'The migration that changes the column fails (errors 1406, 1264, 1265).',
    remedy: 'Shorten the values on the old controller.',
    ask: longValues,
  },
]
