import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Check, CheckContext } from '../../src/ask/check.ts'
import { addressChecks } from '../../src/checks/addresses.ts'
import { hereChecks } from '../../src/checks/here.ts'
import { migrationChecks } from '../../src/checks/migrations.ts'
import { serverChecks } from '../../src/checks/servers.ts'
import { sourceChecks } from '../../src/checks/source.ts'
import { targetChecks } from '../../src/checks/target.ts'
import type { Host } from '../../src/hosts/host.ts'
import { keystoneRecipe as keystone } from '../../src/services/keystone/recipe.ts'
import { novaRecipe as nova } from '../../src/services/nova/recipe.ts'
import type { Survey } from '../../src/survey.ts'
import { settings, surveyed } from '../fixtures/facts/survey.ts'
import { load, startFast } from './historic.ts'
import type { Server } from './mariadb.ts'
import { type Box, type Net, openNet } from './namespaces.ts'

let net: Net
let boxes: Readonly<Record<'source' | 'target' | 'compute', Box>>
let server: Server

beforeAll(async () => {
  net = await openNet('swapctl-stand')
  const box = (name: string, last: number) => net.box(name, [`10.79.0.${last}/24`])
  boxes = { source: await box('source', 11), target: await box('target', 12), compute: await box('compute', 13) }
  server = await startFast()
  const db = await server.db()
  const made = await load(server, db, 'victoria/keystone')
  await db.run('CREATE DATABASE keystone')
  for (const { t } of await db.rows<{ t: string }>(
    `SELECT table_name AS t FROM information_schema.tables WHERE table_schema = '${made}' AND table_name IN ('service', 'endpoint', 'user')`,
  ))
    await db.run(`CREATE TABLE keystone.\`${t}\` AS SELECT * FROM \`${made}\`.\`${t}\` LIMIT 0`)
  const client = `mkdir -p /etc/mysql /run/up /run/work; printf '[client]\\nsocket=${server.socket}\\n' > /etc/mysql/my.cnf
    mount -t overlay overlay -o lowerdir=/usr/bin,upperdir=/run/up,workdir=/run/work /usr/bin`
  for (const one of Object.values(boxes)) await one.ask('sh', '-ec', client)
}, 60_000)
afterAll(async () => {
  await net?.close()
  await server?.stop()
})

const environment: Record<string, string> = {}
/** A box with the test's server behind its socket, and the variables of an ssh login. */
const host = (name: keyof typeof boxes): Host => {
  const own = boxes[name].host(name === 'compute' ? 'compute:c1' : name)
  const words = Object.entries(environment).map(([key, value]) => `${key}=${value}`)
  return {
    ...own,
    run: ({ argv, ...rest }) => own.run({ argv: ['env', ...words, ...argv], ...rest }),
    socket: () => server.host.socket(server.socket),
  }
}

const context = (more: Partial<CheckContext> = {}, survey: object = {}): CheckContext => ({
  config: {
    ...settings,
    addresses: [{ name: 'api', address: '10.79.0.10', prefix: 24, sourceInterface: 'eth0', targetInterface: 'eth0' }],
    counterparts: [],
    computes: [],
  },
  survey: {
    ...surveyed,
    source: { ...surveyed.source, schemas: [{ name: 'keystone', tables: 3 }] },
    services: [{ name: 'keystone', running: [], databases: [] }],
    ...survey,
  } as unknown as Survey,
  recipes: [keystone, nova],
  recreate: false,
  claimed: false,
  hosts: (name) => host(name === 'source' || name === 'target' ? name : 'compute'),
  ...more,
})

const all: readonly Check[] = [
  ...sourceChecks,
  ...addressChecks,
  ...hereChecks,
  ...targetChecks,
  ...serverChecks,
  ...migrationChecks,
]
const find = async (id: string, with_ = context()): Promise<readonly string[]> => {
  const check = all.find((one) => one.id === id) ?? expect.fail(`no check ${id}`)
  return (await check.ask(with_)).map((one) => `${one.level}: ${one.says}`)
}
const on = (name: keyof typeof boxes, script: string) => boxes[name].ask('sh', '-ec', script)
const stub = (name: string) => `printf '#!/bin/sh\\n' > /usr/bin/${name}; chmod 755 /usr/bin/${name}`

