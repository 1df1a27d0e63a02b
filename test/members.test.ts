import { describe, expect, test } from 'vitest'
import { galeraOf } from '../src/ask/facts-galera.ts'
import { brokerOf } from '../src/ask/facts-rabbitmq.ts'
import { treesOf } from '../src/ask/member.ts'
import { memberIn, membersIn } from '../src/ask/members.ts'
import { holding, keptIn, readFrom, runningOn } from '../src/ask/roles.ts'
import { brokerFaults, galeraFaults } from '../src/checks/clusters.ts'
import { driftOf } from '../src/checks/drift.ts'
import { resourcesOf } from '../src/checks/members.ts'
import type { Galera, Member } from '../src/survey.ts'
import { settings, surveyed } from './fixtures/facts/survey.ts'

const synced: Galera = {
  cluster: 'c1',
  status: 'Primary',
  state: 'Synced',
  ready: true,
  size: 3,
  addresses: ['10.20.0.11:3306', '10.20.0.12:3306', '10.20.0.13:3306'],
}
const member = (number: number, more: Partial<Member> = {}): Member => ({
  name: `source:ctl${number}`,
  side: {
    ...surveyed.source,
    hostname: `ctl${number}`,
    addresses: [
      { interface: 'lo', address: '127.0.0.1', prefix: 8 },
      { interface: 'eth0', address: `10.20.0.1${number}`, prefix: 24 },
    ],
  },
  running: ['nova-api'],
  galera: synced,
  trees: {},
  clients: 10 * number,
  ...more,
})
const three = [member(1), member(2), member(3)] as const

describe('roles', () => {
  test('the machines that run a unit or have an address', () => {
    const held = { ...surveyed.source, addresses: [{ interface: 'eth0', address: '10.20.0.10', prefix: 24 }] }
    const all = [member(1), member(2, { running: ['cinder-volume'], side: held }), member(3)]
    expect(runningOn(all, 'nova-api')).toEqual(['source:ctl1', 'source:ctl3'])
    expect(runningOn(all, 'cinder-volume')).toEqual(['source:ctl2'])
    expect(holding(all, '10.20.0.10')).toEqual(['source:ctl2'])
    expect(holding(all, '127.0.0.1')).toEqual([])
  })

  test('databases are read from the synced member with the fewest clients, else from the first machine', () => {
    const busy = member(1, { clients: 90 })
    const donor = member(2, { clients: 0, galera: { ...synced, state: 'Donor/Desynced' } })
    const stranger = member(3, { clients: 1, galera: { ...synced, cluster: 'c2' } })
    const idle = member(4, { clients: 3 })
    expect(readFrom([busy, donor, stranger, idle])).toBe('source:ctl4')
    expect(readFrom([busy, donor])).toBe('source:ctl1')
    const { galera: _, ...plain } = member(1)
    expect(readFrom([plain, member(2)])).toBe('source:ctl1')
  })

  test('files are on one machine, on every machine, or on a share', () => {
    const tree = (from: string, sum = 'a', files = 2) => ({ '/images': { files, bytes: 9, from, sum } })
    const kept = (...trees: readonly Member['trees'][]) =>
      keptIn(trees.map((one, index) => member(index + 1, { trees: one })))[0]
    expect(kept(tree('/dev/sda'), tree('/dev/sda', '0', 0))).toMatchObject({ on: ['source:ctl1'], alike: false })
    expect(kept(tree('/dev/sda'), tree('/dev/sda'))).toMatchObject({ shared: false, alike: true })
    expect(kept(tree('/dev/sda'), tree('/dev/sda', 'b'))).toMatchObject({ shared: false, alike: false })
    expect(kept(tree('nas:/images'), tree('nas:/images', 'b'))).toMatchObject({ shared: true })
    expect(treesOf('2\t1000\tnas:/images\tab12\t/var/lib/glance/images\n')).toEqual({
      '/var/lib/glance/images': { files: 2, bytes: 1000, from: 'nas:/images', sum: 'ab12' },
    })
  })

  test('a survey of an older swapctl has one machine; a machine that was not surveyed is not guessed', () => {
    expect(membersIn(surveyed, settings).map(({ name, running }) => [name, running])).toEqual([
      ['source', ['nova-api']],
    ])
    expect(() => memberIn(surveyed, settings, 'source:ctl2')).toThrow('was not part of the swap when it was prepared')
  })
})

