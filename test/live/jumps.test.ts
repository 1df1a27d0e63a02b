import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Bed, startBed } from './jumps.ts'

// A jump of nova creates a dozen databases of a hundred tables: slow on a busy machine.
vi.setConfig({ testTimeout: 600_000 })

let bed: Bed
beforeAll(async () => {
  bed = await startBed()
})
afterAll(() => bed?.stop())

const sync = (release: string) => [`${release} nova-manage api_db sync`, `${release} nova-manage db sync`]
const online = (release: string) => `${release} nova-manage db online_data_migrations`

describe('Kilo to Pike', () => {
  const kilo = { nova_api: 'rows/kilo/nova_api', nova: 'rows/kilo/nova' }
  const newton = [...sync('newton'), online('newton'), 'newton nova-manage cell_v2 simple_cell_setup']

  test('nova through the environments of Kilo, Mitaka and Newton, with its cells and without manual work', async () => {
    const available = ['kilo', 'mitaka', 'newton']
    const ended = await bed.jump({ service: 'nova', to: 'pike', from: kilo, available })
    expect(ended.stopped).toBeUndefined()
    expect(ended.hops).toEqual(['kilo', 'mitaka', 'newton', 'pike'])
    expect(ended.found).toContain('warn nova-unmigrated-flavors')
    expect(ended.calls).toEqual([
      ...sync('kilo'),
      'kilo nova-manage db migrate_flavor_data --max-number 1000000',
      ...sync('mitaka'),
      online('mitaka'),
      ...newton,
      ...sync('pike'),
      online('pike'),
    ])
    expect(ended.revisions).toEqual({ nova_api: '44', nova_cell0: '362', nova: '362' })
    expect(ended.proofs['nova/new-databases']).toBe('nova_cell0 like nova')
  })

  test('nova without an environment of Kilo is refused before the freeze, by name', async () => {
    const ended = await bed.jump({ service: 'nova', to: 'pike', from: kilo, available: ['mitaka', 'newton'] })
    expect(ended.hops).toEqual(['mitaka', 'newton', 'pike'])
    expect(ended.found).toContain('block nova-unmigrated-flavors')
    expect(ended.calls).toEqual([])
    expect(ended.stopped).toMatch(/instances whose flavor is still in instance_system_metadata/)
  })

  test('a nova that never had an API database gets one', async () => {
    const from = { nova: 'rows/kilo-to-pike-nova/1-kilo-flavors-migrated/nova' }
    const ended = await bed.jump({ service: 'nova', to: 'pike', from, available: ['mitaka', 'newton'] })
    expect(ended.stopped).toBeUndefined()
    expect(ended.proofs['nova/new-databases']).toBe('nova_api like nova, nova_cell0 like nova')
    expect(ended.calls).toEqual([...sync('mitaka'), online('mitaka'), ...newton, ...sync('pike'), online('pike')])
    expect(ended.revisions).toEqual({ nova_api: '44', nova_cell0: '362', nova: '362' })
  })

  test('a cloud without computes is told before the freeze that it will have no cell', async () => {
    const from = { nova_api: 'kilo/nova_api', nova: 'kilo/nova' }
    const ended = await bed.jump({ service: 'nova', to: 'pike', from, available: ['mitaka', 'newton'] })
    expect(ended.found).toContain('block nova-no-computes')
  })

  test.each([
    ['keystone', ['pike'], ['keystone-manage db_sync'], '109 contract 24 data_migrate 24 expand 24'],
    ['glance', ['newton', 'pike'], ['glance-manage db_sync', 'glance-manage db_sync'], 'pike01'],
    ['neutron', ['pike'], ['neutron-db-manage upgrade heads'], '5c85685d616d 7d32f979895f'],
    [
      'cinder',
      ['mitaka', 'ocata', 'pike'],
      [
        'cinder-manage db sync',
        'cinder-manage db sync',
        'cinder-manage db online_data_migrations',
        'cinder-manage db sync',
        'cinder-manage db online_data_migrations',
      ],
      '105',
    ],
    ['heat', ['newton', 'pike'], ['heat-manage db_sync', 'heat-manage db_sync'], '80'],
  ] as const)('%s ends where the tools of Pike end', async (service, hops, calls, revision) => {
    const ended = await bed.jump({ service, to: 'pike', from: { [service]: `kilo/${service}` } })
    expect(ended.stopped).toBeUndefined()
    expect(ended.hops).toEqual(hops)
    expect(ended.calls.map((call) => call.replace(/^\w+ /, ''))).toEqual(calls)
    expect(ended.revisions[service]).toBe(revision)
  })
})

