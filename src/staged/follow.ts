import type { Follow, FollowAction } from '../engine/perform.ts'
import { SwapError } from '../errors.ts'
import { type Db, openDatabase, withDatabase } from '../hosts/db.ts'
import type { Hosts } from '../hosts/host.ts'
import { name } from '../text/sql.ts'
import { duration, readable } from '../text/units.ts'
import { arrivedArgv, importArgv, loadRowsArgv, rowsDumpArgv, tablesDumpArgv } from '../transfer/dump.ts'
import { asCopy, askTables, columnText, type Table } from '../verify/content-columns.ts'
import { tableName } from '../verify/content-sql.ts'
import { openSpeller } from '../verify/content-walk.ts'
import { calmOf } from './calm.ts'
import { clearDiffering, type Lacking, type Progress } from './differing.ts'
import { askDefinitions, askStrange, type Definitions, dropTable, readyCopy, setNext } from './tables.ts'

type Tools = Parameters<Follow>[1]

/** What came of the last copy of a database in this run: for the step's proof. */
const said = new Map<string, string>()

/** What came of the last copy under this name in this run of swapctl. */
export const saidOf = (into: string): string | undefined => said.get(into)

export const forgetSaid = (into: string): void => void said.delete(into)

/**
 * Brings a copy up to date. While the source serves, a failure is the step's. In the freeze what failed is told, and
 * the database is copied whole instead.
 */
export const follow: Follow = async (action, tools) => {
  const tell = (text: string): string => {
    said.set(action.into, text)
    return text
  }
  const strange = await strangeIn(action, tools)
  if (action.frozen === undefined) return tell(strange ?? (await caughtUp(action, tools)))
  try {
    if (strange !== undefined) throw new SwapError(action.into, strange, 'Report this')
    const says = await caughtUp(action, tools)
    for (const one of action.frozen.right) await tools.perform(one)
    return tell(says)
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    const why = `${action.database} is copied whole, because its copy made ahead could not be used: ${error.message}`
    tools.progress(why)
    for (const one of action.frozen.otherwise) await tools.perform(one)
    return tell(why)
  }
}

/** Why a database cannot be copied ahead; a copy from before is dropped. */
const strangeIn = async ({ from, database, into }: FollowAction, { hosts }: Tools): Promise<string | undefined> => {
  const strange = await withDatabase(hosts(from), { readOnly: true }, (db) => askStrange(db, database))
  if (strange === undefined) return undefined
  await withDatabase(hosts('target'), { readOnly: false }, (db) => db.run(`DROP DATABASE IF EXISTS ${name(into)}`))
  return `${database} is not copied ahead: ${strange}; migrate copies it whole`
}

interface Sides {
  readonly source: Db
  readonly target: Db
}

/** Opens connections, and closes all of them at the end. */
const withSides = async <T>(
  { from }: FollowAction,
  { hosts }: Tools,
  use: (open: () => Promise<Sides>, writer: Db) => Promise<T>,
): Promise<T> => {
  const opened: Db[] = []
  const kept = async (db: Promise<Db>): Promise<Db> => {
    opened.push(await db)
    return db
  }
  const sides: Hosts = (name) => hosts(name === 'source' ? from : name)
  const open = async (): Promise<Sides> => ({
    source: await kept(openSpeller(sides, 'source')),
    target: await kept(openSpeller(sides, 'target')),
  })
  try {
    const writer = await kept(openDatabase(hosts('target'), { readOnly: false }))
    await writer.run("SET SESSION time_zone = '+00:00', foreign_key_checks = 0")
    return await use(open, writer)
  } finally {
    await Promise.all(opened.map((db) => db.close()))
  }
}

const caughtUp = (action: FollowAction, tools: Tools): Promise<string> =>
  withSides(action, tools, async (open, writer) => {
    const sides = await open()
    const { database, into } = action
    const wanted = await askDefinitions(sides.source, database)
    const missing = await readyCopy(writer, action, wanted)
    const fresh = await askFresh(sides, action, wanted, missing)
    if (missing.length + fresh.length > 0) await carryTables(action, tools, missing, fresh)
    const { lacking, rows } = await compared(action, tools, sides, open, writer, new Set([...missing, ...fresh]))
    if (lacking.length > 0) await carryRows(action, tools, lacking)
    await setNext(writer, into, wanted)
    return [
      `${wanted.size} tables`,
      ...(missing.length + fresh.length === 0 ? [] : [`${new Set([...missing, ...fresh]).size} copied anew`]),
      ...(rows === 0 ? [] : [`${rows} rows compared`]),
      `${new Set(lacking.map(({ table }) => table)).size} tables had rows that differed`,
    ].join(', ')
  })