describe('a Galera cluster', () => {
  const status = {
    wsrep_provider_name: 'Galera',
    wsrep_cluster_state_uuid: 'c1',
    wsrep_cluster_status: 'Primary',
    wsrep_local_state_comment: 'Synced',
    wsrep_ready: 'ON',
    wsrep_cluster_size: '3',
    wsrep_incoming_addresses: '10.20.0.11:3306,AUTO,',
  }

  test('is parsed from the status variables; a server without a provider is in none', () => {
    expect(galeraOf(status)).toEqual({ ...synced, addresses: ['10.20.0.11:3306'] })
    expect(galeraOf({ ...status, wsrep_provider_name: '' })).toBeUndefined()
    expect(galeraOf({})).toBeUndefined()
  })

  test('is healthy when every member is Primary, Synced, of the same cluster and named', () => {
    const odd = (more: Partial<Galera>) =>
      galeraFaults([member(1), member(2, { galera: { ...synced, ...more } }), member(3)])
    expect(galeraFaults(three)).toEqual([])
    expect(odd({ status: 'non-Primary', ready: false })).toEqual(['source:ctl2: non-Primary, Synced, wsrep_ready OFF'])
    expect(odd({ state: 'Joined' })).toEqual(['source:ctl2: Primary, Joined, wsrep_ready ON'])
    expect(odd({ cluster: 'c2' })).toEqual(['source:ctl2: is in another cluster than source:ctl1'])
    expect(odd({ size: 2, addresses: [] })).toEqual(['source:ctl2: its cluster has 2 members, the settings list 3'])
    expect(galeraFaults(three.slice(0, 2))[0]).toBe(
      'source:ctl1: its cluster has 3 members (10.20.0.11:3306, 10.20.0.12:3306, 10.20.0.13:3306), the settings list 2',
    )
  })

  test('a server outside the cluster, or two servers without one, are reported', () => {
    const { galera: _, ...plain } = member(2)
    expect(galeraFaults([member(1, { galera: { ...synced, size: 1 } }), plain])).toEqual([
      'source:ctl2: its MariaDB is not in a cluster',
    ])
    const { galera: __, ...other } = member(1)
    expect(galeraFaults([other, plain])).toEqual([
      'source:ctl1, source:ctl2: each has a MariaDB, but they form no cluster',
    ])
    expect(galeraFaults([other, { ...plain, side: { ...plain.side, mariadb: undefined } }])).toEqual([])
  })
})

test("a broker's cluster is healthy when no node is lost, stopped or elsewhere", () => {
  const nodes = ['rabbit@ctl1', 'rabbit@ctl2']
  const broker = { nodes, running: nodes, partitioned: [] }
  const faults = (more: object) => brokerFaults([member(1, { broker }), member(2, { broker: { ...broker, ...more } })])
  expect(faults({})).toEqual([])
  expect(faults({ partitioned: ['rabbit@ctl1'] })).toEqual(['source:ctl2: partitioned from rabbit@ctl1'])
  expect(faults({ running: ['rabbit@ctl2'] })).toEqual(['source:ctl2: not running: rabbit@ctl1'])
  expect(faults({ nodes: ['rabbit@ctl2'], running: ['rabbit@ctl2'] })).toEqual([
    'source:ctl2: is in another cluster than source:ctl1',
  ])
  expect(
    brokerOf({
      disk_nodes: ['rabbit@ctl1', 'rabbit@ctl2'],
      ram_nodes: [],
      running_nodes: ['rabbit@ctl1'],
      partitions: { 'rabbit@ctl1': ['rabbit@ctl2'] },
    }),
  ).toEqual({ nodes, running: ['rabbit@ctl1'], partitioned: ['rabbit@ctl2'] })
})

test('drift is a difference other than own addresses and names, and never shows a value', () => {
  const on = (number: number, ...values: readonly string[]) => ({
    member: member(number),
    settings: values.map((value, index) => ({ file: '/etc/nova/nova.conf', key: `k${index}`, value })),
  })
  expect(driftOf([on(1, '10.20.0.11', 'ctl1'), on(2, '10.20.0.12', 'ctl2')])).toEqual([])
  expect(driftOf([on(1, 'a,10.20.0.11,10.20.0.12'), on(2, 'a,10.20.0.11,10.20.0.12')])).toEqual([])
  expect(driftOf([on(1, 'x', 'secret-a'), on(2, 'x', 'secret-b')])).toEqual(['source:ctl2: /etc/nova/nova.conf: k1'])
  expect(driftOf([on(1, 'x'), on(2, 'x', 'y')])).toEqual(['source:ctl2: /etc/nova/nova.conf: k1'])
  expect(driftOf([on(1, '10.20.0.110'), on(2, '10.20.0.120')])).toHaveLength(1)
})

test('units managed by pacemaker are read from its configuration', () => {
  const text = `<primitive id="a" class="systemd" type="cinder-volume"/><primitive type="IPaddr2" class="ocf" id="b">
    <primitive id="c" class="service" type="nova-consoleauth.service">`
  expect(resourcesOf(text)).toEqual(['cinder-volume', 'nova-consoleauth'])
})
