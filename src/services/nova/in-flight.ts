import type { Operation } from '../operation.ts'

const live = '`deleted` = 0'

/** Operations under way, in states that nova's code calls transitional. */
export const novaOperations: readonly Operation[] = [
  {
    what: 'server',
    database: 'nova',
    table: 'instances',
    columns: ['uuid', 'task_state', 'vm_state'],
    sql: `SELECT uuid AS id, COALESCE(task_state, vm_state) AS state FROM instances WHERE ${live} AND (task_state IS NOT NULL OR vm_state = 'building')`,
  },
  {
    what: 'migration',
    database: 'nova',
    table: 'migrations',
    columns: ['id', 'status'],
    // nova/objects/migration.py: in these states a migration is over, or waits for its owner
    sql: `SELECT id, status AS state FROM migrations WHERE ${live} AND status NOT IN ('confirmed', 'reverted', 'error', 'failed', 'completed', 'cancelled', 'done', 'finished')`,
  },
]
