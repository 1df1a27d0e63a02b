import { expect, test } from 'vitest'
import type { Cost } from '../../src/cost/cost.ts'
import { costText } from '../../src/cost/text.ts'

const none: Cost = { asked: '2026-11-21T00:30:00.000Z', since: '2026-11-21 00:20:00', resources: [], tables: [] }
const things = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `id-${index}`, name: `n${index}` }))
const nova = { database: 'nova', made: [], changed: [], gone: [] }

const some: Cost = {
  ...none,
  resources: [
    {
      ...nova,
      what: 'server',
      table: 'instances',
      made: [{ id: 'u1', name: 'Zoë', at: '2026-11-21 00:20:01', on: 'cmp1' }],
      changed: [{ id: 'u2', name: 'renamed' }],
    },
    { ...nova, what: 'port', table: 'ports', made: things(22), gone: [{ id: 'p1', name: '' }] },
  ],
  tables: [
    { table: 'nova.instances', made: 1, changed: 1, gone: 0, own: false },
    { table: 'nova.block_device_mapping', made: 3, changed: undefined, gone: undefined, own: false },
    { table: 'nova.services', made: 0, changed: 4, gone: 0, own: true },
  ],
}

test('everything that a revert would lose is listed with ids, names, machine and time', () => {
  expect(costText(some).split('\n')).toEqual([
    'A revert loses what the new controller has accepted since it began to serve (2026-11-21 00:20:00 UTC):',
    'Made on the new controller, unknown to the old one:',
    '  1 x server',
    '    u1  Zoë  (on cmp1, 2026-11-21 00:20:01 UTC)',
    '  22 x port',
    ...things(20).map((thing) => `    ${thing.id}  ${thing.name}`),
    '    and 2 more',
    'Changed on the new controller; the old one has their earlier state:',
    '  1 x server',
    '    u2  renamed',
    'Deleted on the new controller; the old one still lists them, though parts may be gone:',
    '  1 x port',
    '    p1  ',
    'Rows:',
    '  nova.instances: 1 made, 1 changed',
    '  nova.block_device_mapping: 3 made, changes not known',
    'Written by the services themselves, not a loss: nova.services',
  ])
})

test('the file lists everything', () => {
  expect(costText(some, Number.POSITIVE_INFINITY)).toContain('id-21  n21')
  expect(costText(some, Number.POSITIVE_INFINITY)).not.toContain('more')
})

test('heartbeats alone are not a loss', () => {
  expect(costText({ ...none, tables: some.tables.filter((one) => one.own) })).toMatch(
    /^The new controller has accepted nothing/,
  )
})
