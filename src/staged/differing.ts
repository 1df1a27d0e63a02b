import { eachChunk, type Pair } from '../verify/content-chunks.ts'
import type { Key, Table } from '../verify/content-columns.ts'
import { at, inRange, type Place, rowsStatement, tableName } from '../verify/content-sql.ts'
import { askSum, type Chunk, chunkRows, type Sum, same, walk } from '../verify/content-walk.ts'

/** Rows of a table that the copy lacks: a condition in the words of each server; undefined: all of them. */
export interface Lacking {
  readonly table: string
  readonly source?: string
  readonly target?: string
}

export interface Progress {
  /** rows of the source that were compared */
  readonly rows: number
  /** about as many bytes */
  readonly bytes: number
  readonly table: string
}

export interface Options {
  /** one pair of connections per chunk that is compared at a time */
  readonly pairs: readonly Pair[]
  /** asked before each chunk: may wait */
  readonly calm?: () => Promise<void>
  readonly progress: (seen: Progress) => void
  /** maximum rows per chunk, if other than the default */
  readonly chunk?: number
}

/** Bytes of a condition: a line of an option file, of which the dump program reads 4095 (mysys/my_default.c). */
const longest = 3500

/** Characters of all conditions, each of which is a run of the dump program; what is beyond is carried by whole chunks. */
const most = 1024 * 1024

/** Part of a chunk's rows; when more differ, the chunk is carried whole. */
const part = 0.1

/** Whether an option file says the condition as it is, without an escape, a comment or an end of its quotes. */
export const isPlain = (condition: string): boolean =>
  Buffer.byteLength(condition) <= longest && !/[#"\\\r\n]/.test(condition)

/**
 * Compares tables with their copies chunk by chunk, and chunks that differ row by row. Deletes from the copies what
 * differs, so that the rows of the source can be added without two of them having one unique value. `copies`: the
 * copies by table name, walked like the source's. Resolves with what to add.
 */
export const clearDiffering = async (
  walker: Pair['source'],
  tables: readonly Table[],
  copies: ReadonlyMap<string, Table>,
  writer: Pair['target'],
  { pairs, calm, progress, chunk }: Options,
): Promise<readonly Lacking[]> => {
  const found: Lacking[] = []
  const whole = new Set<string>()
  let size = 0
  const seen = { rows: 0, bytes: 0 }
  await eachChunk(walk(walker, tables, chunk), pairs, async (next, pair) => {
    if (whole.has(next.table.name)) return
    await calm?.()
    const copy = copies.get(next.table.name) as Table
    const [one, other] = await Promise.all([askSum(pair.source, next.table, next), askSum(pair.target, copy, next)])
    const { name, rowLength } = next.table
    seen.rows += one.rows
    seen.bytes += one.rows * rowLength
    progress({ ...seen, table: name })
    if (same(one, other)) return
    for (const lacking of await narrowed(pair, next, copy, one, other, size < most)) {
      const { source, target } = lacking
      // A first chunk without rows is a table without rows: there is nothing to carry.
      if (source === undefined && (one.rows > 0 || next.from !== undefined)) whole.add(name)
      if (source === undefined || other.rows > 0) await writer.run(`DELETE FROM ${tableName(copy)}${whereOf(target)}`)
      size += (source ?? '').length
      if (one.rows > 0) found.push(lacking)
    }
  })
  return [...found.filter(({ table }) => !whole.has(table)), ...[...whole].map((table) => ({ table }))]
}

const whereOf = (condition: string | undefined): string => (condition === undefined ? '' : ` WHERE ${condition}`)

/** The rows of a chunk that differ. */
const narrowed = async (
  pair: Pair,
  chunk: Chunk,
  copy: Table,
  source: Sum,
  target: Sum,
  mayName: boolean,
): Promise<readonly Lacking[]> => {
  const { table } = chunk
  const whole = [rangeOf(chunk, copy)]
  if (!table.key?.unique || copy.key === undefined || source.rows === 0 || target.rows === 0 || !mayName) return whole
  const limit = 5 * chunkRows(table)
  if (source.rows >= limit || target.rows >= limit) return whole
  const [one, other] = await Promise.all([
    digestsOf(pair.source, table, table.key, chunk, limit),
    digestsOf(pair.target, copy, copy.key, chunk, limit),
  ])
  const places = differingPlaces(one, other)
  if (places.length === 0 || places.length > part * source.rows) return whole
  return batches(table.name, places, table.key, copy.key)
}

type Digests = ReadonlyMap<string, readonly [Place, digest: string]>

const digestsOf = async (db: Pair['source'], table: Table, key: Key, chunk: Chunk, limit: number): Promise<Digests> => {
  const rows = await db.rows<Record<string, string | number>>(rowsStatement(table, key, chunk, limit))
  return new Map(
    rows.map((row) => {
      const place = key.columns.map((_, index) => String(row[`k${index}`]))
      return [place.join(' '), [place, String(row['digest'])]]
    }),
  )
}

/**
 * Places whose rows are not the same on both sides. Both sides then remove and add rows by the same condition. To a
 * collation two of them may be one: its row is then carried twice, and replaces itself.
 */
export const differingPlaces = (one: Digests, other: Digests): readonly Place[] => [
  ...[...one].flatMap(([id, [place, digest]]) => (other.get(id)?.[1] === digest ? [] : [place])),
  ...[...other].flatMap(([id, [place]]) => (one.has(id) ? [] : [place])),
]

/** Conditions that name these places; all rows when one cannot be said to the dump program. */
export const batches = (table: string, places: readonly Place[], source: Key, target: Key): readonly Lacking[] => {
  const found: { table: string; source: string; target: string }[] = []
  for (const place of places) {
    const [one, other] = [`(${at(source, place)})`, `(${at(target, place)})`]
    if (!isPlain(one)) return [{ table }]
    const last = found.at(-1)
    if (last === undefined || !isPlain(`${last.source} OR ${one}`)) found.push({ table, source: one, target: other })
    else {
      last.source += ` OR ${one}`
      last.target += ` OR ${other}`
    }
  }
  return found
}

const rangeOf = ({ table, ...range }: Chunk, copy: Table): Lacking => {
  const [source, target] = [table.key && inRange(table.key, range), copy.key && inRange(copy.key, range)]
  if (source === undefined || target === undefined || !isPlain(source)) return { table: table.name }
  return { table: table.name, source, target }
}
