import { afterAll, beforeAll, expect, test } from 'vitest'
import { askKeepers } from '../../src/cutover/keepers/keepers.ts'
import { findPersistence } from '../../src/cutover/keepers/persist.ts'
import { api as moving, put } from './controllers.ts'
import { type Box, type Net, openNet } from './namespaces.ts'

let net: Net
let box: Box

beforeAll(async () => {
  net = await openNet('swapkeep')
  box = await net.box('source', ['10.77.0.11/24'])
  await put(
    box,
    '/etc/network/interfaces',
    'iface eth0 inet static\n  address 10.77.0.11/24\niface eth0 inet static\n  address 10.77.0.10/24\n',
  )
})
afterAll(() => net?.close())

const says = async () =>
  (await findPersistence(box.host('source'), 'source', [moving], true)).findings.map((it) => it.says)
const held = async () => (await box.ask('ip', '-o', 'addr', 'show', 'dev', 'eth0')).includes(' 10.77.0.10/24 ')

test('a running keepalived is found through its includes, refused, and releases the address as the remedy says', async () => {
  expect(await says()).toEqual([])
  await put(box, '/etc/vrrp/main.conf', 'global_defs {\n  router_id source\n}\ninclude parts/*.conf\n')
  await put(
    box,
    '/etc/vrrp/parts/api.conf',
    'vrrp_instance api {\n  state MASTER\n  interface eth0\n  virtual_router_id 7\n  priority 100\n  advert_int 1\n  virtual_ipaddress {\n    10.77.0.10/24 dev eth0\n  }\n}\n',
  )
  const daemon = box.start(
    'keepalived',
    '-n',
    '-D',
    '-l',
    '-f',
    '/etc/vrrp/main.conf',
    '-p',
    '/run/ka',
    '-r',
    '/run/vrrp',
  )
  await expect.poll(held, { timeout: 30_000 }).toBe(true)
  expect(await says()).toEqual([
    'source: 10.77.0.10 (eth0): held by keepalived: /etc/vrrp/parts/api.conf, line 8; swapctl cannot stop it: no single systemd unit runs it, so swapctl cannot prevent its next start',
  ])

  const [keeper] = await askKeepers(box.host('source'), moving, 'eth0')
  // The box has no systemd: this is what its reload does.
  const script = `systemctl() { test "$*" = 'reload keepalived' && kill -HUP "$(cat /run/ka)"; }; ${keeper?.commands[0]}`
  await box.ask('sh', '-ec', script)
  expect(await says()).toEqual([])
  expect(await held()).toBe(true)
  daemon.kill()
  await daemon.ended
  expect(await box.ask('cat', '/etc/vrrp/parts/api.conf')).not.toContain('10.77.0.10')
})

