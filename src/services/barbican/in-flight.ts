import type { Operation } from '../operation.ts'

/** Orders that a worker or an outside authority has not answered yet. */
export const barbicanOperations: readonly Operation[] = [
  {
    what: 'secret order',
    database: 'barbican',
    table: 'orders',
    columns: ['id', 'status', 'deleted'],
    sql: "SELECT id, COALESCE(type, 'order') AS name, status AS state FROM orders WHERE deleted = 0 AND status = 'PENDING'",
  },
]