test('source/programs and target/programs: a program that swapctl needs is missing', async () => {
  await on('source', stub('rabbitmqctl'))
  expect(await find('source/programs')).not.toContain('block: the source has no rabbitmqctl')
  await on('source', 'rm /usr/bin/rabbitmqctl')
  expect(await find('source/programs')).toContain('block: the source has no rabbitmqctl')
  expect(await find('target/programs')).not.toContain('block: the target has no ps')
  await on('target', 'rm /usr/bin/ps')
  expect(await find('target/programs')).toContain('block: the target has no ps')
})

/** Listens, and once its queue is full the kernel answers nobody. */
const full = `import socket, time
one = socket.create_server(('127.0.0.1', 0), backlog=0)
at = one.getsockname()
kept = [socket.socket() for _ in range(4)]
for each in kept:
    each.setblocking(False)
    each.connect_ex(at)
print(at[1], flush=True)
time.sleep(60)
`

test('address/here: an API that does not answer this machine', async () => {
  const db = await server.db()
  const moving = { name: 'api', address: '127.0.0.1', prefix: 8, sourceInterface: 'lo', targetInterface: 'lo' }
  const here = context({ config: { ...context().config, addresses: [moving] } })
  const at = async (port: number) => {
    await db.run('DELETE FROM keystone.service')
    await db.run('DELETE FROM keystone.endpoint')
    await db.run("INSERT INTO keystone.service (id, type, enabled) VALUES ('s', 'compute', 1)")
    await db.run(
      "INSERT INTO keystone.endpoint (id, service_id, interface, url, enabled) VALUES ('e', 's', 'public', ?, 1)",
      [`http://127.0.0.1:${port}/v2.1`],
    )
    return find('address/here', here)
  }
  const open = createServer().listen(0, '127.0.0.1')
  await once(open, 'listening')
  const { port } = open.address() as AddressInfo
  expect(await at(port)).toEqual([])
  open.close()
  expect(await at(port)).toEqual([])
  const silent = execa('python3', ['-c', full])
  const [first] = await once(silent.stdout, 'data')
  expect(await at(Number(first))).toEqual([`block: 127.0.0.1, port ${Number(first)}: no answer in 5 s`])
  silent.kill()
  await silent.catch(() => undefined)
})

test('source/mariadb and source/rabbitmq: servers that do not answer', async () => {
  expect(await find('source/mariadb')).toEqual([])
  const silent = { source: { ...surveyed.source, mariadb: undefined } }
  expect(await find('source/mariadb', context({}, silent))).toEqual([
    "block: root cannot log in to the source's MariaDB",
  ])
  const exports = (users: string) =>
    on(
      'source',
      `printf '#!/bin/sh\\necho '\\''{"users":[${users}]}'\\''\\n' > /usr/bin/rabbitmqctl; chmod 755 /usr/bin/rabbitmqctl`,
    )
  await exports('{"name":"nova"}')
  expect(await find('source/rabbitmq')).toEqual([])
  await exports('')
  expect(await find('source/rabbitmq')).toEqual(["block: the source's RabbitMQ has no users"])
  await on('source', 'rm /usr/bin/rabbitmqctl')
  expect(await find('source/rabbitmq')).toEqual([
    "block: the source's RabbitMQ does not export its users and permissions",
  ])
})

const offer = async (type: string, url: string): Promise<void> => {
  await server.load(
    'keystone',
    `SET SESSION sql_mode = ''; INSERT INTO service (id, type, enabled) VALUES ('${type}', '${type}', 1); INSERT INTO endpoint (id, service_id, url, enabled) VALUES ('${type}', '${type}', '${url}', 1)`,
  )
}

