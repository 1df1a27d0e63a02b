import { createHash } from 'node:crypto'
import { modern } from '../ask/facts-mariadb.ts'
import type { FollowAction } from '../engine/perform.ts'
import type { Db } from '../hosts/db.ts'
import { name } from '../text/sql.ts'
import { marks } from './names.ts'

/** A table's definition on one server. */
export interface Definition {
  /** SHA-256 of SHOW CREATE TABLE without the next automatic value */
  readonly digest: string
  /** the next automatic value; 1 when the definition names none; undefined: no column has any */
  readonly next?: string
}

/** Names must be equal byte for byte. */
export type Definitions = ReadonlyMap<string, Definition>

const kindsOf = (db: Db, database: string) =>
  db.rows<{ name: string; kind: string }>(
    'SELECT table_name AS name, table_type AS kind FROM information_schema.tables WHERE table_schema = ? ORDER BY table_name',
    [database],
  )

/** What the copy would not do justice to; undefined: nothing. */
export const askStrange = async (db: Db, database: string): Promise<string | undefined> => {
  const all = await kindsOf(db, database)
  const strange = all.find(({ name: own, kind }) => !/^BASE TABLE$|VIEW$/.test(kind) || own === marks)
  return strange === undefined ? undefined : `${strange.name} is neither an ordinary table nor a view`
}

export const definitionOf = (text: string): Definition => {
  const options = /\n\)[^\n]*(\n.*)?$/s.exec(text)?.[0] ?? ''
  const next = / AUTO_INCREMENT=(\d+)/.exec(options)?.[1]
  const plain = text.slice(0, text.length - options.length) + options.replace(/ AUTO_INCREMENT=\d+/, '')
  const counts = /^\s+`.*\bAUTO_INCREMENT\b/m.test(text)
  return {
    digest: createHash('sha256').update(plain).digest('hex'),
    ...(counts ? { next: next ?? '1' } : {}),
  }
}

/** The definitions of a database's tables. */
export const askDefinitions = async (db: Db, database: string): Promise<Definitions> => {
  const tables = (await kindsOf(db, database)).filter(({ kind, name: own }) => kind === 'BASE TABLE' && own !== marks)
  const found = new Map<string, Definition>()
  for (const { name: own } of tables) {
    const [row] = await db.rows<Record<string, string>>(`SHOW CREATE TABLE ${name(database, own)}`)
    found.set(own, definitionOf(row?.['Create Table'] ?? ''))
  }
  return found
}

const hex = (value: string): string => `X'${Buffer.from(value).toString('hex')}'`

type Copy = Pick<FollowAction, 'into' | 'charset' | 'collation'>

/** Makes the database of the copy, if there is none with this charset and collation. */
const makeCopy = async (db: Db, { into, charset, collation }: Copy): Promise<void> => {
  const [now] = await db.rows<{ collation: string }>(
    'SELECT default_collation_name AS collation FROM information_schema.schemata WHERE schema_name = ?',
    [into],
  )
  if (now !== undefined && now.collation !== modern(collation)) await db.run(`DROP DATABASE ${name(into)}`)
  await db.run(
    `CREATE DATABASE IF NOT EXISTS ${name(into)} CHARACTER SET ${modern(charset)} COLLATE ${modern(collation)}`,
  )
  await db.run(
    `CREATE TABLE IF NOT EXISTS ${name(into, marks)} (name VARBINARY(256) PRIMARY KEY, digest CHAR(64) NOT NULL) CHARACTER SET latin1`,
  )
}

const askMarks = async (db: Db, into: string): Promise<ReadonlyMap<string, string>> =>
  new Map(
    (await db.rows<{ name: string; digest: string }>(`SELECT HEX(name) AS name, digest FROM ${name(into, marks)}`)).map(
      (row) => [Buffer.from(row.name, 'hex').toString(), row.digest],
    ),
  )

/**
 * Readies the copy for these tables: drops those that the source does not have, or no longer has like this. Returns
 * the tables to create, which it has marked before, so that a copy that breaks off is not begun anew.
 */
export const readyCopy = async (db: Db, copy: Copy, wanted: Definitions): Promise<readonly string[]> => {
  await makeCopy(db, copy)
  const { into } = copy
  const marked = await askMarks(db, into)
  const there = (await kindsOf(db, into)).map((row) => row.name).filter((own) => own !== marks)
  const isRight = (own: string): boolean => {
    const digest = wanted.get(own)?.digest
    return digest !== undefined && marked.get(own) === digest
  }
  for (const own of there.filter((own) => !isRight(own))) await dropTable(db, into, own)
  const missing = [...wanted.keys()].filter((own) => !there.includes(own) || !isRight(own))
  for (const own of missing)
    await db.run(`REPLACE INTO ${name(into, marks)} VALUES (${hex(own)}, '${wanted.get(own)?.digest}')`)
  return missing
}

export const dropTable = (db: Db, into: string, table: string): Promise<number> =>
  db.run(`DROP TABLE IF EXISTS ${name(into, table)}`)

/** Sets the next automatic values as the source's definitions name them. Returns how many differed. */
export const setNext = async (db: Db, into: string, wanted: Definitions): Promise<number> => {
  const have = await askDefinitions(db, into)
  let set = 0
  for (const [own, { next }] of wanted) {
    if (next === undefined || have.get(own)?.next === next) continue
    await db.run(`ALTER TABLE ${name(into, own)} AUTO_INCREMENT = ${next}`)
    set += 1
  }
  return set
}
