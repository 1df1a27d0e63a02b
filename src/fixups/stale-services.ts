import { refuse } from '../errors.ts'
import { checkHosts } from './cinder-host.ts'
import type { Args, Fixup, FixupTable, Row, Where } from './fixup.ts'

/**
 * What runs on a controller and has a row in nova.services. nova-compute is not among them and never will be: its
 * row, node and provider hang together (P42), and a controller that is a compute too stays one.
 * nova-osapi_compute and nova-metadata are rows of the APIs; the others of before Pike and Ussuri no longer exist.
 */
const novaBinaries = [
  'nova-scheduler',
  'nova-conductor',
  'nova-osapi_compute',
  'nova-metadata',
  'nova-api',
  'nova-consoleauth',
  'nova-cert',
  'nova-console',
]

/** cinder-volume and cinder-backup are renamed instead (cinder-host). */
const cinderBinaries = ['cinder-scheduler']

const where =
  (column: string): ((args: Args) => Where) =>
  (args) => ({
    sql: `\`${column}\` = ?`,
    params: [args['from'] ?? ''],
  })

const old = (row: Row, args: Args): boolean => row['host'] === args['from'] && args['from'] !== args['to']

/** `deleted`: nova writes the row's own id, so that the unique keys let a new row of the name in; cinder writes 1. */
const softDelete = (beside: string, binaries: readonly string[], deleted: (row: Row) => unknown): FixupTable => ({
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

const agentsOnNew = (args: Args): readonly string[] => {
  const parsed: unknown = JSON.parse(args['agents'] ?? '[]')
  return Array.isArray(parsed) ? parsed.map(String) : []
}

/** neutron has no soft delete. Bindings to a deleted agent go with it (ON DELETE CASCADE) and are scheduled anew. */
const agents: FixupTable = {
  table: 'agents',
  beside: 'ports',
  key: 'id',
  columns: ['host'],
  reads: ['binary'],
  where: where('host'),
  rewrite: (row, args) => (old(row, args) && !agentsOnNew(args).includes(String(row['binary'])) ? null : row),
  note: (row, args) =>
    old(row, args) && agentsOnNew(args).includes(String(row['binary']))
      ? `${row['binary']} runs on the new controller too: its row of the old one is kept, with what is bound to it`
      : undefined,
}

/** Engines of the old controller; an engine that ends well removes its own row, so these died or were killed. */
const heat: FixupTable = {
  table: 'service',
  beside: 'raw_template',
  key: 'id',
  columns: ['deleted_at'],
  reads: ['host'],
  where: where('host'),
  rewrite: (row, args) => (old(row, args) && row['deleted_at'] === null ? { ...row, deleted_at: args['at'] } : row),
}

/**
 * Rows of services that no longer exist: they count as down for ever, and hold RPC and object versions back (P41, P64).
 * `from`, `to`: the controllers' host names; `at`: 'YYYY-MM-DD hh:mm:ss', UTC; `agents`: JSON list of the neutron
 * binaries that run on the new controller.
 */
export const staleServices: Fixup = {
  name: 'stale-services',
  title: 'Rows of services that ran on the old controller and are gone',
  tables: [
    softDelete('instances', novaBinaries, (row) => row['id']),
    softDelete('volume_glance_metadata', cinderBinaries, () => 1),
    agents,
    heat,
  ],
  check: (args) => {
    checkHosts(args)
    if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(args['at'] ?? ''))
      throw refuse('fixup', `at: '${args['at'] ?? ''}' is not a time`, "Give it as '2026-11-20 18:00:00', UTC")
    agentsOnNew(args)
  },
}
