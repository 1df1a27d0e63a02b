import { createHash } from 'node:crypto'
import type { Db } from '../hosts/db.ts'
import { name as identifier } from '../text/sql.ts'
import type { Column, Key, Table } from './content-columns.ts'
import { at, columnsStatement, type Place, rowsStatement, shownLiteral, tableName } from './content-sql.ts'
import { type Chunk, chunkRows, type Sum } from './content-walk.ts'
import type { Difference } from './difference.ts'

interface Sides {
  readonly source: Db
  readonly target: Db
}

export interface Differing {
  readonly chunk: Chunk
  /** index of the chunk in its table */
  readonly number: number
  readonly source: Sum
  readonly target: Sum
}

/** Rows named per chunk. */
const named = 5

/**
 * Narrows a differing chunk down to its rows, and those to their columns. Only one chunk's keys are in memory, and no
 * values but keys leave the servers.
 */
export const nameRows = async (
  sides: Sides,
  { chunk, number, source, target }: Differing,
  copy: Table,
  service?: string,
): Promise<readonly Difference[]> => {
  const { table } = chunk
  const counts = `${source.rows} rows on the source, ${target.rows} on the target`
  const difference = (says: string, look: string): Difference => ({
    part: 'content',
    ...(service === undefined ? {} : { service }),
    where: `${table.database}.${table.name}`,
    says,
    look: `${look}; on both sides`,
  })
  if (table.key === undefined)
    return [
      difference(`other values: ${counts}; the table has no key to identify rows`, `SELECT * FROM ${tableName(table)}`),
    ]
  const all = await differingRows(sides, chunk, table.key, copy)
  const texts = await Promise.all(
    all.slice(0, named).map(({ place, kind }) => rowText(sides, table, copy, table.key as Key, place, kind)),
  )
  const left = all.length > named ? [`and ${all.length - named} more rows`] : []
  const first = all[0] === undefined ? rangeText(table, table.key, chunk) : where(table, table.key, all[0].place)
  return [
    difference(
      `in ${chunkText(table, table.key, chunk, number)}: ${counts}; ${[...texts, ...left].join('; ')}`,
      `SELECT * FROM ${tableName(table)}${first === '' ? '' : ` WHERE ${first}`}`,
    ),
  ]
}

type Kind = 'other' | 'missing' | 'alone'

interface Row {
  readonly place: Place
  readonly kind: Kind
}

/** `whole`: false when the range has too many rows to read all. */
const digestsOf = async (
  db: Db,
  table: Table,
  key: Key,
  chunk: Chunk,
): Promise<{ readonly found: ReadonlyMap<string, readonly [Place, string]>; readonly whole: boolean }> => {
  const most = 5 * chunkRows(table)
  const rows = await db.rows<Record<string, string | number>>(rowsStatement(table, key, chunk, most))
  const found = new Map<string, readonly [Place, string]>()
  for (const row of rows) {
    const place = key.columns.map((_, index) => String(row[`k${index}`]))
    const id = JSON.stringify(place)
    // Without a unique index: all rows of one place, in any order.
    const earlier = found.get(id)?.[1]
    const digest = String(row['digest'])
    found.set(id, [place, earlier === undefined ? digest : [...earlier.split(' '), digest].sort().join(' ')])
  }
  return { found, whole: rows.length < most }
}

const differingRows = async (sides: Sides, chunk: Chunk, key: Key, copy: Table): Promise<readonly Row[]> => {
  const [one, other] = await Promise.all([
    digestsOf(sides.source, chunk.table, key, chunk),
    digestsOf(sides.target, copy, copy.key ?? key, chunk),
  ])
  const rows: Row[] = []
  for (const [id, [place, digest]] of one.found) {
    const there = other.found.get(id)
    if (there === undefined && other.whole) rows.push({ place, kind: 'missing' })
    else if (there !== undefined && there[1] !== digest) rows.push({ place, kind: 'other' })
  }
  for (const [id, [place]] of other.found) if (one.whole && !one.found.has(id)) rows.push({ place, kind: 'alone' })
  return rows
}

const rowText = async (
  sides: Sides,
  table: Table,
  copy: Table,
  key: Key,
  place: Place,
  kind: Kind,
): Promise<string> => {
  const row = where(table, key, place)
  if (kind === 'missing') return `${row} is missing on the target`
  if (kind === 'alone') return `${row} is only on the target`
  const ask = async (db: Db, of: Table): Promise<Record<string, string>> =>
    (await db.rows<Record<string, string>>(columnsStatement(of, of.key ?? key, place)))[0] ?? {}
  const [one, other] = await Promise.all([ask(sides.source, table), ask(sides.target, copy)])
  const differing = table.columns.filter((_, index) => one[`c${index}`] !== other[`c${index}`])
  return `${row} differs in ${differing.map(({ name }) => name).join(', ') || 'one of several rows'}`
}

/** Keystone's old token table has the tokens as its key, so a digest names them. */
const isSecret = ({ name }: Table): boolean => /(^|_)tokens?$/.test(name)

const where = (table: Table, key: Key, place: Place): string =>
  isSecret(table) && key.columns.some(({ kind }) => /char|binary/.test(kind))
    ? key.columns.map((column, index) => secretText(column, place[index] ?? '')).join(' AND ')
    : at(key, place, shownLiteral)

const secretText = (column: Column, value: string): string => {
  if (!/char|binary/.test(column.kind)) return `${identifier(column.name)} = ${shownLiteral(column, value)}`
  return `SHA2(${identifier(column.name)}, 256) = '${digestOf(value)}'`
}

const digestOf = (hex: string): string => createHash('sha256').update(Buffer.from(hex, 'hex')).digest('hex')

/** The chunk's range as a condition; '' for the whole table. */
const rangeText = (table: Table, key: Key, { from, to }: Chunk): string => {
  if (isSecret(table)) return ''
  const list = (words: readonly string[]): string => (words.length === 1 ? `${words[0]}` : `(${words.join(', ')})`)
  const names = list(key.columns.map(({ name }) => identifier(name)))
  const text = (place: Place): string => list(key.columns.map((column, at) => shownLiteral(column, place[at] ?? '')))
  return [
    ...(from === undefined ? [] : [`${names} > ${text(from)}`]),
    ...(to === undefined ? [] : [`${names} <= ${text(to)}`]),
  ].join(' AND ')
}

const chunkText = (table: Table, key: Key, chunk: Chunk, number: number): string =>
  rangeText(table, key, chunk) || (chunk.from === undefined && chunk.to === undefined ? 'the table' : `chunk ${number}`)
