import type { FixupAction } from '../engine/perform.ts'
import { SwapError } from '../errors.ts'
import { type Db, openDatabase, withDatabase } from '../hosts/db.ts'
import type { Host } from '../hosts/host.ts'
import { addressMap, namesOld } from '../rewrite/address-map.ts'
import type { Args, Fixup, Row } from '../rewrite/fixup.ts'
import { excerpts } from './excerpts.ts'
import { fixupNamed } from './index.ts'
import { candidates, findTables, type RuleTable, taken } from './sql.ts'
import { type Change, write } from './write.ts'

/** What a fixup would do, or did, to one table. */
export interface TableResult {
  readonly table: string
  /** rows that contain what is searched for, and how many of them are rewritten or deleted */
  readonly matched: number
  readonly changed: number
  /** how many changed rows were soft-deleted already */
  readonly softDeleted: number
  /** up to three; the changed part with some context, secrets masked */
  readonly examples: readonly (readonly [before: string, after: string])[]
  /** what the rule could not rewrite, and number of rows */
  readonly notes: Readonly<Record<string, number>>
}

const refuseTaken = async (db: Db, found: RuleTable, changes: readonly Change[]): Promise<void> => {
  if (found.rule.unique === undefined) return
  for (const [, after] of changes)
    if (after && (await taken(db, found, after)))
      throw new SwapError(
        `${found.database}.${found.rule.table}`,
        `another row already has ${(found.rule.unique ?? []).map((column) => `${column} ${after[column]}`).join(', ')}`,
        'Stop the service on the target that wrote it and delete that row, then run the same command again',
      )
}

/** An old address that the rewritten row still names, in whatever form, so that it is not overlooked. */
const leftOver = ({ rule, columns }: RuleTable, after: Row | null, args: Args): string | undefined => {
  if (rule.addresses !== true || after === null) return undefined
  for (const column of columns) {
    const text = after[column]
    const old = typeof text === 'string' ? namesOld(text, addressMap(args)) : undefined
    if (old !== undefined) return `${column} names ${old}: not rewritten`
  }
  return undefined
}

/** Applies the rule to rows, page by page, and counts the results. */
const judge = (found: RuleTable, args: Args) => {
  let [matched, changed, softDeleted] = [0, 0, 0]
  const examples: (readonly [string, string])[] = []
  const notes: Record<string, number> = {}
  const page = (rows: readonly Row[]): readonly Change[] => {
    const changes: Change[] = []
    for (const row of rows) {
      const after = found.rule.rewrite(row, args)
      if (after !== row) changes.push([row, after])
      const note = found.rule.note?.(row, args) ?? leftOver(found, after, args)
      if (note !== undefined) notes[note] = (notes[note] ?? 0) + 1
    }
    matched += rows.length
    changed += changes.length
    softDeleted += changes.filter(([before]) => Number(before['deleted'] ?? 0) !== 0).length
    for (const [before, after] of changes.slice(0, 3 - examples.length)) examples.push(excerpts(found, before, after))
    return changes
  }
  const result = (): TableResult => ({ table: found.rule.table, matched, changed, softDeleted, examples, notes })
  return { page, result }
}

const previewTable = async (db: Db, found: RuleTable, args: Args): Promise<TableResult> => {
  const { page, result } = judge(found, args)
  for await (const rows of candidates(db, found, args)) await refuseTaken(db, found, page(rows))
  return result()
}

/** Connections that write to a table in parallel; one where rows may conflict with each other. */
const writers = 3

/** `db` reads the pages; each is rewritten by whichever connection is free, in its transaction. All commit, or none. */
const rewriteTable = async (db: Db, found: RuleTable, args: Args, open: () => Promise<Db>): Promise<TableResult> => {
  const { page, result } = judge(found, args)
  const pages = candidates(db, found, args)
  let failed = false
  const work = async (writer: Db): Promise<void> => {
    for (;;) {
      const next = await pages.next()
      if (next.done === true || failed) return
      const changes = page(next.value)
      await refuseTaken(writer, found, changes)
      await write(writer, found, args, changes)
    }
  }
  const lanes: Db[] = []
  try {
    for (let lane = 0; lane < (found.rule.usual === undefined ? 1 : writers); lane += 1) {
      const writer = await open()
      lanes.push(writer)
      await writer.run('START TRANSACTION')
    }
    const broken = (error: unknown): never => {
      failed = true
      throw error
    }
    // Wait for all: no connection may still write after another was rolled back.
    const ends = await Promise.allSettled(lanes.map((writer) => work(writer).catch(broken)))
    for (const end of ends) if (end.status === 'rejected') throw end.reason
    for (const writer of lanes) await writer.run('COMMIT')
    return result()
  } catch (error) {
    for (const writer of lanes) await writer.run('ROLLBACK').catch(() => {})
    throw error
  } finally {
    await Promise.all(lanes.map((writer) => writer.close()))
  }
}

type Treat = (db: Db, found: RuleTable, args: Args) => Promise<TableResult>

const eachTable = async (
  db: Db,
  fixup: Fixup,
  database: string,
  args: Args,
  treat: Treat,
): Promise<readonly TableResult[]> => {
  fixup.check(args)
  const results: TableResult[] = []
  for (const found of await findTables(db, database, fixup.tables)) results.push(await treat(db, found, args))
  return results
}

/** What the fixup would do to each of its tables in this database; changes nothing. */
export const previewFixup = (db: Db, fixup: Fixup, database: string, args: Args): Promise<readonly TableResult[]> =>
  eachTable(db, fixup, database, args, previewTable)

/**
 * Rewrites the rows, table by table. Throws SwapError and rolls the table back when a row has changed since it was
 * read. If killed, a table is done completely or not at all or, between two commits, in part; running it again
 * completes it.
 */
export const rewriteDatabase = (
  host: Host,
  fixup: Fixup,
  database: string,
  args: Args,
): Promise<readonly TableResult[]> => {
  const open = (): Promise<Db> => openDatabase(host, { database, readOnly: false })
  return withDatabase(host, { database, readOnly: true }, (db) =>
    eachTable(db, fixup, database, args, (reader, found, given) => rewriteTable(reader, found, given, open)),
  )
}

/** 'iscsi-portal: 4 of 12 rows in block_device_mapping; driver_volume_type nfs names 10.30.0.11: not rewritten (2 rows)' */
export const summary = (name: string, database: string, results: readonly TableResult[]): string => {
  const counts = results.map(
    ({ table, changed, matched, softDeleted }) =>
      `${changed} of ${matched} rows in ${table}${softDeleted > 0 ? ` (${softDeleted} soft-deleted)` : ''}`,
  )
  const notes = results.flatMap((result) =>
    Object.entries(result.notes).map(([text, rows]) => `${text} (${rows} rows)`),
  )
  return `${name}: ${[counts.join(', ') || `none of its tables in ${database}`, ...notes].join('; ')}`
}

/** Performs a 'fixup' action for the runner. */
export const applyFixup = async (action: FixupAction, host: Host): Promise<string> =>
  summary(
    action.fixup,
    action.database,
    await rewriteDatabase(host, fixupNamed(action.fixup), action.database, action.args),
  )
