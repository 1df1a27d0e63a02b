import type { Probe } from '../releases/blocker.ts'
import { type Asker, fill } from '../text/sql.ts'
import { askThings } from './revision.ts'

export interface Count {
  readonly rows: number
  /** up to three offenders */
  readonly examples: readonly string[]
}

/** '' -> the database being asked; others of the same service by their name in the data */
type Databases = Readonly<Record<string, string>>

/** 'nova_api.request_specs' -> ['nova_api', 'request_specs'], 'volumes' -> ['', 'volumes'] */
const split = (table: string): readonly [string, string] => {
  const dot = table.indexOf('.')
  return dot < 0 ? ['', table] : [table.slice(0, dot), table.slice(dot + 1)]
}

/** Whether every table and column that a query needs exists in this schema. */
const askable = async (db: Asker, probe: Probe, databases: Databases): Promise<boolean> => {
  for (const [place, columns] of Object.entries(probe.needs)) {
    const [key, table] = split(place)
    const database = databases[key]
    if (database === undefined) return false
    const things = await askThings(db, database, [table])
    if (!things.has(table) || !columns.every((column) => things.has(`${table}.${column}`))) return false
  }
  return true
}

const ask = async (db: Asker, probe: Probe, databases: Databases): Promise<Count> => {
  const from = fill(probe.from, databases)
  const [row] = await db.rows(`SELECT COUNT(*) AS n FROM ${from}`)
  const rows = Number(row?.['n'])
  if (rows === 0) return { rows, examples: [] }
  const examples = await db.rows(`SELECT ${probe.example} AS example FROM ${from} LIMIT 3`)
  return { rows, examples: examples.map((found) => String(found['example'])) }
}

/**
 * The offenders of a blocker in all its places. Undefined when none was found and some places could not be asked,
 * because this schema does not have columns of a later one yet.
 */
export const count = async (db: Asker, probes: readonly Probe[], databases: Databases): Promise<Count | undefined> => {
  let all: Count = { rows: 0, examples: [] }
  let whole = true
  for (const probe of probes) {
    const can = await askable(db, probe, databases)
    whole = whole && can
    const { rows, examples } = can ? await ask(db, probe, databases) : { rows: 0, examples: [] }
    all = { rows: all.rows + rows, examples: [...all.examples, ...examples].slice(0, 3) }
  }
  return whole || all.rows > 0 ? all : undefined
}