const isEmpty = async (db: Db, database: string, table: string): Promise<boolean> =>
  (await db.rows(`SELECT 1 FROM ${tableName({ database, name: table })} LIMIT 1`)).length === 0

/** Existing tables of which nothing has arrived. */
const askFresh = async (
  { source, target }: Sides,
  { database, into }: FollowAction,
  wanted: Definitions,
  missing: readonly string[],
): Promise<readonly string[]> => {
  const found: string[] = []
  for (const table of wanted.keys())
    if (!missing.includes(table) && (await isEmpty(target, into, table)) && !(await isEmpty(source, database, table)))
      found.push(table)
  return found
}

const how = ({ frozen }: FollowAction) => (frozen === undefined ? 'serving' : 'frozen')

const carryTables = (
  action: FollowAction,
  tools: Tools,
  missing: readonly string[],
  fresh: readonly string[],
): Promise<void> => {
  const { database, into, from, bytes, rate } = action
  return tools.perform({
    kind: 'pipe',
    from: { on: from, argv: tablesDumpArgv(database, how(action), missing, [...missing, ...fresh]) },
    to: { on: 'target', argv: importArgv(into, 'utf8mb4', 'keep') },
    what: `${database}, ahead`,
    bytes,
    measure: { on: 'target', argv: arrivedArgv(into) },
    ...(rate === undefined ? {} : { rate }),
  })
}

const carryRows = (action: FollowAction, tools: Tools, lacking: readonly Lacking[]): Promise<void> => {
  const { database, into, from, rate } = action
  const words = lacking.flatMap(({ table, source = 'TRUE' }) => [`${table}\0`, `${source}\0`])
  return tools.perform({
    kind: 'pipe',
    from: { on: from, argv: rowsDumpArgv(database, how(action)), stdin: words.join('') },
    to: { on: 'target', argv: loadRowsArgv(into) },
    what: `${database}, rows that differed`,
    ...(rate === undefined ? {} : { rate }),
  })
}

/** Compares all tables but those just copied, and removes from the copies what differs. */
const compared = async (
  action: FollowAction,
  { progress }: Tools,
  sides: Sides,
  open: () => Promise<Sides>,
  writer: Db,
  without: ReadonlySet<string>,
): Promise<{ readonly lacking: readonly Lacking[]; readonly rows: number }> => {
  const { database, into, parallel, bytes, frozen } = action
  const [source, target] = await Promise.all([askTables(sides.source, database), askTables(sides.target, into)])
  const tables = [...source.values()].filter((one) => !without.has(one.name))
  const copies = new Map(tables.map((one) => [one.name, copyOf(one, target.get(one.name))]))
  for (const one of tables) if (copies.get(one.name) === undefined) await refuseOther(writer, into, one.name)
  const pairs = await Promise.all(Array.from({ length: Math.max(1, parallel) }, open))
  const began = Date.now()
  let rows = 0
  const lacking = await clearDiffering(sides.source, tables, copies as ReadonlyMap<string, Table>, writer, {
    pairs,
    progress: (seen) => {
      rows = seen.rows
      progress(progressText(database, seen, bytes, (Date.now() - began) / 1000))
    },
    ...(frozen === undefined ? { calm: calmOf(sides.source, progress) } : {}),
  })
  return { lacking, rows }
}

const progressText = (database: string, seen: Progress, bytes: number, seconds: number): string => {
  const rest = (seconds * Math.max(0, bytes - seen.bytes)) / seen.bytes
  const left = seen.bytes === 0 || seconds < 2 ? '' : `, about ${duration(rest)} left`
  return `${database}: ${seen.rows} rows compared, about ${readable(seen.bytes)}${left}, now ${seen.table}`
}

const copyOf = (source: Table, target: Table | undefined): Table | undefined =>
  target !== undefined && source.columns.map(columnText).join(', ') === target.columns.map(columnText).join(', ')
    ? asCopy(source, target)
    : undefined

/** The definition was changed while it was copied. */
const refuseOther = async (writer: Db, into: string, table: string): Promise<void> => {
  await dropTable(writer, into, table)
  throw new SwapError(
    `target, ${into}.${table}`,
    'its columns are not those of the source, which were changed while it was copied',
    'Run the same command again: it copies this table anew',
  )
}
