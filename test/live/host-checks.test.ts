import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Check, CheckContext as Context } from '../../src/ask/check.ts'
import { network } from '../../src/ask/facts.ts'
import { variables } from '../../src/ask/facts-mariadb.ts'
import { ask as askHost } from '../../src/ask/question.ts'
import { hostChecks as machineChecks } from '../../src/checks/host-checks.ts'
import type { Argv, Command, Host } from '../../src/hosts/host.ts'
import { cinderSettingChecks } from '../../src/services/cinder/checks-settings.ts'
import { recipes } from '../../src/services/index.ts'
import { type Case, cases, serverCases, type Where } from './host-cases.ts'
import { type Server, startMariadb } from './mariadb.ts'
import { type Box, type Net, openNet } from './namespaces.ts'

/** Checks of machines, and checks of one service that use the same helpers. */
const hostChecks: readonly Check[] = [...machineChecks, ...cinderSettingChecks]

let net: Net
let server: Server
let odd: Server
let boxes: Readonly<Record<Where, Box>>
let context: Context
let all: readonly Case[]

/** Answers for systemd and RabbitMQ, which do not run here, from files that a case writes. */
const standIns = {
  systemctl: `case $1 in
    list-units) cat /run/units 2>/dev/null || true ;;
    list-unit-files) SYSTEMD_OFFLINE=1 exec /usr/bin/systemctl "$@" ;;
    is-active) cat /run/systemd-timer 2>/dev/null || { echo inactive; exit 3; } ;;
    *) exit 1 ;;
    esac`,
  rabbitmqctl: 'cat /run/definitions',
  cat: 'if [ "$1" = /proc/self/mounts ] && [ -e /run/mounts ]; then exec /bin/cat /run/mounts; fi; exec /bin/cat "$@"',
}

/**
 * A machine without faults: its own name, settings and package database, and nothing of this machine in /opt and /var.
 */
const healthy = (name: string, number: number): string => `
  mkdir -p /run/bin /run/sshd /etc/nova /etc/iscsi
  cp -a /var/lib/dpkg /run/dpkg
  for place in /var/lib /var/log /opt /tmp/nowhere; do [ ! -d $place ] || mount -t tmpfs none $place; done
  mkdir -p /var/lib/swapctl/hops /var/lib/glance/images /var/lib/apt/lists/partial /usr/local/lib
  mv /run/dpkg /var/lib/dpkg
  mkdir -p /run/python/cinder/volume/drivers /run/python/own-1.dist-info
  printf 'class There:\\n    pass\\n' > /run/python/cinder/volume/drivers/lvm.py
  printf '[oslo.messaging.notify.drivers]\\nthere = cinder.volume.drivers.lvm:There\\n' > /run/python/own-1.dist-info/entry_points.txt
  printf 'Metadata-Version: 2.1\\nName: own\\nVersion: 1\\n' > /run/python/own-1.dist-info/METADATA
  printf '%032x\\n' ${number} > /etc/machine-id
  echo InitiatorName=iqn.2026-01.example:${name} > /etc/iscsi/initiatorname.iscsi
  printf '127.0.0.1 localhost %s\\n10.77.71.10 cloud.example\\n' "$(hostname)" > /etc/hosts
  ln -sf /usr/share/zoneinfo/Etc/UTC /etc/localtime
  rm -rf /etc/cron.* /etc/crontab /etc/apt/apt.conf.d /etc/haproxy /etc/rabbitmq /etc/ceph; mkdir -p /etc/apt/apt.conf.d /etc/cron.d
  : > /etc/environment; : > /etc/resolv.conf
  printf '[DEFAULT]\\ntransport_url = rabbit://nova:s3cret@10.77.71.10:5672/\\n[keystone_authtoken]\\nauth_url = https://cloud.example:5000/v3\\nmemcached_servers = 10.77.71.10:11211\\n' > /etc/nova/nova.conf
${Object.entries(standIns)
  .map(([program, text]) => `cat > /run/bin/${program} <<'END'\n#!/bin/sh\n${text}\nEND\nchmod 755 /run/bin/${program}`)
  .join('\n')}
