import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Check, CheckContext } from '../../src/ask/check.ts'
import { addressChecks } from '../../src/checks/addresses.ts'
import { firewallChecks } from '../../src/checks/firewall.ts'
import { machineChecks } from '../../src/checks/machines.ts'
import { networkChecks } from '../../src/checks/network.ts'
import { packageChecks } from '../../src/checks/packages.ts'
import { serverChecks } from '../../src/checks/servers.ts'
import { unitFileChecks } from '../../src/checks/unit-files.ts'
import { unitChecks } from '../../src/checks/units.ts'
import { serviceChecks } from '../../src/services/checks.ts'
import type { Recipe } from '../../src/services/recipe.ts'
import type { Survey } from '../../src/survey.ts'
import { settings, surveyed } from '../fixtures/facts/survey.ts'
import { type Box, type Net, openNet } from './namespaces.ts'

let net: Net
let source: Box
let target: Box
let compute: Box

/** Machines with their own package database, whose systemd and RabbitMQ print what a test wants. */
const setUp = `
real=$(readlink -f /var/lib/dpkg); rm /var/lib/dpkg; cp -a "$real" /var/lib/dpkg
mkdir -p /run/stand /run/sshd; ssh-keygen -A >/dev/null
for program in systemctl; do
  printf '#!/bin/sh\\ncat "/run/stand/%s-$2" 2>/dev/null || cat "/run/stand/%s-$1" 2>/dev/null || exit 3\\n' $program $program > /run/stand/$program
  chmod 755 /run/stand/$program; mount --bind /run/stand/$program "$(command -v $program)"
done
: > /run/stand/systemctl-list-units
printf 'inactive\\ninactive\\ninactive\\ninactive\\n' > /run/stand/systemctl-is-active
mkdir -p /etc/stand; printf '#!/bin/sh\\nfalse\\n' > /etc/stand/none
`

beforeAll(async () => {
  net = await openNet('swapctl-checks')
  source = await net.box('source', ['10.78.0.11/24'])
  target = await net.box('target', ['10.78.0.12/24'])
  compute = await net.box('compute', ['10.78.0.13/24'])
  for (const box of [source, target, compute]) await box.ask('sh', '-ec', setUp)
}, 60_000)
afterAll(() => net?.close())

/** The package 'hostname' stands for a service's: it is small and installed everywhere. */
const recipe = {
  name: 'nova',
  release: { package: 'hostname', project: 'hostname' },
  packages: ['hostname'],
  source: [
    { name: 'api', api: true, units: ['nova-api'] },
    { name: 'l3', units: ['nova-l3-agent'] },
    { name: 'portal', units: ['tgt'] },
  ],
  support: ['tgt'],
  target: [{ name: 'api', units: ['nova-api'] }],
  iscsi: true,
} as unknown as Recipe

const context = (running: readonly string[] = []): CheckContext => ({
  config: {
    ...settings,
    parallel: 4,
    addresses: [{ name: 'api', address: '10.78.0.10', prefix: 24, sourceInterface: 'eth0', targetInterface: 'eth0' }],
    counterparts: [{ source: '10.78.0.11', target: '10.78.0.12' }],
    computes: [{ ...settings.source.machines[0], name: 'c1' }],
  },
  survey: {
    ...surveyed,
    source: { ...surveyed.source, clock: 0, schemas: [] },
    target: { ...surveyed.target, clock: 0 },
    services: [{ name: 'nova', running, databases: [{ name: 'heat', repo: 'heat' }] }],
  } as unknown as Survey,
  recipes: [recipe],
  recreate: false,
  claimed: false,
  hosts: (name) => (name === 'source' ? source : name === 'target' ? target : compute).host(name),
})

const all: readonly Check[] = [
  ...machineChecks,
  ...packageChecks,
  ...unitChecks,
  ...unitFileChecks,
  ...networkChecks,
  ...firewallChecks,
  ...serverChecks,
  ...addressChecks,
  ...serviceChecks,
]
const find = async (id: string, with_ = context()): Promise<readonly string[]> => {
  const check = all.find((one) => one.id === id) ?? expect.fail(`no check ${id}`)
  return (await check.ask(with_)).map((one) => `${one.level}: ${one.says}`)
}

