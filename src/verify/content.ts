import type { Db } from '../hosts/db.ts'
import type { Hosts } from '../hosts/host.ts'
import { asCopy, askTables, columnText, type Table } from './content-columns.ts'
import { nameRows } from './content-rows.ts'
import { tableName } from './content-sql.ts'
import { add, askSum, type Chunk, nothingYet, openSpeller, type Sum, same, walk } from './content-walk.ts'
import type { Difference } from './difference.ts'

/** What was seen when a copy was compared with the source's database. */
export interface Content {
  readonly database: string
  /** when the comparison ended, ISO 8601 */
  readonly at: string
  readonly seconds: number
  /** of the source, by table: rows, and a digest of all their values */
  readonly tables: Readonly<Record<string, { readonly rows: number; readonly digest: string }>>
  readonly differences: readonly Difference[]
}

export interface ContentOptions {
  readonly database: string
  readonly service?: string
  /** how many chunks are compared at the same time */
  readonly parallel: number
  /** rows of a chunk at most, where the usual is not wanted */
  readonly chunk?: number
  readonly progress?: (text: string) => void
}

interface Pair {
  readonly source: Db
  readonly target: Db
}

interface Found {
  source: Sum
  target: Sum
  /** as many as are looked at row by row */
  chunks: { readonly chunk: Chunk; readonly number: number; readonly source: Sum; readonly target: Sum }[]
  different: number
  count: number
}

/** Chunks of one table whose rows are named; further ones are counted. */
const lookedAt = 3

/**
 * Compares every row of every table of a database with its copy on the target, both sides at once, in chunks of the
 * primary key: what swapctl and the servers hold meanwhile is one chunk's sums. Nothing may write to either side.
 */
export const compareContent = async (hosts: Hosts, options: ContentOptions): Promise<Content> => {
  const began = Date.now()
  const open: Db[] = []
  const connect = async (side: 'source' | 'target'): Promise<Db> => {
    const db = await openSpeller(hosts, side)
    open.push(db)
    return db
  }
  try {
    const walker: Pair = { source: await connect('source'), target: await connect('target') }
    const [source, target] = await Promise.all([
      askTables(walker.source, options.database),
      askTables(walker.target, options.database),
    ])
    const differences = compareTables(options, source, target)
    const comparable = [...source.values()].filter((one) => sameColumns(one, target.get(one.name)))
    const pairs = Array.from({ length: Math.max(1, options.parallel) }, async () => ({
      source: await connect('source'),
      target: await connect('target'),
    }))
    const copies = new Map(comparable.map((one) => [one.name, asCopy(one, target.get(one.name) as Table)]))
    const found = await compareChunks(
      walk(walker.source, comparable, options.chunk),
      await Promise.all(pairs),
      copies,
      options,
    )
    for (const table of comparable) {
      const seen = found.get(table.name)
      if (seen === undefined || same(seen.source, seen.target)) continue
      for (const one of seen.chunks.toSorted((a, b) => a.number - b.number))
        differences.push(...(await nameRows(walker, one, copies.get(table.name) as Table, options.service)))
      if (seen.different > seen.chunks.length) differences.push(more(options, table, seen))
    }
    return {
      database: options.database,
      at: new Date().toISOString(),
      seconds: (Date.now() - began) / 1000,
      tables: Object.fromEntries(
        [...found].map(([name, { source: sum }]) => [name, { rows: sum.rows, digest: sum.digest.toString(16) }]),
      ),
      differences,
    }
  } finally {
    await Promise.all(open.map((db) => db.close()))
  }
}

const sameColumns = (source: Table, target: Table | undefined): boolean =>
  target !== undefined && source.columns.map(columnText).join(', ') === target.columns.map(columnText).join(', ')

const own = ({ service }: ContentOptions): Pick<Difference, 'part' | 'service'> => ({
  part: 'content',
  ...(service === undefined ? {} : { service }),
})

/** Tables that are on one side alone, or whose columns differ: their rows say nothing. */
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
          ? 'is on the target alone'
          : other === undefined
            ? 'is missing on the target'
            : `its columns are not the source's, and its rows are not compared: ${columnsText(one, other)}`
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

const more = (options: ContentOptions, table: Table, seen: Found): Difference => ({
  ...own(options),
  where: `${table.database}.${table.name}`,
  says: `${seen.different - seen.chunks.length} more of its ${seen.count} chunks differ; in all ${seen.source.rows} rows on the source, ${seen.target.rows} on the target`,
  look: `SELECT COUNT(*) FROM ${tableName(table)}; on both sides`,
})

/** Each pair of connections takes the next chunk when it is free. The first failure ends them all. */
const compareChunks = async (
  chunks: AsyncGenerator<Chunk>,
  pairs: readonly Pair[],
  copies: ReadonlyMap<string, Table>,
  { database, progress }: ContentOptions,
): Promise<ReadonlyMap<string, Found>> => {
  const found = new Map<string, Found>()
  let rows = 0
  let failed = false
  const work = async (pair: Pair): Promise<void> => {
    for (;;) {
      const next = await chunks.next()
      if (next.done === true || failed) return
      const { table, ...range } = next.value
      const seen = found.get(table.name) ?? {
        source: nothingYet,
        target: nothingYet,
        chunks: [],
        different: 0,
        count: 0,
      }
      found.set(table.name, seen)
      seen.count += 1
      const number = seen.count
      const [one, other] = await Promise.all([
        askSum(pair.source, table, range),
        askSum(pair.target, copies.get(table.name) as Table, range),
      ])
      seen.source = add(seen.source, one)
      seen.target = add(seen.target, other)
      rows += one.rows
      progress?.(`${database}: ${rows} rows compared, now ${table.name}`)
      if (same(one, other)) continue
      seen.different += 1
      if (seen.chunks.length < lookedAt) seen.chunks.push({ chunk: next.value, number, source: one, target: other })
    }
  }
  await Promise.all(
    pairs.map((pair) =>
      work(pair).catch((error: unknown) => {
        failed = true
        throw error
      }),
    ),
  )
  return found
}

/** '118 tables, 20413 rows' */
export const contentText = ({ tables }: Pick<Content, 'tables'>): string => {
  const all = Object.values(tables)
  return `${all.length} tables, ${all.reduce((sum, { rows }) => sum + rows, 0)} rows`
}
