import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CheckContext } from '../../src/ask/check.ts'
import { treesAt } from '../../src/ask/member.ts'
import { ask } from '../../src/ask/question.ts'
import { asCheck } from '../../src/checks/host-check.ts'
import { memberChecks } from '../../src/checks/members.ts'
import { peerChecks } from '../../src/checks/peers.ts'
import { serverChecks } from '../../src/checks/servers.ts'
import { serviceChecks } from '../../src/services/checks.ts'
import { recipes } from '../../src/services/index.ts'
import type { Member } from '../../src/survey.ts'
import { settings, surveyed } from '../fixtures/facts/survey.ts'
import { startMariadb } from './mariadb.ts'
import { type Box, type Net, openNet } from './namespaces.ts'

let net: Net
let boxes: readonly [Box, Box]

const [machine] = settings.source.machines
const names = ['source:ctl1', 'source:ctl2'] as const

const member = (index: 0 | 1, more: Partial<Member> = {}): Member => ({
  name: names[index],
  side: {
    ...surveyed.source,
    hostname: `ctl${index + 1}`,
    addresses: [{ interface: 'eth0', address: `10.77.81.1${index + 1}`, prefix: 24 }],
    mariadb: undefined,
  },
  running: [],
  trees: {},
  clients: 0,
  ...more,
})

const find = async (
  id: string,
  members: readonly [Member, Member] = [member(0), member(1)],
  hosts: CheckContext['hosts'] = (name) => boxes[name === 'source:ctl2' ? 1 : 0].host(name),
): Promise<readonly string[]> => {
  const check =
    [...memberChecks.map(asCheck), ...serverChecks, ...peerChecks, ...serviceChecks].find((one) => one.id === id) ??
    expect.fail(`no check ${id}`)
  const context = {
    config: {
      ...settings,
      source: {
        ...settings.source,
        machines: [
          { ...machine, name: 'ctl1' },
          { ...machine, name: 'ctl2' },
        ],
      },
    },
    survey: { ...surveyed, members },
    recipes,
    recreate: false,
    claimed: false,
    hosts,
  } as CheckContext
  return (await check.ask(context)).map(({ level, says }) => `${level}: ${says}`)
}

const on = (index: 0 | 1, script: string) => boxes[index].ask('sh', '-ec', script)

/** A program that prints this on one machine, and is missing on the other. */
const stand = (index: 0 | 1, program: string, says: string) =>
  on(
    index,
    `mkdir -p /run/up /run/work; mountpoint -q /usr/bin || mount -t overlay overlay -o lowerdir=/usr/bin,upperdir=/run/up,workdir=/run/work /usr/bin
     printf '%s' '${says}' > /etc/${program}.txt; printf '#!/bin/sh\\ncat /etc/${program}.txt\\n' > /usr/bin/${program}; chmod 755 /usr/bin/${program}`,
  )

beforeAll(async () => {
  net = await openNet('swapctl-members')
  boxes = [await net.box('ctl1', ['10.77.81.11/24']), await net.box('ctl2', ['10.77.81.12/24'])]
}, 60_000)
afterAll(() => net?.close())

test("source/drift: names options that differ in more than the machine's own address or name", async () => {
  const write = (index: 0 | 1, more: string) =>
    on(
      index,
      `mkdir -p /etc/nova; printf '[DEFAULT]\\nmy_ip = 10.77.81.1${index + 1}\\nhost = ctl${index + 1}\\n${more}\\n' > /etc/nova/nova.conf`,
    )
  await write(0, 'workers = 4')
  await write(1, 'workers = 4')
  expect(await find('source/drift')).toEqual([])
  await write(1, 'workers = 8')
  expect(await find('source/drift')).toEqual([
    'warn: settings that differ from ctl1 of the source: source:ctl2: /etc/nova/nova.conf: workers',
  ])
})

test('source/first-addresses: an address on another machine', async () => {
  const moving = { interface: 'eth0', address: '10.20.0.10', prefix: 24 }
  const held = (index: 0 | 1) => member(index, { side: { ...member(index).side, addresses: [moving] } })
  expect(await find('source/first-addresses', [held(0), member(1)])).toEqual([])
  expect(await find('source/first-addresses', [member(0), held(1)])).toEqual([
    'block: 10.20.0.10 is on ctl2 of the source',
  ])
})

