import { expect, test } from 'vitest'
import { membersNamedIn } from '../src/ask/facts-galera.ts'
import { backends, isMember, nodesOf, type Peer, peersOf, placesOf, unicastPeers } from '../src/ask/peers.ts'
import { type InitFindings, settingsText } from '../src/commands/init-text.ts'
import { membersOf } from '../src/hosts/sides.ts'
import { configOf } from '../src/settings/settings.ts'

test('peers and backends are parsed from configurations without comments', () => {
  expect(unicastPeers('vrrp_instance a {\n unicast_peer {\n  10.0.0.12\n  # 10.0.0.99\n  FD00::13\n }\n}')).toEqual([
    { by: 'keepalived', host: '10.0.0.12' },
    { by: 'keepalived', host: 'fd00::13' },
  ])
  const text =
    'backend b\n  # server old 10.0.0.98:1\n  server ctl2 10.0.0.12:5000 check\n  server x [fd00::13]:5000\n  server y unix@/run/x'
  expect(backends(text)).toEqual([
    { by: 'haproxy', host: '10.0.0.12', name: 'ctl2' },
    { by: 'haproxy', host: 'fd00::13', name: 'x' },
  ])
  expect(nodesOf(['rabbit@ctl2', 'rabbit@ctl3'], new Map([['ctl2', '10.0.0.12']]))).toEqual([
    { by: 'RabbitMQ', host: '10.0.0.12', name: 'ctl2' },
    { by: 'RabbitMQ', host: 'ctl3', name: 'ctl3' },
  ])
})

test('the members of a Galera cluster are read from its settings too, by address or name', () => {
  const places = membersNamedIn('gcomm://10.0.0.11, ctl2:4567,[fd00::13]:4567?pc.wait_prim=no')
  expect(membersNamedIn('gcomm://')).toEqual([])
  expect(membersNamedIn('dummy://')).toEqual([])
  expect(placesOf(places, new Map([['ctl2', '10.0.0.12']]))).toEqual([
    { by: 'Galera', host: '10.0.0.11' },
    { by: 'Galera', host: '10.0.0.12', name: 'ctl2' },
    { by: 'Galera', host: 'fd00::13' },
  ])
})

test("a machine is listed once, by the name others use for it; the machine's own names are left out", () => {
  const told = [
    { by: 'haproxy', host: '10.0.0.50', name: 'swift' },
    { by: 'Galera', host: '10.0.0.11' },
    { by: 'Galera', host: '10.0.0.20', name: 'ctl10' },
    { by: 'Galera', host: '10.0.0.12' },
    { by: 'RabbitMQ', host: '10.0.0.12', name: 'ctl2' },
    { by: 'RabbitMQ', host: 'CTL1', name: 'CTL1' },
    { by: 'keepalived', host: '10.0.0.13' },
    { by: 'haproxy', host: '127.0.0.1', name: 'here' },
    { by: 'haproxy', host: '10.0.0.14', name: 'target' },
  ]
  const peers = peersOf(told, ['10.0.0.11', 'ctl1'])
  expect(peers).toEqual([
    { host: '10.0.0.12', name: 'ctl2', by: ['Galera', 'RabbitMQ'] },
    { host: '10.0.0.20', name: 'ctl10', by: ['Galera'] },
    { host: '10.0.0.13', name: '10-0-0-13', by: ['keepalived'] },
    { host: '10.0.0.14', name: '10-0-0-14', by: ['haproxy'] },
    { host: '10.0.0.50', name: 'swift', by: ['haproxy'] },
  ])
  expect(peers.map(isMember)).toEqual([true, true, false, false, false])
  expect(peersOf(told.toReversed(), ['10.0.0.11', 'ctl1']).map(({ name }) => name)).toEqual(
    peers.map(({ name }) => name),
  )
})

const key = `SHA256:${'a'.repeat(43)}`
const machine = (name: string, host: string) => ({ name, host, port: 22, user: 'root', key: '/k', hostKey: key })
const found: InitFindings = {
  release: 'epoxy',
  source: machine('ctl1', '10.0.0.11'),
  target: machine('target', '10.0.0.21'),
  computes: [],
  sourceAddresses: [
    { interface: 'eth0', address: '10.0.0.11', prefix: 24 },
    { interface: 'eth0', address: '10.0.0.10', prefix: 24 },
  ],
  targetAddresses: [{ interface: 'eth0', address: '10.0.0.21', prefix: 24 }],
  endpoints: { addresses: ['10.0.0.10'], untold: [] },
}
const peer = (name: string, host: string, by: readonly string[], reached: boolean) => {
  const told: Peer = { name, host, by }
  return reached ? { ...told, machine: machine(name, host) } : told
}

test('cluster members get sections that can be read back; machines known only to a balancer, or silent, are comments', () => {
  const peers = [
    peer('ctl2', '10.0.0.12', ['Galera'], true),
    peer('ctl3', '10.0.0.13', ['RabbitMQ'], false),
    peer('swift', '10.0.0.50', ['haproxy'], true),
  ]
  const text = settingsText({ ...found, peers })
  expect(membersOf(configOf('/s.ini', text), 'source')).toEqual(['source:ctl1', 'source:ctl2'])
  expect(text).toContain(
    '; ctl3, a member according to RabbitMQ on the source.\n; LOOK: 10.0.0.13 does not answer by ssh',
  )
  expect(text).toContain(
    '; swift, a member according to haproxy on the source. If it is also a controller:\n; [source swift]\n; host',
  )
})

test('a single controller is written as before', () => {
  expect(membersOf(configOf('/s.ini', settingsText(found)), 'source')).toEqual(['source'])
  const swift = peer('swift', '10.0.0.50', ['haproxy'], true)
  expect(membersOf(configOf('/s.ini', settingsText({ ...found, peers: [swift] })), 'source')).toEqual(['source'])
})