test('source/catalog: a known service without its package is not told to be disabled', async () => {
  await offer('placement', 'http://10.79.0.10:8778')
  const check = all.find((one) => one.id === 'source/catalog') ?? expect.fail()
  expect((await check.ask(context())).map(({ remedy }) => remedy)).toEqual([
    expect.stringMatching(/^swapctl copies placement only if its package placement-common and its database .*to-stein/),
  ])
  await server.load(
    'keystone',
    "DELETE FROM endpoint WHERE id = 'placement'; DELETE FROM service WHERE id = 'placement'",
  )
})

test('source/catalog: an API that is not carried over, at a moving address and elsewhere', async () => {
  await offer('identity', 'http://10.79.0.10:5000/v3')
  expect(await find('source/catalog')).toEqual([])
  await offer('load-balancer', 'http://10.79.0.10:9876')
  await offer('dns', 'http://192.0.2.5:9001')
  expect(await find('source/catalog')).toEqual([
    "block: the catalog offers 'load-balancer' at http://10.79.0.10:9876, which swapctl does not copy",
    "warn: the catalog offers 'dns' at http://192.0.2.5:9001: swapctl leaves it where it is",
  ])
})

test('both/names: a catalog name that resolves to another machine on the target', async () => {
  await offer('image', 'http://controller:9292')
  for (const name of ['source', 'target'] as const) await on(name, 'echo 10.79.0.10 controller >> /etc/hosts')
  expect(await find('both/names')).toEqual([])
  await on('target', 'sed -i s/10.79.0.10/10.79.0.99/ /etc/hosts')
  expect(await find('both/names')).toEqual([
    'block: controller of the catalog resolves to 10.79.0.10 on the source and to 10.79.0.99 on target',
  ])
})

test("source/accounts: a trigger's account that the target will not have", async () => {
  const ours = context({}, { services: [{ name: 'keystone', databases: [{ name: 'keystone', repo: 'keystone' }] }] })
  await server.load('keystone', "CREATE USER keystone IDENTIFIED BY 'a word'; GRANT ALL ON keystone.* TO keystone")
  expect(await find('source/accounts', ours)).toEqual([])
  await server.load(
    'keystone',
    "CREATE DEFINER='nobody'@'%' TRIGGER odd BEFORE INSERT ON user FOR EACH ROW SET NEW.id = NEW.id",
  )
  expect(await find('source/accounts', ours)).toEqual([
    'warn: trigger keystone.odd on the source run as nobody@%, an account that the target will not have',
  ])
  await server.load('keystone', 'DROP TRIGGER odd')
})

test('cinder-untyped-volumes: rows that a migration on the way refuses', async () => {
  const db = await server.db()
  const train = await load(server, db, 'train/cinder')
  const cinder = { name: train, repo: 'cinder', revision: ['132'], hops: ['ussuri'] }
  const ours = context({}, { services: [{ name: 'cinder', databases: [cinder] }] })
  expect((await find('cinder-untyped-volumes', ours)).filter((one) => one.startsWith('block'))).toEqual([])
  await server.load(
    train,
    "SET sql_mode = '', foreign_key_checks = 0; INSERT INTO volumes (id, deleted) VALUES ('v', 0)",
  )
  expect(await find('cinder-untyped-volumes', ours)).toContainEqual(expect.stringContaining('136'))
})

test('address/foreign: another machine answers', async () => {
  const macs = JSON.parse(await boxes.source.ask('ip', '-j', 'link', 'show', 'eth0')) as { address: string }[]
  const interfaces = [{ name: 'eth0', mac: macs[0]?.address ?? '', up: true }]
  const ours = context({}, { source: { ...surveyed.source, interfaces }, target: { ...surveyed.target, interfaces } })
  await on('source', 'ip addr add 10.79.0.10/24 dev eth0')
  expect(await find('address/foreign', ours)).toEqual([])
  await on('compute', 'ip addr add 10.79.0.10/24 dev eth0')
  expect(await find('address/foreign', ours)).toEqual([
    expect.stringMatching(/^block: 10\.79\.0\.10 is already in use/),
  ])
  await on('compute', 'ip addr del 10.79.0.10/24 dev eth0')
})