test('Newton to Pike: without cells Pike refuses once, creates them, and continues', async () => {
  const stage = 'rows/kilo-to-pike-nova/5-newton-online-done'
  const from = { nova_api: `${stage}/nova_api`, nova: `${stage}/nova` }
  const ended = await bed.jump({ service: 'nova', to: 'pike', from, available: [] })
  expect(ended.stopped).toBeUndefined()
  expect(ended.found).toContain('warn nova-api-cells')
  const setup = 'pike nova-manage cell_v2 simple_cell_setup'
  expect(ended.calls).toEqual([...sync('pike'), setup, ...sync('pike'), online('pike')])
  expect(ended.revisions).toEqual({ nova_api: '44', nova_cell0: '362', nova: '362' })
})

test.each([
  ['nova', { nova: 'rows/havana/nova' }, 'icehouse', ['icehouse'], ['icehouse nova-manage db sync'], '233'],
  [
    'nova',
    { nova: 'grizzly/nova' },
    'icehouse',
    ['havana', 'icehouse'],
    ['havana nova-manage db sync', 'icehouse nova-manage db sync'],
    '233',
  ],
  [
    'neutron',
    { neutron: 'havana/neutron' },
    'icehouse',
    ['icehouse'],
    ['icehouse neutron-db-manage upgrade head'],
    'icehouse',
  ],
  [
    'cinder',
    { cinder: 'liberty/cinder' },
    'ocata',
    ['newton', 'ocata'],
    ['newton cinder-manage db sync', 'ocata cinder-manage db sync', 'ocata cinder-manage db online_data_migrations'],
    '96',
  ],
  [
    'cinder',
    { cinder: 'stein/cinder' },
    'train',
    ['train'],
    ['train cinder-manage db sync --bump-versions', 'train cinder-manage db online_data_migrations'],
    '132',
  ],
] as const)('%s %o to %s', async (service, from, to, hops, calls, revision) => {
  const ended = await bed.jump({ service, to, from })
  expect(ended.stopped).toBeUndefined()
  expect(ended.hops).toEqual(hops)
  expect(ended.calls).toEqual(calls)
  expect(ended.revisions[service]).toBe(revision)
})

test('Havana without a version table is stamped before it is upgraded', async () => {
  const from = { neutron: 'havana/neutron-unversioned' }
  const ended = await bed.jump({ service: 'neutron', to: 'icehouse', from })
  expect(ended.stopped).toBeUndefined()
  expect(ended.found).toEqual(['warn neutron-unversioned'])
  expect(ended.calls).toEqual(['icehouse neutron-db-manage stamp havana', 'icehouse neutron-db-manage upgrade head'])
  expect(ended.revisions['neutron']).toBe('icehouse')
})

test('Kilo to Victoria, cinder: Train gives volumes their type on the way', async () => {
  const rows = { cinder: "INSERT INTO volumes (id, deleted, volume_type_id) VALUES ('v-1', 0, NULL)" }
  const ended = await bed.jump({ service: 'cinder', to: 'victoria', from: { cinder: 'kilo/cinder' }, rows })
  expect(ended.stopped).toBeUndefined()
  expect(ended.hops).toEqual(['mitaka', 'ocata', 'rocky', 'train', 'victoria'])
  expect(ended.calls.filter((call) => call.includes('online'))).toEqual([
    'ocata cinder-manage db online_data_migrations',
    'train cinder-manage db online_data_migrations',
    'victoria cinder-manage db online_data_migrations',
  ])
  expect(ended.revisions).toEqual({ cinder: '140' })
})

test('Queens to Train, cinder: does not wait for services that are absent, and SQL sets uuids', async () => {
  const rows = {
    cinder:
      "INSERT INTO services (host, `binary`, report_count, uuid, deleted) VALUES ('a@lvm', 'cinder-volume', 0, NULL, 0)",
  }
  const ended = await bed.jump({ service: 'cinder', to: 'train', from: { cinder: 'queens/cinder' }, rows })
  expect(ended.stopped).toBeUndefined()
  expect(ended.found).toEqual(['warn cinder-service-uuids'])
  expect(ended.calls.filter((call) => call.includes('online'))).toEqual([
    'train cinder-manage db online_data_migrations',
  ])
  expect(ended.revisions).toEqual({ cinder: '132' })
})

test('Stein to Train, placement: the sync refuses, its own data migrations fix that, the sync continues', async () => {
  const rows = { placement: "INSERT INTO resource_providers (id, uuid, root_provider_id) VALUES (1, 'u1', NULL)" }
  const ended = await bed.jump({ service: 'placement', to: 'train', from: { placement: 'stein/placement' }, rows })
  expect(ended.stopped).toBeUndefined()
  const [first, cure] = ['train placement-manage db sync', 'train placement-manage db online_data_migrations']
  expect(ended.calls).toEqual([first, cure, first, cure])
  expect(ended.revisions).toEqual({ placement: 'b5c396305c25' })
})
