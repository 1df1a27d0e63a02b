import type { Operation } from '../operation.ts'

const live = '`deleted` = 0'

/** Operations under way, in states that cinder's code calls transitional. */
export const cinderOperations: readonly Operation[] = [
  {
    what: 'volume',
    database: 'cinder',
    table: 'volumes',
    columns: ['id', 'status'],
    sql: `SELECT id, status AS state FROM volumes WHERE ${live} AND (status LIKE '%ing' OR status = 'maintenance')`,
  },
  {
    what: 'volume snapshot',
    database: 'cinder',
    table: 'snapshots',
    columns: ['id', 'status'],
    sql: `SELECT id, status AS state FROM snapshots WHERE ${live} AND status LIKE '%ing'`,
  },
  {
    what: 'backup',
    database: 'cinder',
    table: 'backups',
    columns: ['id', 'status'],
    sql: `SELECT id, status AS state FROM backups WHERE ${live} AND status LIKE '%ing'`,
  },
]