test('source/first-files: files that another machine has and the first does not', async () => {
  const path = '/var/lib/swapctl-images'
  const trees = async (index: 0 | 1) =>
    member(index, { trees: await ask(boxes[index].host(names[index]), treesAt([path, '/nowhere'])) })
  await on(0, `mkdir -p ${path}; echo one > ${path}/a`)
  await on(1, `mkdir -p ${path}`)
  expect((await trees(0)).trees).toEqual({
    [path]: { files: 1, bytes: 4, from: expect.stringMatching(/\S/), sum: expect.stringMatching(/^[0-9a-f]{16}$/) },
  })
  expect(await find('source/first-files', [await trees(0), await trees(1)])).toEqual([])
  await on(1, `echo one > ${path}/a`)
  expect(await find('source/first-files', [await trees(0), await trees(1)])).toEqual([])
  // Keys have the same names and sizes on machines that do not share them.
  await on(1, `echo two > ${path}/a`)
  expect(await find('source/first-files', [await trees(0), await trees(1)])).toHaveLength(1)
  await on(1, `echo two > ${path}/b`)
  expect(await find('source/first-files', [await trees(0), await trees(1)])).toEqual([
    `block: the files in ${path} differ between 2 machines; found on ctl1 of the source, ctl2 of the source`,
  ])
})

test('cinder/first-volumes: volumes on the disks of another machine', async () => {
  const serving = member(1, { running: ['cinder-volume'] })
  const write = (driver: string) =>
    on(
      1,
      `mkdir -p /etc/cinder; printf '[DEFAULT]\\nenabled_backends = b\\n[b]\\nvolume_driver = ${driver}\\n' > /etc/cinder/cinder.conf`,
    )
  await write('cinder.volume.drivers.rbd.RBDDriver')
  expect(await find('cinder/first-volumes', [member(0), serving])).toEqual([])
  await write('cinder.volume.drivers.lvm.LVMVolumeDriver')
  expect(await find('cinder/first-volumes', [member(0), serving])).toEqual([
    'block: ctl2 of the source serves local volumes: b',
  ])
  expect(await find('cinder/first-volumes', [member(0), member(1)])).toEqual([])
})

test('source/other-keepers: a VRRP backup that would take the address', async () => {
  expect(await find('source/other-keepers')).toEqual([])
  await on(
    1,
    `mkdir -p /etc/keepalived; printf 'vrrp_instance a {\\n virtual_ipaddress {\\n  10.20.0.10/24\\n }\\n}\\n' > /etc/keepalived/keepalived.conf`,
  )
  expect(await find('source/other-keepers')).toEqual([
    'block: ctl2 of the source would take 10.20.0.10: keepalived: /etc/keepalived/keepalived.conf, line 3',
  ])
})

test('source/unlisted: a machine that the settings of MariaDB or keepalived name', async () => {
  expect(await find('source/unlisted')).toEqual([])
  const members = 'gcomm://10.77.81.11,ctl2,10.77.81.13'
  await stand(0, 'mysql', `wsrep_cluster_address\t${members}`)
  await on(
    1,
    `printf 'vrrp_instance a {\\n unicast_peer {\\n 10.77.81.11\\n 10.77.81.14\\n }\\n}\\n' > /etc/keepalived/keepalived.conf`,
  )
  expect(await find('source/unlisted', [member(0, { running: ['nova-api', 'ssh'] }), member(1)])).toEqual([
    expect.stringMatching(
      /^block: 10\.77\.81\.13 belongs to the source according to Galera, but no \[source\] section/,
    ),
    expect.stringMatching(/^block: 10\.77\.81\.14 belongs to the source according to keepalived, but no/),
  ])
  await on(0, 'rm /usr/bin/mysql')
  await on(1, 'rm /etc/keepalived/keepalived.conf')
})

