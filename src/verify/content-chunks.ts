import type { Db } from '../hosts/db.ts'
import type { ContentOptions } from './content.ts'
import type { Table } from './content-columns.ts'
import { add, askSum, type Chunk, nothingYet, type Sum, same } from './content-walk.ts'

export interface Pair {
  readonly source: Db
  readonly target: Db
}

export interface ChunkResult {
  source: Sum
  target: Sum
  /** only as many as are examined row by row */
  chunks: { readonly chunk: Chunk; readonly number: number; readonly source: Sum; readonly target: Sum }[]
  different: number
  count: number
}

/** Differing chunks per table whose rows are named; further ones are only counted. */
const lookedAt = 3

/** Each pair of connections takes the next chunk when it is free. The first failure stops all. */
export const eachChunk = async (
  chunks: AsyncGenerator<Chunk>,
  pairs: readonly Pair[],
  work: (chunk: Chunk, pair: Pair) => Promise<void>,
): Promise<void> => {
  let failed = false
  const take = async (pair: Pair): Promise<void> => {
    for (;;) {
      const next = await chunks.next()
      if (next.done === true || failed) return
      await work(next.value, pair)
    }
  }
  await Promise.all(
    pairs.map((pair) =>
      take(pair).catch((error: unknown) => {
        failed = true
        throw error
      }),
    ),
  )
}

export const compareChunks = async (
  chunks: AsyncGenerator<Chunk>,
  pairs: readonly Pair[],
  copies: ReadonlyMap<string, Table>,
  { database, progress }: ContentOptions,
): Promise<ReadonlyMap<string, ChunkResult>> => {
  const found = new Map<string, ChunkResult>()
  let rows = 0
  await eachChunk(chunks, pairs, async (chunk, pair) => {
    const { table, ...range } = chunk
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
    if (same(one, other)) return
    seen.different += 1
    if (seen.chunks.length < lookedAt) seen.chunks.push({ chunk, number, source: one, target: other })
  })
  return found
}
