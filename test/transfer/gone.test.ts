import { expect, test } from 'vitest'
import { goneOption, releaseIndex } from '../../src/transfer/gone.ts'
import { goneLines } from '../../src/transfer/rules.ts'

test.each([
  ['nova', 'DEFAULT', 'use_neutron', 'ussuri', undefined],
  ['nova', 'DEFAULT', 'glance_api_servers', 'kilo', { section: 'glance', name: 'api_servers' }],
  ['nova', 'oslo_messaging_rabbit', 'rabbit_host', 'stein', undefined],
  ['neutron', 'agent', 'prevent_arp_spoofing', 'pike', undefined],
  ['cinder', 'DEFAULT', 'iscsi_ip_address', 'stein', { section: 'DEFAULT', name: 'target_ip_address' }],
  ['cinder', 'lvm', 'coprhd_hostname', 'stein', undefined],
  ['glance', 'glance_store', 'sheepdog_store_address', 'ussuri', undefined],
])('%s [%s] %s is gone since %s', (project, section, name, release, to) => {
  expect(goneOption(project, section, name)).toEqual({ release, ...(to === undefined ? {} : { to }) })
})

test('an option that was never removed is not known', () => {
  expect(goneOption('nova', 'DEFAULT', 'my_ip')).toBeUndefined()
  expect(goneOption('keystone', 'DEFAULT', 'use_neutron')).toBeUndefined()
})

test('every release in the data exists', () => {
  const names = new Set(goneLines.map((line) => line.split('\t')[1] ?? ''))
  expect(names.size).toBeGreaterThan(20)
  for (const name of names) expect(releaseIndex(name)).toBeGreaterThan(1)
  expect(releaseIndex('master')).toBeGreaterThan(releaseIndex('2026.1'))
})
