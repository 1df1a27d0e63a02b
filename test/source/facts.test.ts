import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  commands,
  fileSystems,
  hears,
  listeners,
  memory,
  network,
  packages,
  runningUnits,
  sizes,
  system,
  unitStates,
} from '../../src/ask/facts.ts'

const recorded = (name: string): string => readFileSync(join(import.meta.dirname, '../fixtures/facts', name), 'utf8')

describe('addresses', () => {
  test('of Debian 11, with the address that moves on the interface that holds it', () => {
    const { addresses, interfaces } = network.parse(recorded('ip-addr-bullseye.txt'))
    expect(addresses.filter((one) => one.interface === 'eth0')).toEqual([
      { interface: 'eth0', address: '10.20.0.11', prefix: 24 },
      { interface: 'eth0', address: '10.20.0.10', prefix: 24 },
    ])
    expect(interfaces).toContainEqual({ name: 'eth0', mac: '02:20:00:0b:00:00', up: true })
  })

  test('of CentOS 6: VLANs, tunnels, interfaces that are down or have no address', () => {
    const { addresses, interfaces } = network.parse(recorded('ip-addr-centos6.txt'))
    expect(interfaces.map(({ name, up }) => `${name} ${up}`)).toEqual([
      'lo true',
      'eth0 true',
      'eth1 false',
      'eth0.100 true',
      'tun0 true',
    ])
    expect(addresses).toEqual([
      { interface: 'lo', address: '127.0.0.1', prefix: 8 },
      { interface: 'lo', address: '::1', prefix: 128 },
      { interface: 'eth0', address: '192.168.1.4', prefix: 24 },
      { interface: 'eth0', address: '192.168.1.10', prefix: 32 },
      { interface: 'eth0', address: 'fe80::5054:ff:feab:cd01', prefix: 64 },
      { interface: 'eth0.100', address: '172.16.0.4', prefix: 16 },
      { interface: 'tun0', address: '10.8.0.6', prefix: 32 },
    ])
  })

  test('of Debian 13, in a container', () => {
    const { addresses } = network.parse(recorded('ip-addr-trixie.txt'))
    expect(addresses.map((one) => `${one.address} ${one.interface}`)).toEqual([
      '127.0.0.1 lo',
      '::1 lo',
      '10.20.0.12 eth0',
      '10.30.0.12 eth1',
    ])
  })
})

test('listening sockets from old and new ss: a star is every address', () => {
  expect(listeners.parse(recorded('ss-bullseye.txt'))).toContainEqual({ address: '0.0.0.0', port: 3306 })
  expect(listeners.parse(recorded('ss-bullseye.txt'))).toContainEqual({ address: '*', port: 5672 })
  expect(listeners.parse(recorded('ss-trixie.txt'))).toEqual([
    { address: '0.0.0.0', port: 22 },
    { address: '::', port: 22 },
  ])
  // iproute2 before 4.15: an IPv6 socket without an IPv4 one beside it may accept both
  expect(
    listeners.parse(
      'LISTEN 0 128 *:22 *:*\nLISTEN 0 128 :::22 :::*\nLISTEN 0 128 :::5672 :::*\nLISTEN 0 5 *:3306 *:*\n',
    ),
  ).toEqual([
    { address: '0.0.0.0', port: 22 },
    { address: '::', port: 22 },
    { address: '*', port: 5672 },
    { address: '0.0.0.0', port: 3306 },
  ])
  expect(listeners.parse('LISTEN 0 80 10.20.0.10:3306 *:*\nLISTEN 0 80 [::ffff:10.0.0.1%eth0]:80 *:*\n')).toEqual([
    { address: '10.20.0.10', port: 3306 },
    { address: '10.0.0.1', port: 80 },
  ])
})

test.each([
  ['0.0.0.0', '10.20.0.10', true],
  ['0.0.0.0', 'fd00:20::10', false],
  ['::', '10.20.0.10', false],
  ['::', 'fd00:20::10', true],
  ['*', '10.20.0.10', true],
  ['*', 'fd00:20::10', true],
  ['10.20.0.1', '10.20.0.10', false],
  ['fd00:20:0::10', 'fd00:20::10', true],
])('a socket at %s accepts connections to %s: %s', (address, at, takes) =>
  expect(hears({ address, port: 1 }, at)).toBe(takes),
)

test('installed packages with their source package; removed ones with config files left are not installed', () => {
  const found = packages.parse(`${recorded('packages-bullseye.txt')}rc \tnova-compute\tnova\t2:22.0.1-2\n`)
  expect(found).toContainEqual({ name: 'nova-common', source: 'nova', version: '2:22.0.1-2+deb11u1' })
  expect(found.some((one) => one.name === 'nova-compute')).toBe(false)
})

test('running units, whatever mark systemctl prints before a failed one', () => {
  const text = [
    'nova-api.service loaded active running OpenStack Compute API',
    '● tgt.service loaded failed failed (i)SCSI target daemon',
    'heat-engine.service loaded activating auto-restart Heat Engine',
    'done.service loaded inactive dead Done',
  ].join('\n')
  expect(runningUnits.parse(text)).toEqual(['nova-api', 'heat-engine'])
  expect(runningUnits.parse(recorded('units-bullseye.txt'))).toContain('ssh')
})

test('states of units, including one that does not exist', () => {
  expect(unitStates(['a']).parse(recorded('unit-states.txt'))).toEqual([
    { unit: 'nova-api', load: 'loaded', active: 'inactive', file: 'disabled' },
    { unit: 'keystone', load: 'loaded', active: 'inactive', file: 'enabled' },
    { unit: 'nosuch', load: 'not-found', active: 'inactive', file: '' },
  ])
})

test('free bytes of the file systems of these paths, including mount points with spaces', () => {
  expect(
    fileSystems(['/'])
      .parse(recorded('df.txt'))
      .map((one) => one.mount),
  ).toEqual(['/', '/'])
  const text = 'Filesystem 1-blocks Used Available Capacity Mounted on\n/dev/sdb1 1000 400 600 40% /srv/my data\n'
  expect(fileSystems(['/srv']).parse(text)).toEqual([{ mount: '/srv/my data', free: 600 }])
})

test('system, memory, sizes, programs', () => {
  expect(system.parse(recorded('os-release-bullseye.txt'))).toBe('debian 11')
  expect(system.parse('ID="centos"\nVERSION_ID="7"\n')).toBe('centos 7')
  expect(memory.parse('MemTotal:       24684084 kB\nMemFree: 1 kB\n')).toBe(24684084 * 1024)
  expect(sizes(['/a']).parse('120\t/a\n7\t/b c\n')).toEqual({ '/a': 120, '/b c': 7 })
  expect(commands(['tar', 'nft']).parse('/usr/bin/tar\n')).toEqual(['tar'])
})