interface Case {
  readonly id: string
  readonly on: 'source' | 'target' | 'compute'
  /** shell text that creates the fault, and that removes it */
  readonly make: string
  readonly fix: string
  readonly says: RegExp
}

const stanza = (name: string, status: string, version = '1'): string =>
  `cp /var/lib/dpkg/status /run/status; printf '\\nPackage: ${name}\\nStatus: ${status}\\nPriority: optional\\nSection: admin\\nMaintainer: x\\nArchitecture: all\\nVersion: ${version}\\nDescription: x\\n' >> /var/lib/dpkg/status`
const forget = 'cp /run/status /var/lib/dpkg/status'
/** A program that prints recorded output. */
const stand = (program: string, said: string, code = 0): string =>
  `mkdir -p /etc/bin; printf '%s' '${said}' > /etc/bin/${program}.txt; printf '#!/bin/sh\\ncat /etc/bin/${program}.txt; exit ${code}\\n' > /run/stand/${program}; chmod 755 /run/stand/${program}; [ -e /usr/bin/${program} ] || [ -e /usr/sbin/${program} ] && mount --bind /run/stand/${program} "$(command -v ${program})" || { mkdir -p /run/up /run/work; mount -t overlay overlay -o lowerdir=/usr/bin,upperdir=/run/up,workdir=/run/work /usr/bin; cp /run/stand/${program} /usr/bin/${program}; }`
const unstand = (program: string): string => `umount /usr/bin/${program} 2>/dev/null || umount -l /usr/bin`

const tgt = `Target 1: iqn.2010-10.org.openstack:volume-1
    I_T nexus information:
        I_T nexus: 2
            Initiator: iqn.1993-08.org.debian:01:abc alias: cmp1
            Connection: 0
                IP Address: 10.30.0.13
`

