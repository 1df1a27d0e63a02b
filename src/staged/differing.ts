import type { Pair } from '../verify/content-chunks.ts'
import type { Key, Table } from '../verify/content-columns.ts'
import { at, type Place, rowsStatement, tableName, within } from '../verify/content-sql.ts'
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

/** Characters of a condition: it is one argument of the dump program, of which Linux takes 128 KiB. */
const longest = 60_000

/** Characters of all conditions; what is beyond is carried by whole chunks. */
const most = 32 * 1024 * 1024

/** Part of a chunk's rows; when more differ, the chunk is carried whole. */
const part = 0.25

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
  const chunks = walk(walker, tables, chunk)
  const found: Lacking[] = []
  let size = 0
  const seen = { rows: 0, bytes: 0 }
  let failed = false
  const work = async (pair: Pair): Promise<void> => {
    for (;;) {
      await calm?.()
      const next = await chunks.next()
      if (next.done === true || failed) return
      const copy = copies.get(next.value.table.name) as Table
      const [one, other] = await Promise.all([
        askSum(pair.source, next.value.table, next.value),
        askSum(pair.target, copy, next.value),
      ])
      const { name, rowLength } = next.value.table
      seen.rows += one.rows
      seen.bytes += one.rows * rowLength
      progress({ ...seen, table: name })
      if (same(one, other)) continue
      for (const { table, source, target } of await narrowed(pair, next.value, copy, one, other, size < most)) {
        if (other.rows > 0) await writer.run(`DELETE FROM ${tableName(copy)}${whereOf(target)}`)
        size += (source ?? '').length
        if (one.rows > 0) found.push({ table, ...(source === undefined ? {} : { source }) })
      }
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
  if (table.key === undefined || copy.key === undefined || source.rows === 0 || target.rows === 0 || !mayName)
    return whole
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

type Digests = ReadonlyMap<string, readonly [Place, string]>

const digestsOf = async (db: Pair['source'], table: Table, key: Key, chunk: Chunk, limit: number): Promise<Digests> => {
  const rows = await db.rows<Record<string, string | number>>(rowsStatement(table, key, chunk, limit))
  const found = new Map<string, readonly [Place, string]>()
  for (const row of rows) {
    const place = key.columns.map((_, index) => String(row[`k${index}`]))
    const id = place.join(' ')
    // Without a unique index: all rows of one place, in any order.
    const earlier = found.get(id)?.[1]
    const digest = String(row['digest'])
    found.set(id, [place, earlier === undefined ? digest : [...earlier.split(' '), digest].sort().join(' ')])
  }
  return found
}

/** Places whose rows are not the same on both sides. Both sides then remove and add rows by the same condition. */
export const differingPlaces = (one: Digests, other: Digests): readonly Place[] => [
  ...[...one].flatMap(([id, [place, digest]]) => (other.get(id)?.[1] === digest ? [] : [place])),
  ...[...other].flatMap(([id, [place]]) => (one.has(id) ? [] : [place])),
]

/** Conditions that name these places, each as long as one argument may be. */
export const batches = (table: string, places: readonly Place[], source: Key, target: Key): readonly Lacking[] => {
  const found: { table: string; source: string; target: string }[] = []
  for (const place of places) {
    const [one, other] = [`(${at(source, place)})`, `(${at(target, place)})`]
    const last = found.at(-1)
    if (last === undefined || last.source.length + one.length > longest)
      found.push({ table, source: one, target: other })
    else {
      last.source += ` OR ${one}`
      last.target += ` OR ${other}`
    }
  }
  return found
}

const rangeOf = ({ table, from, to }: Chunk, copy: Table): Lacking => {
  const range = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
  const condition = ({ key }: Table): string =>
    key === undefined ? '' : within({ columns: key.columns, unique: key.unique }, range).replace(/^ WHERE /, '')
  const [source, target] = [condition(table), condition(copy)]
  return source === '' ? { table: table.name } : { table: table.name, source, target }
}
