import { type Db, openDatabase } from '../hosts/db.ts'
import type { Host } from '../hosts/host.ts'
import type { Operation } from '../services/operation.ts'

export interface InFlight {
  readonly what: string
  readonly id: string
  readonly state: string
}

/**
 * Operations of a service under way on the old controller. Volumes in use do not match: 'in-use' does not end in 'ing'.
 */
export const askInFlight = async (
  host: Host,
  operations: readonly Operation[],
  databases: readonly string[],
): Promise<InFlight[]> => {
  const found: InFlight[] = []
  for (const operation of operations.filter(({ database }) => databases.includes(database))) {
    const db = await openDatabase(host, { database: operation.database, readOnly: true })
    try {
      if (await hasColumns(db, operation)) found.push(...(await read(db, operation)))
    } finally {
      await db.close()
    }
  }
  return found
}

const hasColumns = async (db: Db, { database, table, columns }: Operation): Promise<boolean> => {
  const rows = await db.rows<{ name: string }>(
    'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = ? AND table_name = ?',
    [database, table],
  )
  const names = rows.map((row) => row.name)
  return columns.every((column) => names.includes(column))
}

const read = async (db: Db, operation: Operation): Promise<InFlight[]> =>
  (await db.rows<{ id: string | number; state: string }>(operation.sql)).map((row) => ({
    what: operation.what,
    id: String(row.id),
    state: row.state,
  }))
