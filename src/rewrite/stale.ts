import { refuse } from '../errors.ts'
import type { Args, Fixup, FixupTable, Row, Where } from './fixup.ts'
import { checkHosts } from './hosts.ts'

const where =
  (column: string): ((args: Args) => Where) =>
  (args) => ({
    sql: `\`${column}\` = ?`,
    params: [args['from'] ?? ''],
  })

const old = (row: Row, args: Args): boolean => row['host'] === args['from'] && args['from'] !== args['to']

/**
 * A `services` table whose rows of these binaries are marked deleted. `deleted`: nova writes the row's own id, so that
 * the unique keys allow a new row of that name; cinder writes 1.
 */
export const deletedServices = (
  beside: string,
  binaries: readonly string[],
  deleted: (row: Row) => unknown,
): FixupTable => ({
  table: 'services',
  beside,
  key: 'id',
  columns: ['deleted', 'deleted_at'],
  reads: ['host', 'binary'],
  where: where('host'),
  rewrite: (row, args) =>
    old(row, args) && Number(row['deleted'] ?? 0) === 0 && binaries.includes(String(row['binary']))
      ? { ...row, deleted: deleted(row), deleted_at: args['at'] }
      : row,
})

/** A table of agents without soft delete: the rows are deleted. */
export const removedAgents = (table: string, beside: string): FixupTable => ({
  table,
  beside,
  key: 'id',
  columns: ['host'],
  where: where('host'),
  rewrite: (row, args) => (old(row, args) ? null : row),
})

/** A table whose rows are marked deleted only by an end time. */
export const endedRows = (table: string, beside: string): FixupTable => ({
  table,
  beside,
  key: 'id',
  columns: ['deleted_at'],
  reads: ['host'],
  where: where('host'),
  rewrite: (row, args) => (old(row, args) && row['deleted_at'] === null ? { ...row, deleted_at: args['at'] } : row),
})

/**
 * Rows of services that no longer exist: they count as down for ever, and hold back RPC and object versions.
 * `from`, `to`: the controllers' host names; `at`: 'YYYY-MM-DD hh:mm:ss', UTC.
 */
export const staleServices = (tables: readonly FixupTable[]): Fixup => ({
  name: 'stale-services',
  title: 'Rows of services that ran on the old controller and are gone',
  tables,
  check: (args) => {
    checkHosts(args)
    if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(args['at'] ?? ''))
      throw refuse('fixup', `at: '${args['at'] ?? ''}' is not a time`, "Give it as '2026-11-20 18:00:00', UTC")
  },
})
