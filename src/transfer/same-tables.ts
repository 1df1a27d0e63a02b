import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Hosts } from '../hosts/host.ts'
import { askDatabase, type DatabaseFacts, type TableFacts } from './facts.ts'

/** Differences between a database and its copy, one line each, by table; empty when there are none. */
export const compareTables = (source: DatabaseFacts, target: DatabaseFacts): readonly string[] => [
  ...(source.collation === target.collation
    ? []
    : [
        `default collation: ${source.collation || 'no database'} on the source, ${target.collation || 'no database'} on the target`,
      ]),
  ...names(source.tables, target.tables).flatMap((table) =>
    compareTable(table, source.tables[table], target.tables[table]),
  ),
  ...names(source.programs, target.programs)
    .filter((one) => source.programs[one] !== target.programs[one])
    .map((one) => `${one}: ${presence(source.programs[one], target.programs[one])}`),
]

const names = (a: object, b: object): readonly string[] => [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()

const presence = (source: unknown, target: unknown): string =>
  source === undefined
    ? 'only on the target'
    : target === undefined
      ? 'missing on the target'
      : 'different on the target'

const compareTable = (
  table: string,
  source: TableFacts | undefined,
  target: TableFacts | undefined,
): readonly string[] => {
  if (source === undefined || target === undefined) return [`table ${table}: ${presence(source, target)}`]
  const says = (what: string, a: string | number, b: string | number): readonly string[] =>
    a === b ? [] : [`${table}: ${what} ${a} on the source, ${b} on the target`]
  return [
    ...says('kind', source.kind.toLowerCase(), target.kind.toLowerCase()),
    ...says('collation', source.collation, target.collation),
    ...says('foreign keys', source.foreignKeys, target.foreignKeys),
    ...compareColumns(table, source.columns.split(', '), target.columns.split(', ')),
  ]
}

const compareColumns = (table: string, source: readonly string[], target: readonly string[]): readonly string[] => {
  const at = source.findIndex((column, index) => column !== target[index])
  if (at === -1 && source.length === target.length) return []
  const where = at === -1 ? source.length : at
  return [`${table}: column ${source[where] ?? 'nothing'} on the source, ${target[where] ?? 'nothing'} on the target`]
}

/**
 * Proves that the target's copy of a database has the source's structure: tables, columns, charsets, foreign keys,
 * triggers, views, routines. Another step compares the rows. Throws SwapError naming the first differences.
 */
export const proveSameTables = async (hosts: Hosts, database: string): Promise<string> => {
  const ask = (side: 'source' | 'target') =>
    withDatabase(hosts(side), { readOnly: true }, (db) => askDatabase(db, database))
  const [source, target] = await Promise.all([ask('source'), ask('target')])
  const differences = compareTables(source, target)
  if (differences.length === 0) return `${Object.keys(source.tables).length} tables with equal definitions`
  const shown = differences.slice(0, 10)
  const more = differences.length > shown.length ? [`and ${differences.length - shown.length} more`] : []
  throw new SwapError(
    `database ${database}`,
    `the copy on the target differs from the source:\n  ${[...shown, ...more].join('\n  ')}`,
    'Make sure that nothing writes to either database, then run the same command again: it imports the database again',
  )
}