test('address/ssh: ssh to a machine uses a moving address', async () => {
  environment['SSH_CONNECTION'] = '10.79.0.1 5 10.79.0.11 22'
  expect(await find('address/ssh')).toEqual([])
  environment['SSH_CONNECTION'] = '10.79.0.1 5 10.79.0.10 22'
  expect(await find('address/ssh')).toContain('block: ssh reaches source by 10.79.0.10, an address that moves')
})

test('address/ssh: a jump host is a machine of the swap, under an address that the settings do not name', async () => {
  const { config } = context()
  const jump = [{ ...config.target.machines[0], name: 'bastion', host: '10.79.0.99', hostKey: 'SHA256:other' }]
  const addresses = [{ interface: 'eth0', address: '10.79.0.11', prefix: 24 }]
  const behind = (jumped: object) => ({
    ...context({}, { source: { ...surveyed.source, addresses } }),
    config: { ...config, target: { machines: [{ ...config.target.machines[0], ...jumped }] as const } },
  })
  for (const [from, owner] of [
    ['127.0.0.1', 'that machine itself'],
    ['10.79.0.11', 'source'],
  ]) {
    environment['SSH_CONNECTION'] = `${from} 5 10.79.0.12 22`
    expect(await find('address/ssh', behind({ jump }))).toEqual([
      `block: ssh reaches target through ${from}, an address of ${owner}`,
    ])
    expect(await find('address/ssh', behind({}))).toEqual([])
  }
  environment['SSH_CONNECTION'] = '10.79.0.1 5 10.79.0.12 22'
  expect(await find('address/ssh', behind({ jump }))).toEqual([])
})

test('target/empty and target/forgotten: data of another cloud, and a target that was reinstalled', async () => {
  const full = { target: { ...surveyed.target, schemas: [{ name: 'nova', tables: 110 }] } }
  expect(await find('target/empty')).toEqual([])
  expect(await find('target/empty', context({}, full))).toEqual([
    'block: the target already holds data of a cloud: nova (110 tables)',
  ])
  expect(await find('target/forgotten')).toEqual([])
  expect(await find('target/forgotten', context({ claimed: true }))).toEqual([
    expect.stringContaining(
      'says the target is prepared, but the mark of this swap is missing there: was it reinstalled?',
    ),
  ])
})

test('target/hostname: the target cannot resolve its own name', async () => {
  const named = (hostname: string) => context({}, { target: { ...surveyed.target, hostname } })
  expect(await find('target/hostname', named('localhost'))).toEqual([])
  expect(await find('target/hostname', named('nobody-knows.invalid'))).toEqual([
    'block: the target does not resolve its own name, nobody-knows.invalid',
  ])
})

test('address/persistence: no known manager configures the interface, or a cluster does', async () => {
  const unknown = 'swapctl does not recognise what configures its interface at boot'
  expect((await find('address/persistence'))[0]).toContain(unknown)
  await on(
    'source',
    'mkdir -p /etc/keepalived; printf "virtual_ipaddress {\\n 10.79.0.10\\n}\\n" > /etc/keepalived/keepalived.conf',
  )
  expect((await find('address/persistence'))[0]).toContain(
    'held by keepalived: /etc/keepalived/keepalived.conf, line 2',
  )
})

test('address/persistence: cloud-init would overwrite the files', async () => {
  const says = 'block: source: /etc/network/interfaces is written by cloud-init, which may rewrite it at boot'
  await on(
    'source',
    `rm -rf /etc/keepalived; mkdir -p /etc/cloud/cloud.cfg.d; touch /etc/cloud/cloud.cfg
     printf '# This file is generated from information provided by the datasource.\\niface eth0 inet static\\n  address 10.79.0.11/24\\niface eth0 inet static\\n  address 10.79.0.10/24\\n' > /etc/network/interfaces`,
  )
  expect(await find('address/persistence')).toContain(says)
  await on('source', "echo 'network: {config: disabled}' > /etc/cloud/cloud.cfg.d/99-disable-network-config.cfg")
  expect(await find('address/persistence')).not.toContain(says)
})

