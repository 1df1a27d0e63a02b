import type { Operation } from '../operation.ts'

const live = '`deleted` = 0'

/** Operations under way, in states that glance's code calls transitional. */
export const glanceOperations: readonly Operation[] = [
  {
    what: 'image',
    database: 'glance',
    table: 'images',
    columns: ['id', 'status'],
    sql: `SELECT id, status AS state FROM images WHERE ${live} AND status IN ('saving', 'uploading', 'importing')`,
  },
]
