import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { listComputes } from '../../src/commands/computes-list.ts'
import type { Machine } from '../../src/config.ts'
import { api, give, type OpenBoxes, openBoxes, put } from './controllers.ts'
import { type BoxSshd, sshdIn } from './inetd.ts'
import { type Box, speak } from './namespaces.ts'

const password = 'Zt4-word-of-the-queue'

const novaConf = `# a sample file
[DEFAULT]
transport_url = rabbit://openstack:${password}@10.77.0.11:5672,openstack:${password}@10.77.0.10:5672//
[keystone_authtoken]
auth_url = http://cloud.example:5000
memcached_servers = ctl1.example:11211
[glance]
api_servers = http://nowhere.invalid:9292
`

/** Connects to a port of these addresses and keeps the connections. */
const holding = `import socket, sys, time
kept = [socket.create_connection((one, 5672)) for one in sys.argv[3:]]
print('connected', flush=True)
time.sleep(3600)
`

let directory: string
let boxes: OpenBoxes
const sshds: BoxSshd[] = []

const section = (title: string, { host, port, key, hostKey }: Machine): string =>
  `[${title}]\nhost = ${host}\nport = ${port}\nkey = ${key}\nhost_key = ${hostKey}\n`

const opened = async (box: Box): Promise<Machine> => {
  const sshd = await sshdIn(box)
  sshds.push(sshd)
  return sshd.machine
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'swapctl-computes-'))
  boxes = await openBoxes('swapcmp')
  const { source, target, compute } = boxes
  await give(source, api)
  await speak(source, 5672, 'source')
  await put(compute, '/etc/hosts', '127.0.0.1 localhost\n10.77.0.10 cloud.example\n10.77.0.11 ctl1.example\n')
  await put(compute, '/etc/nova/nova.conf', novaConf)
  // A program of that name, with the command line of one.
  await compute.ask('sh', '-ec', 'cp "$(readlink -f "$(command -v python3)")" /run/nova-compute')
  const words = ['--config-file', '/etc/nova/nova.conf', '10.77.0.11', '10.77.0.10']
  await compute.start('/run/nova-compute', '-c', holding, ...words).said
  const dead = { ...(await opened(target)), port: 1 }
  const text = [
    `[swap]\nname = test\nrelease = epoxy\nstate = ${directory}/state\n`,
    section('source', await opened(source)),
    section('target', await opened(target)),
    '[address api]\naddress = 10.77.0.10/24\nsource_interface = eth0\ntarget_interface = eth0\n',
    section('compute cmp1', await opened(compute)),
  ]
  await writeFile(join(directory, 'swapctl.ini'), text.join('\n'))
  await writeFile(join(directory, 'dead.ini'), [...text, section('compute cmp2', dead)].join('\n'))
}, 240_000)

afterAll(async () => {
  await Promise.all(sshds.map((sshd) => sshd.stop()))
  await boxes?.close()
  await rm(directory, { recursive: true, force: true })
})

const listed = async (file: string, json = false): Promise<string> => {
  let said = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += text
    return true
  })
  try {
    await listComputes({ config: join(directory, file), json })
  } finally {
    write.mockRestore()
  }
  return said
}

const etc = (): Promise<string> => boxes.compute.ask('sh', '-c', 'tar -C /etc -c . | sha256sum')

test('a compute is asked for its settings, its names and its open connections, and nothing is changed', async () => {
  const before = await etc()
  const [answer] = JSON.parse(await listed('swapctl.ini', true)).computes
  const shown = answer.leads
    .filter(({ by }: { by: readonly string[] }) => by.includes('nova-compute'))
    .map((lead: Record<string, unknown>) => [lead['direction'], lead['use'], lead['host'], lead['addresses']])
  expect(shown).toEqual([
    ['stays behind', 'queue', '10.77.0.11', ['10.77.0.11']],
    ['stays behind', 'cache', 'ctl1.example', ['10.77.0.11']],
    ['stays behind', 'open', '10.77.0.11', ['10.77.0.11']],
    ['follows the address', 'queue', '10.77.0.10', ['10.77.0.10']],
    ['follows the address', 'identity', 'cloud.example', ['10.77.0.10']],
    ['follows the address', 'open', '10.77.0.10', ['10.77.0.10']],
    ['elsewhere', 'API', 'nowhere.invalid', []],
  ])
  expect(answer).toMatchObject({ name: 'cmp1', behind: true })
  expect(process.exitCode).toBeUndefined()
  expect(await etc()).toBe(before)
  expect(existsSync(join(directory, 'state'))).toBe(false)
}, 180_000)

test('one that gives no answer is named, and the others are listed; no secret is shown', async () => {
  const text = await listed('dead.ini')
  expect(process.exitCode).toBe(1)
  process.exitCode = undefined
  expect(text).toMatch(
    /^ {2}stays behind +queue +10\.77\.0\.11:5672 +\[DEFAULT\] transport_url in \/etc\/nova\/nova\.conf +nova-compute\b/m,
  )
  expect(text).toMatch(/ctl1\.example:11211 \(10\.77\.0\.11\)/)
  expect(text).toContain('nowhere.invalid:9292 (does not resolve there)')
  expect(text).toMatch(/^compute:cmp2 gave no answer \(no connection/m)
  expect(text).toMatch(/^1 of 2 computes do not follow the cutover with everything: cmp1, 1 gave no answer$/m)
  expect(text).not.toContain(password)
}, 180_000)

test('a file that its agent cannot read is named with its line', async () => {
  await put(boxes.compute, '/etc/nova/nova.conf', `[DEFAULT]\n${password}\n`)
  const text = await listed('swapctl.ini')
  process.exitCode = undefined
  expect(text).toMatch(/^compute:cmp1 gave no answer \(\/etc\/nova\/nova\.conf, line 2: no '=' or ':' in the line/m)
  expect(text).not.toContain(password)
}, 180_000)