const cases: readonly Case[] = [
  {
    id: 'both/time-zone',
    on: 'target',
    make: stand('date', '+0900'),
    fix: unstand('date'),
    says: /warn: the source is at UTC\+0000, the target at UTC\+0900/,
  },
  {
    id: 'both/failed-units',
    on: 'source',
    make: "printf 'foo.service loaded failed failed Foo\\n' > /run/stand/systemctl-list-units",
    fix: ': > /run/stand/systemctl-list-units',
    says: /warn: failed units on the source: foo\.service/,
  },
  {
    id: 'both/upgrade-timers',
    on: 'target',
    make: "printf 'inactive\\nactive\\ninactive\\ninactive\\n' > /run/stand/systemctl-is-active",
    fix: "printf 'inactive\\ninactive\\ninactive\\ninactive\\n' > /run/stand/systemctl-is-active",
    says: /warn: unattended-upgrades\.service may change packages of the target/,
  },
  {
    id: 'target/firewall',
    on: 'target',
    make: "printf 'inactive\\nactive\\n' > /run/stand/systemctl-is-active",
    fix: "printf 'inactive\\ninactive\\n' > /run/stand/systemctl-is-active",
    says: /warn: firewalld\.service filters packets on the target/,
  },
  {
    id: 'address/announce',
    on: 'target',
    make: 'ip link set eth0 arp off',
    fix: 'ip link set eth0 arp on',
    says: /block: eth0 of the target is NOARP: 10\.78\.0\.10 cannot be announced on it/,
  },
  {
    id: 'source/modified-packages',
    on: 'source',
    make: 'cp /usr/bin/hostname /run/patched; echo >> /run/patched; mount --bind /run/patched /usr/bin/hostname',
    fix: 'umount /usr/bin/hostname',
    says: /warn: files of the services' packages were changed on the source: \/(usr\/)?bin\/hostname/,
  },
  {
    id: 'source/dashboard',
    on: 'source',
    make: stanza('openstack-dashboard', 'install ok installed'),
    fix: forget,
    says: /warn: the dashboard/,
  },
  {
    id: 'target/broken-packages',
    on: 'target',
    make: stanza('half', 'install ok half-configured'),
    fix: forget,
    says: /block: packages of the target are only half installed: half/,
  },
  {
    id: 'target/held-packages',
    on: 'target',
    make: 'cp /var/lib/dpkg/status /run/status; apt-mark hold hostname >/dev/null',
    fix: forget,
    says: /block: apt on the target holds back hostname/,
  },
  {
    id: 'target/inodes',
    on: 'target',
    make: 'mount -t tmpfs -o nr_inodes=20 tmpfs /tmp; touch $(seq -f /tmp/%g 30) 2>/dev/null || true',
    fix: 'umount /tmp',
    says: /block: \/tmp of the target has almost no free inodes/,
  },
  {
    id: 'target/ceph',
    on: 'source',
    make: 'mkdir -p /etc/ceph; : > /etc/ceph/ceph.client.cinder.keyring',
    fix: 'rm -r /etc/ceph',
    says: /block: the target lacks .*: \/etc\/ceph\/ceph\.client\.cinder\.keyring/,
  },
  {
    id: 'source/cron',
    on: 'source',
    make: "echo '1 * * * * keystone keystone-manage token_flush' > /etc/cron.d/flush || { mkdir -p /etc/cron.d; echo '1 * * * * keystone keystone-manage token_flush' > /etc/cron.d/flush; }",
    fix: 'rm /etc/cron.d/flush',
    says: /warn: scheduled jobs .*: \/etc\/cron\.d\/flush/,
  },
  {
    id: 'source/unknown-units',
    on: 'source',
    make: "printf '/lib/systemd/system/nova-odd.service\\n/lib/systemd/system/nova-api.service\\n' >> /var/lib/dpkg/info/hostname.list; printf 'nova-odd.service loaded active running x\\nnova-api.service loaded active running x\\n' > /run/stand/systemctl-list-units",
    fix: "sed -i '/nova-/d' /var/lib/dpkg/info/hostname.list; : > /run/stand/systemctl-list-units",
    says: /block: swapctl does not manage these units .*: nova-odd/,
  },
  {
    id: 'address/mtu',
    on: 'target',
    make: 'ip link set eth0 mtu 1400',
    fix: 'ip link set eth0 mtu 1500',
    says: /block: 10\.78\.0\.10 moves from eth0 with MTU 1500 to eth0 with MTU 1400/,
  },
  {
    id: 'compute/clock',
    on: 'compute',
    make: stand('date', '1000000.0'),
    fix: unstand('date'),
    says: /warn: the clock of compute:c1 is at least \d+\.\d s behind the target's/,
  },
  {
    id: 'compute/path',
    on: 'compute',
    make: stand('ping', '', 1),
    fix: unstand('ping'),
    says: /warn: compute:c1 cannot reach 10\.78\.0\.12/,
  },
  {
    id: 'rabbitmq/mirrored-queues',
    on: 'source',
    make: stand(
      'rabbitmqctl',
      '{"users":[{"name":"nova"}],"policies":[{"name":"ha-all","definition":{"ha-mode":"all"}},{"name":"ttl","definition":{"expires":5}}]}',
    ),
    fix: unstand('rabbitmqctl'),
    says: /warn: policies of the source's RabbitMQ mirror queues: ha-all$/,
  },
  {
    id: 'rabbitmq/cluster',
    on: 'source',
    make: stand('rabbitmqctl', '{"running_nodes":["rabbit@a","rabbit@b"]}'),
    fix: unstand('rabbitmqctl'),
    says: /warn: the source's RabbitMQ is a cluster: rabbit@a, rabbit@b/,
  },
  {
    id: 'rabbitmq/alarms',
    on: 'source',
    make: stand('rabbitmq-diagnostics', 'Error: memory alarm on node rabbit@a', 69),
    fix: unstand('rabbitmq-diagnostics'),
    says: /block: the source's RabbitMQ has an alarm .*memory alarm/,
  },
  {
    id: 'rabbitmq/alarms',
    on: 'source',
    make: stand('rabbitmq-diagnostics', "Error: unable to perform an operation on node 'rabbit@a'", 69),
    fix: unstand('rabbitmq-diagnostics'),
    says: /block: the source's RabbitMQ does not answer: Error: unable to perform/,
  },
  {
    id: 'cinder/iscsi-sessions',
    on: 'source',
    make: stand('tgtadm', tgt),
    fix: unstand('tgtadm'),
    says: /warn: servers have open disks on the source.*volume-1 from 10\.30\.0\.13/,
  },
  {
    id: 'heat/encryption-key',
    on: 'source',
    make: "mkdir -p /etc/heat; printf '[DEFAULT]\\nauth_encryption_key = tooshortone\\n' > /etc/heat/heat.conf",
    fix: "printf '[DEFAULT]\\nauth_encryption_key = 0123456789abcdef0123456789abcd$$f\\n' > /etc/heat/heat.conf",
    says: /block: auth_encryption_key in \/etc\/heat\/heat\.conf has 11 characters/,
  },
  {
    id: 'both/unit-files',
    on: 'source',
    make: "mkdir -p /etc/systemd/system; printf '[Service]\\nExecStart=/bin/true\\n' > /etc/systemd/system/nova-api.service; ln -sf /dev/null /etc/systemd/system/nova-l3-agent.service; ln -sf /lib/systemd/system/tgtd.service /etc/systemd/system/tgt.service",
    fix: 'cd /etc/systemd/system; rm nova-api.service nova-l3-agent.service tgt.service',
    says: /block: systemctl cannot mask nova-api of the source/,
  },
  {
    id: 'both/unit-files',
    on: 'target',
    make: 'mkdir -p /etc/systemd/system; ln -s /opt/units/tgt.service /etc/systemd/system/tgt.service',
    fix: 'rm /etc/systemd/system/tgt.service',
    says: /block: systemctl cannot mask tgt of the target/,
  },
  {
    id: 'source/web-server',
    on: 'source',
    make: "mkdir -p /etc/httpd/conf.d; printf 'Listen 8774\\n<VirtualHost *:8774>\\n  WSGIScriptAlias / /usr/bin/nova-api-wsgi\\n</VirtualHost>\\n' > /etc/httpd/conf.d/10-nova.conf; cp /bin/sleep /run/httpd; /run/httpd 300 >/dev/null 2>&1 & echo $! > /run/httpd.pid",
    fix: 'kill "$(cat /run/httpd.pid)"; sleep 0.2; rm -r /etc/httpd',
    says: /block: nova of the source runs inside httpd, which swapctl does not stop: \/etc\/httpd\/conf\.d\/10-nova\.conf:3/,
  },
  {
    id: 'keystone/token-provider',
    on: 'source',
    make: "mkdir -p /etc/keystone; printf '[token]\\nprovider = uuid\\n' > /etc/keystone/keystone.conf",
    fix: "printf '[token]\\nprovider = fernet\\n' > /etc/keystone/keystone.conf",
    says: /warn: token provider 'uuid' no longer exists/,
  },
]

test.each(cases.map((of) => [of.id, of] as const))(
  '%s is silent, says what is wrong, and is silent again',
  async (id, of) => {
    const box = of.on === 'source' ? source : of.on === 'target' ? target : compute
    expect(await find(id)).toEqual([])
    await box.ask('sh', '-c', of.make)
    const found = await find(id)
    await box.ask('sh', '-c', of.fix)
    expect(found).toEqual([expect.stringMatching(of.says)])
    expect(await find(id)).toEqual([])
  },
)

test('source/left-behind names a role that no unit on the target has', async () => {
  expect(await find('source/left-behind', context(['nova-api', 'tgt']))).toEqual([])
  expect(await find('source/left-behind', context(['nova-api', 'nova-l3-agent']))).toEqual([
    'block: the source runs nova-l3-agent, but the target will not',
  ])
})
