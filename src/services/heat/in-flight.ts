import type { Operation } from '../operation.ts'

/** Operations under way, in states that heat's code calls transitional. */
export const heatOperations: readonly Operation[] = [
  {
    what: 'stack',
    database: 'heat',
    table: 'stack',
    columns: ['id', 'status', 'deleted_at'],
    sql: `SELECT id, CONCAT(action, ' ', status) AS state FROM stack WHERE deleted_at IS NULL AND status = 'IN_PROGRESS'`,
  },
]
