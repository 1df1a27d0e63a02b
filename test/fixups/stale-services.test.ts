import { expect, test } from 'vitest'
import { fixupNamed } from '../../src/fixups/index.ts'

const staleServices = fixupNamed('stale-services')

const args = { from: 'src', to: 'tgt', at: '2026-11-20 18:00:00' }
const table = (name: string, beside: string) => {
  const found = staleServices.tables.find((one) => one.table === name && one.beside === beside)
  if (!found) throw new Error(`no rule for ${name}`)
  return found
}
const nova = table('services', 'instances')
const cinder = table('services', 'volume_glance_metadata')
const agents = table('agents', 'ports')
const heat = table('service', 'raw_template')
const live = { id: 7, deleted: 0, deleted_at: null }

test.each(['nova-scheduler', 'nova-conductor', 'nova-osapi_compute', 'nova-consoleauth'])(
  '%s of the old controller goes',
  (binary) =>
    expect(nova.rewrite({ ...live, host: 'src', binary }, args)).toEqual({
      ...live,
      host: 'src',
      binary,
      deleted: 7,
      deleted_at: '2026-11-20 18:00:00',
    }),
)

test.each([
  ['nova-compute is never touched', nova, { ...live, host: 'src', binary: 'nova-compute' }],
  ['another host', nova, { ...live, host: 'src2', binary: 'nova-scheduler' }],
  ['already deleted', nova, { ...live, deleted: 7, host: 'src', binary: 'nova-scheduler' }],
  ['cinder-volume is renamed elsewhere', cinder, { ...live, host: 'src', binary: 'cinder-volume' }],
  ["a compute's agent", agents, { id: 'a', host: 'cmp1' }],
  ['an engine that ended', heat, { id: 'e', host: 'src', deleted_at: '2026-01-01 00:00:00' }],
])('left alone: %s', (_, rule, row) => expect(rule.rewrite(row, args)).toBe(row))

test('cinder-scheduler is soft-deleted the way cinder does it', () =>
  expect(cinder.rewrite({ ...live, host: 'src', binary: 'cinder-scheduler' }, args)).toMatchObject({ deleted: 1 }))

test('an agent of the old controller is deleted', () =>
  expect(agents.rewrite({ id: 'a', host: 'src' }, args)).toBeNull())

test('an engine of the old controller is deleted', () =>
  expect(heat.rewrite({ id: 'e', host: 'src', deleted_at: null }, args)).toMatchObject({ deleted_at: args.at }))

test('with the same host name on both sides nothing is stale', () => {
  const row = { ...live, host: 'src', binary: 'nova-scheduler' }
  expect(nova.rewrite(row, { ...args, to: 'src' })).toBe(row)
})

const refused = (more: object, says: string) =>
  expect(() => staleServices.check({ ...args, ...more })).toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.stringContaining(says) }),
  )

test.each(['', '2026-11-20', '2026-11-20T18:00:00', ' 2026-11-20 18:00:00', '2026-11-20 18:00:00.5'])(
  "a time as the databases write it is asked for: '%s' is none",
  (at) => refused({ at }, `at: '${at}' is not a time`),
)

test('candidates are the rows of the old controller', () => {
  expect(agents.where(args)).toEqual({ sql: '`host` = ?', params: ['src'] })
})
