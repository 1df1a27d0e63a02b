import type { FixupAction } from '../engine/perform.ts'
import { SwapError } from '../errors.ts'
import { type Db, withDatabase } from '../hosts/db.ts'
import type { Host } from '../hosts/host.ts'
import { excerpts } from './excerpts.ts'
import type { Args, Fixup, Row } from './fixup.ts'
import { fixupNamed } from './index.ts'
import { candidates, type Found, findTables, taken, write } from './sql.ts'

/** What a fixup would do, or did, to one table. */
export interface TableResult {
  readonly table: string
  /** rows that name what is looked for, and how many of them are rewritten or deleted */
  readonly matched: number
  readonly changed: number
  /** how many of the changed ones were soft-deleted already */
  readonly softDeleted: number
  /** up to three, the changed part with some of what stands around it, secrets masked */
  readonly examples: readonly (readonly [before: string, after: string])[]
  /** what the rule could not rewrite, and in how many rows */
  readonly notes: Readonly<Record<string, number>>
}

type Change = readonly [before: Row, after: Row | null]

const judge = (found: Found, rows: readonly Row[], args: Args): readonly Change[] =>
  rows.flatMap((row) => {
    const after = found.rule.rewrite(row, args)
    return after === row ? [] : [[row, after] as const]
  })

const refuseTaken = async (db: Db, found: Found, changes: readonly Change[]): Promise<void> => {
  for (const [, after] of changes)
    if (after && (await taken(db, found, after)))
      throw new SwapError(
        `${found.database}.${found.rule.table}`,
        `another row already is ${(found.rule.unique ?? []).map((column) => `${column} ${after[column]}`).join(', ')}`,
        'Stop the service on the target that wrote it and delete that row, then run the same command again',
      )
}

const walk = async (
  db: Db,
  found: Found,
  args: Args,
  onChanges: (changes: readonly Change[]) => Promise<void>,
): Promise<TableResult> => {
  let [matched, changed, softDeleted] = [0, 0, 0]
  const examples: (readonly [string, string])[] = []
  const notes: Record<string, number> = {}
  for await (const rows of candidates(db, found, args)) {
    const changes = judge(found, rows, args)
    await refuseTaken(db, found, changes)
    await onChanges(changes)
    matched += rows.length
    changed += changes.length
    softDeleted += changes.filter(([before]) => Number(before['deleted'] ?? 0) !== 0).length
    for (const [before, after] of changes.slice(0, 3 - examples.length)) examples.push(excerpts(found, before, after))
    for (const note of rows.flatMap((row) => found.rule.note?.(row, args) ?? [])) notes[note] = (notes[note] ?? 0) + 1
  }
  return { table: found.rule.table, matched, changed, softDeleted, examples, notes }
}

type Treat = (db: Db, found: Found, args: Args) => Promise<TableResult>

const eachTable = (treat: Treat) => async (db: Db, fixup: Fixup, database: string, args: Args) => {
  fixup.check(args)
  const results: TableResult[] = []
  for (const found of await findTables(db, database, fixup.tables)) results.push(await treat(db, found, args))
  return results as readonly TableResult[]
}

const rewriteTable = async (db: Db, found: Found, args: Args): Promise<TableResult> => {
  await db.run('START TRANSACTION')
  try {
    const result = await walk(db, found, args, async (changes) => {
      const touched = await write(db, found, changes)
      if (touched !== changes.length) throw unsteady(found, changes.length, touched)
    })
    await db.run('COMMIT')
    return result
  } catch (error) {
    await db.run('ROLLBACK').catch(() => {})
    throw error
  }
}

/** What the fixup would do to each table that this database has; changes nothing. */
export const previewFixup = eachTable((db, found, args) => walk(db, found, args, async () => {}))

/** Rewrites the rows, one transaction per table. Throws SwapError when a row is not as it was read; rolls back. */
export const rewriteDatabase = eachTable(rewriteTable)

const unsteady = (found: Found, meant: number, touched: number): SwapError =>
  new SwapError(
    `${found.database}.${found.rule.table}`,
    `${meant} rows were to change, ${touched} did: somebody else writes to this table`,
    'Stop what writes to it on the target, then run the same command again',
  )

/** 'iscsi-portal: 4 of 12 rows in block_device_mapping; driver_volume_type nfs names 10.30.0.11: not rewritten (2 rows)' */
export const summary = (name: string, database: string, results: readonly TableResult[]): string => {
  const counts = results.map(
    ({ table, changed, matched, softDeleted }) =>
      `${changed} of ${matched} rows in ${table}${softDeleted > 0 ? ` (${softDeleted} soft-deleted)` : ''}`,
  )
  const notes = results.flatMap((result) =>
    Object.entries(result.notes).map(([text, rows]) => `${text} (${rows} rows)`),
  )
  return `${name}: ${[counts.join(', ') || `no table of it in ${database}`, ...notes].join('; ')}`
}

/** Performs a fixup of the plan: what the runner calls for actions of kind 'fixup'. */
export const applyFixup = (action: FixupAction, host: Host): Promise<string> =>
  withDatabase(host, { database: action.database, readOnly: false }, async (db) =>
    summary(
      action.fixup,
      action.database,
      await rewriteDatabase(db, fixupNamed(action.fixup), action.database, action.args),
    ),
  )
