import { type Db, openDatabase } from '../hosts/db.ts'
import type { Host } from '../hosts/host.ts'

interface Operation {
  readonly service: string
  readonly what: string
  readonly database: string
  readonly table: string
  readonly columns: readonly string[]
  /** selects id, name and state of what is still being worked on */
  readonly sql: string
}

const live = '`deleted` = 0'

/** What counts as an operation under way, by the states that the services' own code calls transitional (known failures P50, P51). */
export const operations: readonly Operation[] = [
  {
    service: 'nova',
    what: 'server',
    database: 'nova',
    table: 'instances',
    columns: ['uuid', 'task_state', 'vm_state'],
    sql: `SELECT uuid AS id, COALESCE(task_state, vm_state) AS state FROM instances WHERE ${live} AND (task_state IS NOT NULL OR vm_state = 'building')`,
  },
  {
    service: 'nova',
    what: 'migration',
    database: 'nova',
    table: 'migrations',
    columns: ['id', 'status'],
    // nova/objects/migration.py: a migration in any of these states is over, or waits for its owner
    sql: `SELECT id, status AS state FROM migrations WHERE ${live} AND status NOT IN ('confirmed', 'reverted', 'error', 'failed', 'completed', 'cancelled', 'done', 'finished')`,
  },
  {
    service: 'cinder',
    what: 'volume',
    database: 'cinder',
    table: 'volumes',
    columns: ['id', 'status'],
    sql: `SELECT id, status AS state FROM volumes WHERE ${live} AND (status LIKE '%ing' OR status = 'maintenance')`,
  },
  {
    service: 'cinder',
    what: 'volume snapshot',
    database: 'cinder',
    table: 'snapshots',
    columns: ['id', 'status'],
    sql: `SELECT id, status AS state FROM snapshots WHERE ${live} AND status LIKE '%ing'`,
  },
  {
    service: 'cinder',
    what: 'backup',
    database: 'cinder',
    table: 'backups',
    columns: ['id', 'status'],
    sql: `SELECT id, status AS state FROM backups WHERE ${live} AND status LIKE '%ing'`,
  },
  {
    service: 'glance',
    what: 'image',
    database: 'glance',
    table: 'images',
    columns: ['id', 'status'],
    sql: `SELECT id, status AS state FROM images WHERE ${live} AND status IN ('saving', 'uploading', 'importing')`,
  },
  {
    service: 'heat',
    what: 'stack',
    database: 'heat',
    table: 'stack',
    columns: ['id', 'status', 'deleted_at'],
    sql: `SELECT id, CONCAT(action, ' ', status) AS state FROM stack WHERE deleted_at IS NULL AND status = 'IN_PROGRESS'`,
  },
]

export interface InFlight {
  readonly what: string
  readonly id: string
  readonly state: string
}

/** Operations of a service still under way on the old controller. Volumes in use are not: 'in-use' does not end in 'ing'. */
export const askInFlight = async (host: Host, service: string, databases: readonly string[]): Promise<InFlight[]> => {
  const found: InFlight[] = []
  for (const operation of operations.filter((o) => o.service === service && databases.includes(o.database))) {
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
