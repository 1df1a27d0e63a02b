import type { Db } from '../hosts/db.ts'
import type { Hosts } from '../hosts/host.ts'
import { type ChunkResult, compareChunks, type Pair } from './content-chunks.ts'
import { asCopy, askTables, columnText, type Table } from './content-columns.ts'
import { nameRows } from './content-rows.ts'
import { tableName } from './content-sql.ts'
import { openSpeller, same, walk } from './content-walk.ts'
import type { Difference } from './difference.ts'

/** The result of comparing a copy with the source's database. */
export interface Content {
  readonly database: string
  /** when the comparison ended, ISO 8601 */
  readonly at: string
  readonly seconds: number
  /** of the source, by table: number of rows, and a digest of all values */
  readonly tables: Readonly<Record<string, { readonly rows: number; readonly digest: string }>>
  readonly differences: readonly Difference[]
}

export interface ContentOptions {
  readonly database: string
  readonly service?: string
  /** how many chunks are compared in parallel */
  readonly parallel: number
  /** maximum rows per chunk, if other than the default */
  readonly chunk?: number
  readonly progress?: (text: string) => void
}

/**
 * Compares every row of every table of a database with its copy on the target, both sides in parallel, in chunks of the
 * primary key, so that only one chunk's sums are in memory. Nothing may write to either side.
 */
export const compareContent = async (hosts: Hosts, options: ContentOptions): Promise<Content> => {
  const began = Date.now()
  const open: Db[] = []
  const connect = async (side: 'source' | 'target'): Promise<Db> => {
    const db = await openSpeller(hosts, side)
    open.push(db)
    return db
  }
  const pair = async (): Promise<Pair> => ({ source: await connect('source'), target: await connect('target') })
  try {
    const seen = await compare(await pair(), pair, options)
    return { database: options.database, at: new Date().toISOString(), seconds: (Date.now() - began) / 1000, ...seen }
  } finally {
    await Promise.all(open.map((db) => db.close()))
  }
}

/** `sides` walks tables and names rows; `pair` opens the connections that digest. */
const compare = async (
  sides: Pair,
  pair: () => Promise<Pair>,
  options: ContentOptions,
): Promise<Pick<Content, 'tables' | 'differences'>> => {
  const [source, target] = await Promise.all([
    askTables(sides.source, options.database),
    askTables(sides.target, options.database),
  ])
  const comparable = [...source.values()].filter((one) => sameColumns(one, target.get(one.name)))
  const copies = new Map(comparable.map((one) => [one.name, asCopy(one, target.get(one.name) as Table)]))
  const pairs = await Promise.all(Array.from({ length: Math.max(1, options.parallel) }, pair))
  const found = await compareChunks(walk(sides.source, comparable, options.chunk), pairs, copies, options)
  const differences = compareTables(options, source, target)
  for (const table of comparable) differences.push(...(await nameTable(sides, options, table, copies, found)))
  const sums = [...found].map(([name, { source: sum }]) => [name, { rows: sum.rows, digest: sum.digest.toString(16) }])
  return { tables: Object.fromEntries(sums), differences }
}

/** The sums of the whole table decide; chunks only show where to look. */
const nameTable = async (
  sides: Pair,
  options: ContentOptions,
  table: Table,
  copies: ReadonlyMap<string, Table>,
  found: ReadonlyMap<string, ChunkResult>,
): Promise<readonly Difference[]> => {
  const seen = found.get(table.name)
  if (seen === undefined || same(seen.source, seen.target)) return []
  const differences: Difference[] = []
  for (const one of seen.chunks.toSorted((a, b) => a.number - b.number))
    differences.push(...(await nameRows(sides, one, copies.get(table.name) as Table, options.service)))
  return seen.different > seen.chunks.length ? [...differences, more(options, table, seen)] : differences
}

const sameColumns = (source: Table, target: Table | undefined): boolean =>
  target !== undefined && source.columns.map(columnText).join(', ') === target.columns.map(columnText).join(', ')

const own = ({ service }: ContentOptions): Pick<Difference, 'part' | 'service'> => ({
  part: 'content',
  ...(service === undefined ? {} : { service }),
})

/** Tables on one side only, or with different columns; their rows cannot be compared. */
const compareTables = (
  options: ContentOptions,
  source: ReadonlyMap<string, Table>,
  target: ReadonlyMap<string, Table>,
): Difference[] =>
  [...new Set([...source.keys(), ...target.keys()])]
    .filter((name) => !source.has(name) || !sameColumns(source.get(name) as Table, target.get(name)))
    .map((name) => {
      const [one, other] = [source.get(name), target.get(name)]
      const says =
        one === undefined
          ? 'is only on the target'
          : other === undefined
            ? 'is missing on the target'
            : `its columns differ from the source, so its rows are not compared: ${columnsText(one, other)}`
      const shown = `SHOW CREATE TABLE ${tableName({ database: options.database, name })}`
      return { ...own(options), where: `${options.database}.${name}`, says, look: `${shown}; on both sides` }
    })

const columnsText = (source: Table, target: Table): string => {
  const [a, b] = [source.columns.map(columnText), target.columns.map(columnText)]
  const at = Math.max(
    0,
    Array.from({ length: Math.max(a.length, b.length) }).findIndex((_, index) => a[index] !== b[index]),
  )
  return `${a[at] ?? 'nothing'} on the source, ${b[at] ?? 'nothing'} on the target`
}

const more = (options: ContentOptions, table: Table, seen: ChunkResult): Difference => ({
  ...own(options),
  where: `${table.database}.${table.name}`,
  says: `${seen.different - seen.chunks.length} more of its ${seen.count} chunks differ; in all ${seen.source.rows} rows on the source, ${seen.target.rows} on the target`,
  look: `SELECT COUNT(*) FROM ${tableName(table)}; on both sides`,
})

/** '118 tables, 20413 rows' */
export const contentText = ({ tables }: Pick<Content, 'tables'>): string => {
  const all = Object.values(tables)
  return `${all.length} tables, ${all.reduce((sum, { rows }) => sum + rows, 0)} rows`
}
