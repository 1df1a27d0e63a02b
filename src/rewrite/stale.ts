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
 * A table `services` whose rows of these binaries are marked. `deleted`: nova writes the row's own id, so that the unique
 * keys let a new row of the name in; cinder writes 1.
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

/** Not a list would mean that no agent is kept. */
const agentsOnNew = (args: Args): readonly string[] => {
  const text = args['agents'] ?? '[]'
  const parsed = parse(text)
  if (Array.isArray(parsed)) return parsed.map(String)
  throw refuse(
    'fixup',
    `agents: '${text}' is not a JSON list`,
    'Give the names of their programs as JSON: ["a", "b"], or []',
  )
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A table of agents that is without soft delete: the rows go, but for agents that run on the new controller too. */
export const removedAgents = (table: string, beside: string): FixupTable => ({
  table,
  beside,
  key: 'id',
  columns: ['host'],
  reads: ['binary'],
  where: where('host'),
  rewrite: (row, args) => (old(row, args) && !agentsOnNew(args).includes(String(row['binary'])) ? null : row),
  note: (row, args) =>
    old(row, args) && agentsOnNew(args).includes(String(row['binary']))
      ? `${row['binary']} also runs on the new controller: its row of the old one is kept, with everything bound to it`
      : undefined,
})

/** A table in which a row is marked by the time of its end alone. */
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
 * Rows of services that no longer exist: they count as down for ever, and hold RPC and object versions back.
 * `from`, `to`: the controllers' host names; `at`: 'YYYY-MM-DD hh:mm:ss', UTC; `agents`: JSON list of the binaries of agents
 * that run on the new controller.
 */
export const staleServices = (tables: readonly FixupTable[]): Fixup => ({
  name: 'stale-services',
  title: 'Rows of services that ran on the old controller and are gone',
  tables,
  check: (args) => {
    checkHosts(args)
    if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(args['at'] ?? ''))
      throw refuse('fixup', `at: '${args['at'] ?? ''}' is not a time`, "Give it as '2026-11-20 18:00:00', UTC")
    agentsOnNew(args)
  },
})