test('a keepalived whose file is gone blocks, one in another namespace does not', async () => {
  const text =
    'vrrp_instance x {\n  state MASTER\n  interface eth0\n  virtual_router_id 8\n  virtual_ipaddress {\n    10.78.0.1/32\n  }\n}\n'
  await put(box, '/etc/vrrp/gone.conf', text)
  const options = ['-n', '-f', '/etc/vrrp/gone.conf', '-p', '/run/ka2', '-r', '/run/vrrp2']
  const inside =
    'ip link add eth0 type veth peer name eth9; ip link set eth9 up; ip link set eth0 up; exec keepalived "$0" "$@"'
  const pid = async (path: string) => (await box.run(['test', '-s', path])).code
  const elsewhere = box.start('unshare', '-n', 'sh', '-ec', inside, ...options)
  await expect.poll(() => pid('/run/ka2'), { timeout: 30_000 }).toBe(0)
  await box.ask('mv', '/etc/vrrp/gone.conf', '/etc/vrrp/kept.conf')
  expect(await says()).toEqual([])
  elsewhere.kill()
  await elsewhere.ended

  await box.ask('cp', '/etc/vrrp/kept.conf', '/etc/vrrp/gone.conf')
  const daemon = box.start('keepalived', ...options.map((it) => it.replace('ka2', 'ka3')))
  await expect.poll(() => pid('/run/ka3'), { timeout: 30_000 }).toBe(0)
  expect(await says()).toEqual([])
  await box.ask('rm', '/etc/vrrp/gone.conf')
  expect(await says()).toEqual([
    expect.stringMatching(
      /^source: 10\.77\.0\.10 \(eth0\): keepalived runs \(process \d+: keepalived -n -f .*may set it: \/etc\/vrrp\/gone\.conf is missing$/,
    ),
  ])
  daemon.kill()
  await daemon.ended
})

test('for an address in no file, the remedy is not to write it into one', async () => {
  const { findings } = await findPersistence(box.host('source'), 'source', [{ ...moving, address: '10.77.0.99' }], true)
  expect(findings).toMatchObject([
    { says: expect.stringContaining('something else sets it'), remedy: expect.stringMatching(/^On the source, find/) },
  ])
  expect(findings[0]?.remedy).not.toContain('on a separate line or in a separate stanza')
})

test("a file that another program writes is refused, unless cloud-init's own configuration excludes it", async () => {
  const at = '/etc/network/interfaces.d/50-cloud-init'
  const text = await box.ask('cat', '/etc/network/interfaces')
  await put(box, '/etc/network/interfaces', 'source interfaces.d/*\n')
  await put(box, at, text)
  await put(box, '/etc/cloud/cloud.cfg', '#network: {config: disabled}\n')
  await put(box, '/etc/cloud/cloud.cfg.d/99-off.cfg.bak', 'network: {config: disabled}\n')
  expect(await says()).toEqual([`source: ${at} is written by cloud-init, which may rewrite it at boot`])
  await put(box, '/etc/cloud/cloud.cfg.d/99-off.cfg', 'network: {config: disabled}\n')
  expect(await says()).toEqual([])
  await put(box, at, `# managed by puppet\n${text}`)
  expect((await findPersistence(box.host('source'), 'source', [moving], true)).findings).toMatchObject([
    { level: 'warn', says: expect.stringContaining('is written by puppet') },
  ])
  await box.ask('rm', '-r', at, '/etc/cloud')
  await put(box, '/etc/network/interfaces', text)
})

test('a boot script is refused, and so is a pacemaker cluster that does not run here', async () => {
  await put(box, '/etc/rc.local', '#!/bin/sh\nip addr add 10.77.0.10/24 dev eth0\n')
  await put(
    box,
    '/run/bin/cibadmin',
    '#!/bin/sh\necho \'<primitive id="vip" type="IPaddr2"><nvpair name="ip" value="10.77.0.10"/></primitive>\'\n',
  )
  await box.ask('sh', '-ec', 'chmod 755 /run/bin/cibadmin')
  const host = box.host('source')
  const withPacemaker = {
    ...host,
    run: (it: Parameters<typeof host.run>[0]) =>
      host.run({ ...it, argv: ['env', 'PATH=/run/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...it.argv] }),
  }
  const found = async () =>
    (await findPersistence(withPacemaker, 'source', [moving], true)).findings.map((it) => it.says)
  expect(await found()).toEqual(['source: 10.77.0.10 (eth0): held by /etc/rc.local, line 2'])
  await box.ask(
    'sh',
    '-ec',
    'mkdir -p /var/lib/pacemaker/cib; cibadmin() { /run/bin/cibadmin; }; cibadmin > /var/lib/pacemaker/cib/cib.xml',
  )
  await put(box, '/run/bin/cibadmin', '#!/bin/sh\nexit 107\n')
  expect(await found()).toEqual([
    'source: 10.77.0.10 (eth0): held by pacemaker: resource vip',
    'source: 10.77.0.10 (eth0): held by /etc/rc.local, line 2',
  ])
  await box.ask('rm', '-r', '/var/lib/pacemaker/cib')
})

test('unread files are left alone, links are followed, and a second manager with the address is named', async () => {
  const both = await box.ask('cat', '/etc/network/interfaces')
  await box.ask('rm', '-f', '/etc/rc.local', '/etc/network/interfaces')
  await put(box, '/etc/network/all', 'source-directory /etc/network/interfaces.d\n')
  await box.ask('ln', '-s', 'all', '/etc/network/interfaces')
  await put(box, '/etc/network/interfaces.d/10-e0.bak', both)
  // Paths are relative to the file that names them.
  await put(box, '/etc/network/interfaces.d/e0', 'source part/e0\n')
  await put(box, '/etc/network/interfaces.d/part/e0', both)
  const { changes, findings } = await findPersistence(box.host('source'), 'source', [moving], true)
  expect(findings).toEqual([])
  expect(changes.map(({ before }) => before.path)).toEqual(['/etc/network/interfaces.d/part/e0'])

  const yaml = 'network:\n  ethernets:\n    eth0:\n      addresses: [10.77.0.10/24]\n'
  await put(box, '/etc/kept.yaml', yaml)
  await box.ask('mkdir', '-p', '/etc/netplan')
  await box.ask('ln', '-s', '/etc/kept.yaml', '/etc/netplan/10-net.yaml')
  expect(await says()).toEqual([
    'source: 10.77.0.10 (eth0): /etc/netplan/10-net.yaml also names it, but ifupdown does not read that file for this interface',
  ])
  await box.ask('rm', '-r', '/etc/netplan', '/etc/network/interfaces', '/etc/network/all', '/etc/network/interfaces.d')
  await put(box, '/etc/network/interfaces', both)
})

test('network-scripts files are found, including those of aliases, and edited', async () => {
  const at = '/etc/sysconfig/network-scripts/ifcfg-eth0'
  const file = 'DEVICE=eth0\nONBOOT=yes\nIPADDR=10.77.0.11\nPREFIX=24\n'
  await box.ask('rm', '-f', '/etc/network/interfaces', '/etc/rc.local')
  await put(box, at, `${file}IPADDR1=10.77.0.10\nPREFIX1=24\n`)
  const { changes, findings } = await findPersistence(box.host('source'), 'source', [moving], true)
  expect(findings).toEqual([])
  expect(changes).toMatchObject([{ before: { path: at }, text: file }])
  await put(box, at, file)
  await put(box, `${at}:1`, 'DEVICE=eth0:1\nIPADDR=10.77.0.10\nPREFIX=24\n')
  expect(await says()).toEqual([
    `source: 10.77.0.10 (eth0): ${at}:1: this file only configures the alias eth0:1: move the address into the file of the interface first`,
  ])
})