test('rabbitmq/members: nodes that have lost each other', async () => {
  const status = (partitions: string) =>
    `{"disk_nodes":["rabbit@ctl1","rabbit@ctl2"],"running_nodes":["rabbit@ctl1","rabbit@ctl2"],"partitions":${partitions}}`
  await stand(0, 'rabbitmqctl', status('{}'))
  await stand(1, 'rabbitmqctl', status('{}'))
  expect(await find('rabbitmq/members')).toEqual([])
  await stand(1, 'rabbitmqctl', status('{"rabbit@ctl2":["rabbit@ctl1"]}'))
  expect(await find('rabbitmq/members')).toEqual([
    "block: the source's RabbitMQ: source:ctl2: partitioned from rabbit@ctl1",
  ])
})

test('source/tracked-scripts: a script that fails when the services stop', async () => {
  expect(await find('source/tracked-scripts')).toEqual([])
  const instance =
    'vrrp_instance a {\\n interface eth0\\n virtual_router_id 9\\n virtual_ipaddress {\\n  10.20.0.10/24\\n }\\n}\\n'
  const scripts =
    'vrrp_script api {\\n script "curl -sf localhost:5000"\\n}\\nvrrp_script lb {\\n script "killall -0 haproxy"\\n}\\n'
  await on(
    1,
    `printf '${scripts}${instance}' > /run/vrrp.conf; nohup keepalived -n -f /run/vrrp.conf -p /run/ka -r /run/ka-vrrp >/dev/null 2>&1 </dev/null &
for turn in $(seq 100); do test -s /run/ka && break; sleep 0.1; done`,
  )
  expect(await find('source/tracked-scripts')).toEqual([
    'warn: keepalived on ctl2 of the source tracks vrrp_script api',
  ])
  await on(1, 'kill "$(cat /run/ka)"')
})

test('source/managed-units: a resource that would restart a service', async () => {
  expect(await find('source/managed-units')).toEqual([])
  await stand(1, 'cibadmin', '<cib><primitive id="v" class="systemd" type="cinder-volume"/></cib>')
  expect(await find('source/managed-units')).toEqual(['block: pacemaker on ctl2 of the source manages cinder-volume'])
})

test('database/members-differ: a MyISAM row exists only where it was written', async () => {
  const servers = await Promise.all([startMariadb(), startMariadb()])
  const served = (index: 0 | 1) => member(index, { side: { ...member(index).side, mariadb: {} } })
  const differing = () =>
    find('database/members-differ', [served(0), served(1)], (name) => servers[name === 'source:ctl2' ? 1 : 0].host)
  for (const server of servers) {
    await (await server.db()).run('CREATE DATABASE nova')
    await server.load(
      'nova',
      'CREATE TABLE m (id INT PRIMARY KEY) ENGINE = MyISAM; CREATE TABLE i (id INT PRIMARY KEY)',
    )
  }
  try {
    await servers[1].load('nova', 'INSERT INTO i VALUES (1)')
    expect(await differing()).toEqual([])
    await servers[1].load('nova', 'INSERT INTO m VALUES (1)')
    expect(await differing()).toEqual(['block: rows differ between ctl1 of the source, ctl2 of the source: nova.m'])
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
})

test('database/accounts-differ: an account, and a password, that only one member has', async () => {
  const servers = await Promise.all([startMariadb(), startMariadb()])
  const galera = { cluster: 'c1', status: 'Primary', state: 'Synced', ready: true, size: 2, addresses: [] }
  const joined = (index: 0 | 1) => member(index, { galera, side: { ...member(index).side, mariadb: {} } })
  const differing = (members: readonly [Member, Member]) =>
    find('database/accounts-differ', members, (name) => servers[name === 'source:ctl2' ? 1 : 0].host)
  try {
    for (const server of servers) await (await server.db()).run("CREATE USER nova IDENTIFIED BY 'one'")
    expect(await differing([joined(0), joined(1)])).toEqual([])
    const other = await servers[1].db()
    await other.run("ALTER USER nova IDENTIFIED BY 'two'")
    await other.run("CREATE USER report IDENTIFIED BY 'three'")
    expect(await differing([joined(0), joined(1)])).toEqual([
      'block: database accounts that are not the same on ctl2 of the source: nova@%, report@%',
    ])
    // Servers that are no cluster are told of by another check.
    expect(await differing([joined(0), member(1, { side: joined(1).side })])).toEqual([])
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
  }
})
