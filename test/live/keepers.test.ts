import { afterAll, beforeAll, expect, test } from 'vitest'
import { askKeepers } from '../../src/cutover/keepers.ts'
import { findPersistence } from '../../src/cutover/persist.ts'
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

test('a running keepalived is found by what it includes, refused, and lets go when told what the refusal says', async () => {
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
  expect(await says()).toEqual(['source: 10.77.0.10 (eth0): held by keepalived: /etc/vrrp/parts/api.conf, line 8'])

  const [keeper] = await askKeepers(box.host('source'), moving, 'eth0')
  // The box has no systemd: what its reload does.
  const script = `systemctl() { test "$*" = 'reload keepalived' && kill -HUP "$(cat /run/ka)"; }; ${keeper?.commands[0]}`
  await box.ask('sh', '-ec', script)
  expect(await says()).toEqual([])
  expect(await held()).toBe(true)
  daemon.kill()
  await daemon.ended
  expect(await box.ask('cat', '/etc/vrrp/parts/api.conf')).not.toContain('10.77.0.10')
})

test('a script of the boot, and a resource of pacemaker, are refused', async () => {
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
  const { findings } = await findPersistence(withPacemaker, 'source', [moving], true)
  expect(findings.map((it) => it.says)).toEqual([
    'source: 10.77.0.10 (eth0): held by pacemaker: resource vip',
    'source: 10.77.0.10 (eth0): held by /etc/rc.local, line 2',
  ])
})

test("network-scripts' files are found with those of aliases, and edited", async () => {
  const at = '/etc/sysconfig/network-scripts/ifcfg-eth0'
  const file = 'DEVICE=eth0\nONBOOT=yes\nIPADDR=10.77.0.11\nPREFIX=24\n'
  await box.ask('rm', '-f', '/etc/network/interfaces', '/etc/rc.local')
  await put(box, at, `${file}IPADDR1=10.77.0.10\nPREFIX1=24\n`)
  const { changes, findings } = await findPersistence(box.host('source'), 'source', [moving], true)
  expect(findings).toEqual([])
  expect(changes).toMatchObject([{ before: { path: at }, text: file }])
  await put(box, at, file)
  await put(box, `${at}:1`, 'DEVICE=eth0:1\nIPADDR=10.77.0.10\nPREFIX=24\n')
  expect(await says()).toEqual([`source: 10.77.0.10 (eth0): ${at}:1: it is the only address there`])
})