`

const env = (): readonly string[] => [
  'env',
  'PATH=/run/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  // Its cinder is a package with only this driver.
  'PYTHONPATH=/run/python',
  `HOME=${server.directory}`,
  `FIXTURES=${join(import.meta.dirname, '../fixtures')}`,
]

const hostOf = (box: Box, name: Host['name']): Host => {
  const here = box.host(name)
  const at = ({ argv, ...rest }: Command): Command => ({ ...rest, argv: [...env(), ...argv] as unknown as Argv })
  return { ...here, run: (command) => here.run(at(command)) }
}

const sh = (on: Where, text: string) => boxes[on].ask(...env(), 'bash', '-ec', text)

beforeAll(async () => {
  net = await openNet('chkmach')
  const [source, target, compute, local, stranger] = await Promise.all([
    net.box('source', ['10.77.71.11/24', '10.77.71.10/24']),
    net.box('target', ['10.77.71.12/24']),
    net.box('compute', ['10.77.71.21/24']),
    net.box('local', ['10.77.71.2/24']),
    net.box('stranger', ['10.77.71.66/24']),
  ])
  boxes = { source, target, compute, local, stranger } as typeof boxes
  ;[server, odd] = await Promise.all([
    startMariadb(),
    startMariadb('--lower-case-table-names=1', '--read-only=1', '--require-secure-transport=1'),
  ])
  await server.load(
    '',
    `CREATE DATABASE keystone; USE keystone;
     CREATE TABLE service (id INT, type VARCHAR(99), enabled INT); INSERT INTO service VALUES (1, 'identity', 1);
     CREATE TABLE endpoint (service_id INT, url VARCHAR(99), enabled INT);
     INSERT INTO endpoint VALUES (1, 'https://cloud.example:5000/v3', 1), (1, 'http://10.77.71.10:5000/v3', 1)`,
  )
  await Promise.all((['source', 'target', 'compute'] as const).map((name, index) => sh(name, healthy(name, index + 1))))
  const hosts: Readonly<Record<string, Host>> = {
    source: hostOf(boxes.source, 'source'),
    target: hostOf(boxes.target, 'target'),
    local: hostOf(boxes.local, 'local'),
    'compute:one': hostOf(boxes.compute, 'compute:one'),
  }
  const [usual, unusual, here, there] = await Promise.all([
    askHost(server.host, variables),
    askHost(odd.host, variables),
    askHost(hosts['source'] as Host, network),
    askHost(hosts['target'] as Host, network),
  ])
  const address = { name: 'api', address: '10.77.71.10', prefix: 24, sourceInterface: 'eth0', targetInterface: 'eth0' }
  context = {
    config: {
      file: '/nowhere/swapctl.ini',
      release: '2025.1',
      source: { machines: [{ name: 'source', host: '10.77.71.11' }] },
      target: { machines: [{ name: 'target', host: '10.77.71.12' }] },
      addresses: [address],
      counterparts: [{ source: '10.77.71.11', target: '10.77.71.12' }],
      computes: [{ name: 'one', host: '10.77.71.21' }],
      hops: [],
    },
    hosts: (name: string) => hosts[name] as Host,
    recipes,
    survey: {
      source: { ...here, clock: 0, mariadb: usual, schemas: [{ name: 'keystone', tables: 2 }] },
      target: { ...there, clock: 0, mariadb: usual, schemas: [] },
      services: [],
    },
    recreate: false,
    claimed: false,
  } as unknown as Context
  all = [...cases, ...serverCases(unusual)]
})
afterAll(() => Promise.all([net?.close(), server?.stop(), odd?.stop()]))

const ask = async (check: Check, one: Context): Promise<readonly string[]> =>
  (await check.ask(one)).map(({ says }) => says)

const checkOf = (id: string): Check => {
  const found = hostChecks.find((check) => check.id === id)
  if (found === undefined) throw new Error(`no check ${id}`)
  return found
}

/** A new context each time, so that earlier answers do not count. */
const look = (check: Check, change: (one: Context) => Context = (one) => one) => ask(check, change({ ...context }))

const everything = async (): Promise<Readonly<Record<string, readonly string[]>>> => {
  const one = { ...context }
  const said = await Promise.all(hostChecks.map(async (check) => [check.id, await ask(check, one)] as const))
  return Object.fromEntries(said.filter(([, found]) => found.length > 0))
}

test('machines without a fault give no finding', async () => {
  expect(await everything()).toEqual({})
})

test.each(cases.map((one, index) => [one.id, index] as const))(
  '%s (%#) sees its fault, and nothing once it is fixed',
  async (id, index) => {
    await tryOut(cases[index] as Case, id)
  },
)

test('MariaDB settings of a real server', async () => {
  for (const one of all.slice(cases.length)) await tryOut(one, one.id)
})

const tryOut = async (one: Case, id: string): Promise<void> => {
  const { on = 'source', make, undo, change, says, alone } = one
  try {
    if (make !== undefined) await sh(on, make)
    const found = await look(checkOf(id), change)
    expect(
      found.some((line) => says.test(line)),
      `${id} says ${JSON.stringify(found)}`,
    ).toBe(true)
    expect(found.join('\n')).not.toContain('s3cret')
    if (alone) expect(found).toHaveLength(1)
  } finally {
    if (undo !== undefined) await sh(on, undo)
  }
  expect(await look(checkOf(id))).toEqual([])
}

test('from a file with a private key only the certificate is read', async () => {
  const one = cases.find(({ id }) => id === 'tls/names') ?? expect.fail('no such case')
  const heard: string[] = []
  const overheard: Context = {
    ...context,
    hosts: (name) => {
      const host = context.hosts(name)
      return {
        ...host,
        run: async (command) => {
          const output = await host.run(command)
          heard.push(output.stdout)
          return output
        },
      }
    },
  }
  await sh('source', one.make ?? '')
  try {
    for (const check of hostChecks) await ask(check, overheard)
  } finally {
    await sh('source', one.undo ?? '')
  }
  expect(heard.join('\n')).toContain('BEGIN CERTIFICATE')
  expect(heard.join('\n')).not.toContain('PRIVATE KEY')
})

test('afterwards the machines are unchanged', async () => {
  expect(await everything()).toEqual({})
})

test('running all checks asks each machine few questions, and none twice', async () => {
  const asked: string[] = []
  const counted: Context = {
    ...context,
    hosts: (name) => {
      const host = context.hosts(name)
      return {
        ...host,
        run: (command) => {
          asked.push(`${name} ${JSON.stringify(command.argv)}`)
          return host.run(command)
        },
      }
    },
  }
  await Promise.all(hostChecks.map((check) => ask(check, counted)))
  const read = asked.filter((line) => !/getent.*(localhost|nobody)|"sh"/.test(line))
  expect(new Set(read).size).toBe(read.length)
  expect(asked.filter((line) => line.startsWith('source ')).length).toBeLessThan(40)
})

/** Checks of a source of several machines, which have tests of their own. */
const ofMembers = [
  ...readFileSync(join(import.meta.dirname, 'members.test.ts'), 'utf8').matchAll(/^test\(['"]([a-z]+\/[a-z-]+): /gm),
].map(([, id]) => id)

test('every check has a case; a fault that cannot be created names its source', () => {
  const ids = [...new Set([...all.map((one) => one.id), ...ofMembers])]
  expect(ids.toSorted()).toEqual(expect.arrayContaining(hostChecks.map((check) => check.id)))
  expect(hostChecks.map((check) => check.id)).toEqual(expect.arrayContaining(all.map((one) => one.id)))
  expect(new Set(hostChecks.map((check) => check.id)).size).toBe(hostChecks.length)
  for (const one of all) expect(one.make !== undefined || one.change !== undefined || one.fed !== undefined).toBe(true)
  expect(hostChecks.length).toBeGreaterThanOrEqual(35)
})