test('address/persistence: a file to be edited contains a secret', async () => {
  const says = expect.stringMatching(/^block: source: \/etc\/network\/interfaces, which must be edited, holds a secret/)
  expect(await find('address/persistence')).not.toContainEqual(says)
  await on('source', "printf 'iface wlan0 inet dhcp\\n  wpa-psk never-shown\\n' >> /etc/network/interfaces")
  expect(await find('address/persistence')).toContainEqual(says)
  expect((await find('address/persistence')).join()).not.toContain('never-shown')
})

test('target/volume-groups: a missing group, or one without enough space', async () => {
  const says = (name: 'source' | 'target', program: string, text: string) =>
    on(name, `printf '#!/bin/sh\\necho ${text}\\n' > /usr/bin/${program}; chmod 755 /usr/bin/${program}`)
  await says('source', 'lvs', 'cinder 5000000000 volume-01234567-89ab-cdef-0123-456789abcdef')
  await says('target', 'vgs', 'cinder 9000000000')
  expect(await find('target/volume-groups')).toEqual([])
  await says('target', 'vgs', 'cinder 1000000000')
  expect(await find('target/volume-groups')).toEqual([
    expect.stringMatching(/^block: .* group on the target has 1\.0 GB free$/),
  ])
  // What stage, or an earlier migrate, has copied needs no more space.
  await says('target', 'lvs', 'cinder 3000000000 volume-01234567-89ab-cdef-0123-456789abcdef')
  expect(await find('target/volume-groups')).toEqual([
    expect.stringMatching(
      /^block: 1 volumes of 5\.0 GB .*, of which 2\.0 GB are not on the target yet, but .* 1\.0 GB free$/,
    ),
  ])
  await says('target', 'lvs', 'cinder 4000000000 volume-01234567-89ab-cdef-0123-456789abcdef')
  expect(await find('target/volume-groups')).toEqual([])
  await says('target', 'vgs', 'other 9000000000')
  expect(await find('target/volume-groups')).toEqual([expect.stringMatching(/^block: .* has no such group$/)])
})

test('target/packages: apt offers nothing of the release', async () => {
  expect(await find('target/packages')).toEqual([expect.stringMatching(/^block: apt on the target .* does not offer/)])
})

test('target/bind-address: a socket unit answers on IPv6, and bind_address is IPv4', async () => {
  const moving = ['10.79.0.10', 'fd00:79::10'].map((address) => ({
    ...settings.addresses[0],
    name: address,
    address,
  })) as typeof settings.addresses
  const config = { ...context().config, addresses: moving }
  const ask = (bind: string) =>
    find(
      'target/bind-address',
      context({ config }, { source: { ...surveyed.source, mariadb: { bind_address: bind } } }),
    )
  // IPPROTO_IPV6, IPV6_V6ONLY: like a unit with BindIPv6Only=ipv6-only
  const listener = `import socket, time
s = socket.socket(socket.AF_INET6)
s.setsockopt(41, 26, 1)
s.bind(('::', 3306))
s.listen()
time.sleep(600)`
  const start = `python3 -c "${listener}" >/dev/null 2>&1 </dev/null &
echo $!
until ss -ltn | grep -q :3306; do sleep 0.1; done`
  expect(await ask('0.0.0.0')).toEqual([])
  const pid = (await on('source', start)).trim()
  try {
    expect(await ask('0.0.0.0')).toEqual([
      "warn: the source's MariaDB answers on fd00:79::10 although its bind_address is 0.0.0.0: the target's will listen on every address",
    ])
    expect(await ask('*')).toEqual([])
  } finally {
    await on('source', `kill ${pid}`)
  }
})

test('target/listen: a server of the source listens at an address without a counterpart', async () => {
  const source = { ...surveyed.source, mariadb: {} }
  expect(await find('target/listen', context({}, { source }))).toEqual([])
  await on('source', "mkdir -p /etc; printf -- '-l 10.79.0.11\\n' > /etc/memcached.conf")
  const mapped = { ...context().config, counterparts: [{ source: '10.79.0.11', target: '10.79.0.12' }] }
  expect(await find('target/listen', context({ config: mapped }, { source }))).toEqual([])
  expect(await find('target/listen', context({}, { source }))).toEqual([
    expect.stringContaining("block: the source's memcached listens on 10.79.0.11"),
  ])
})
