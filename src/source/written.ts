import type { Db } from '../hosts/db.ts'

/** How much MariaDB has written since its start: while this does not change, no table has changed. */
export interface Written {
  /** seconds since 1970, by the server's clock */
  readonly started: number
  /** of rows, and of statements that create or drop tables */
  readonly counters: string
}

/**
 * Handler counters cover rows of every engine, InnoDB's its own; the statements change tables without touching rows.
 */
const counted = [
  ...['write', 'update', 'delete'].map((what) => `Handler_${what}`),
  ...['inserted', 'updated', 'deleted'].map((what) => `Innodb_rows_${what}`),
  ...['alter_table', 'create_table', 'drop_table', 'rename_table', 'truncate', 'create_db', 'drop_db'].map(
    (what) => `Com_${what}`,
  ),
]

export const askWritten = async (db: Db): Promise<Written> => {
  const rows = await db.rows<{ Variable_name: string; Value: string }>(
    `SHOW GLOBAL STATUS WHERE Variable_name IN ('Uptime', ${counted.map((name) => `'${name}'`).join(', ')})`,
  )
  const [clock] = await db.rows<{ now: number }>('SELECT UNIX_TIMESTAMP() AS now')
  const value = (name: string): string =>
    rows.find((row) => row.Variable_name.toLowerCase() === name.toLowerCase())?.Value ?? ''
  return {
    started: Number(clock?.now ?? 0) - Number(value('Uptime')),
    counters: counted.map((name) => `${name} ${value(name)}`).join(', '),
  }
}

/** Whether nothing was written in between: same server start, same counters. */
export const stoodStill = (before: Written, after: Written): boolean =>
  Math.abs(before.started - after.started) <= 2 && before.counters === after.counters
