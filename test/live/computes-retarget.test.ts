import { type ChildProcess, execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Machine } from '../../src/config.ts'
import { stateOf } from '../../src/engine/journal.ts'
import {
  addAgent,
  brokersOf,
  confirmed,
  head,
  journalIn,
  keepAll,
  makeCompute,
  refuseAll,
  restartsOf,
  section,
} from './agents.ts'
import { type Built, build } from './build.ts'
import { api, give, type OpenBoxes, openBoxes, put } from './controllers.ts'
import { type BoxSshd, sshdIn } from './inetd.ts'
import { type Sshd, startSshd } from './machines.ts'
import { type Box, speak } from './namespaces.ts'

const password = 'Zq8-word-of-the-queue'

const url = (...hosts: readonly string[]): string =>
  `rabbit://openstack:${password}@${hosts.join(`,openstack:${password}@`)}//`

const novaConf = `# a sample file, with an é
[DEFAULT]
transport_url = ${url('10.77.0.11:5672', '10.77.0.10:5672')}
# memcached_servers = 10.77.0.11:11211
[keystone_authtoken]
memcached_servers=10.77.0.11:5672
auth_url = http://ctl1.example:5000`

const neutronConf = `[DEFAULT]\ntransport_url = ${url('10.77.0.11:5672')}\n`

const files = { '/etc/nova/nova.conf': novaConf, '/etc/neutron/neutron.conf': neutronConf }

let directory: string
let built: Built
let shared: Sshd
let boxes: OpenBoxes
let computes: readonly Box[]
let endBroker: () => void
let sides: Readonly<Record<'source' | 'target', Machine>>
const sshds: BoxSshd[] = []
const sections: string[] = []

const opened = async (box: Box, with_?: Sshd): Promise<Machine> => {
  const sshd = await sshdIn(box, with_)
  sshds.push(sshd)
  return sshd.machine
}

const startBroker = async (): Promise<void> => {
  endBroker = await keepAll(boxes.target, 5672)
}

/** Settings as given, with the owner and mode of a service's file. */
const reset = async (box: Box): Promise<void> => {
  for (const [path, text] of Object.entries(files)) {
    await put(box, path, text)
    await box.ask('sh', '-c', 'chown 65534:65533 "$1"; chmod 640 "$1"', 'own', path)
  }
  await box.ask('rm', '-rf', '/var/lib/swapctl', '/run/restarts', '/run/hang')
  for (const unit of ['nova-compute', 'neutron-openvswitch-agent', 'neutron-l3-agent'])
    await box.ask('systemctl', 'try-restart', unit)
  await box.ask('rm', '-f', '/run/restarts')
}

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'swapctl-retarget-'))
  built = build('test/live/computes-program.ts')
  ;[boxes, shared] = await Promise.all([openBoxes('swapret'), startSshd()])
  const { source, target } = boxes
  await give(target, api)
  await speak(source, 5672, 'source')
  await startBroker()
  computes = await Promise.all([21, 22, 23].map((last) => boxes.net.box(`cmp${last}`, [`10.77.0.${last}/24`], true)))
  for (const box of computes) {
    await makeCompute(box)
    await put(box, '/etc/hosts', '127.0.0.1 localhost\n10.77.0.11 ctl1.example\n')
    for (const [path, text] of Object.entries(files)) await put(box, path, text)
    await addAgent(box, 'nova-compute', '/etc/nova/nova.conf')
    await addAgent(box, 'neutron-openvswitch-agent', '/etc/neutron/neutron.conf')
    await addAgent(box, 'neutron-l3-agent', '/etc/neutron/neutron.conf')
    await addAgent(box, 'neutron-metadata-agent', '/etc/neutron/neutron.conf', false)
  }
  sides = { source: await opened(source), target: await opened(target) }
  sections.push(head(directory, sides.source, sides.target))
  for (const [index, box] of computes.entries())
    sections.push(section(`compute cmp${index + 1}`, await opened(box, shared)))
  await writeFile(join(directory, 'swapctl.ini'), sections.join('\n'))
  const gone = section('compute gone', { ...(await opened(target, shared)), port: 1 })
  await writeFile(join(directory, 'gone.ini'), [...sections, gone].join('\n'))
  const same = section('compute same', await opened(source, shared))
  await writeFile(join(directory, 'same.ini'), [...sections, same].join('\n'))
}, 300_000)

afterAll(async () => {
  await Promise.all(sshds.map((sshd) => sshd.stop()))
  await boxes?.close()
  await shared?.stop()
  built?.remove()
  await rm(directory, { recursive: true, force: true })
})

const journal = () => journalIn(directory, sides.source, sides.target)

/** As after a confirmed cutover. */
beforeEach(async () => {
  await Promise.all(computes.map(reset))
  await rm(join(directory, 'state'), { recursive: true, force: true })
  await confirmed(directory, sides.source, sides.target)
}, 120_000)

interface Ended {
  readonly code: number
  readonly text: string
}

const swapctl = (
  words: readonly string[],
  file = 'swapctl.ini',
  heard?: (child: ChildProcess) => void,
): Promise<Ended> =>
  new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [built.path, '--config', join(directory, file), 'computes', ...words],
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 137), text: stdout + stderr }),
    )
    heard?.(child)
  })

/** Content, owner, mode and time of the settings on a compute. */
const pictureOf = (box: Box): Promise<string> =>
  box.ask('sh', '-c', 'cd /etc && sha256sum nova/* neutron/* && stat -c "%n %U %G %a" nova/* neutron/*')

const cmp = (at: number): Box => computes[at] as Box

test('a dry run shows what would change, without secrets, and changes nothing', async () => {
  const before = await pictureOf(cmp(0))
  const { code, text } = await swapctl(['retarget', '--dry-run'])
  expect(text).toMatch(/^cmp1: 3 options in 2 files; restart: neutron-openvswitch-agent, nova-compute$/m)
  expect(text).toMatch(
    /^ {2}\[DEFAULT\] transport_url in \/etc\/nova\/nova\.conf, read by nova-compute: 10\.77\.0\.11 becomes 10\.77\.0\.12$/m,
  )
  expect(text).toMatch(/^\+ memcached_servers = 10\.77\.0\.12:5672$/m)
  expect(text).toMatch(/not restarted without --with-cuts: neutron-l3-agent \(.*keepalived/)
  expect(text).toMatch(/by hand: \[keystone_authtoken\] auth_url .*ctl1\.example is a name for 10\.77\.0\.11/)
  expect(text).not.toContain(password)
  expect(code).toBe(0)
  expect(await pictureOf(cmp(0))).toBe(before)
  expect(await restartsOf(cmp(0))).toEqual([])
}, 180_000)

test('a controller of the source that is named as a compute is left alone', async () => {
  const { text } = await swapctl(['retarget', '--dry-run'], 'same.ini')
  expect(text).toMatch(/^same: nothing to rewrite\n {2}by hand: it is the source: swapctl writes no settings there$/m)
}, 180_000)

test('before the cutover is confirmed it is refused', async () => {
  const opened = await journal()
  await opened.append({ event: 'undone', step: 'cutover/confirm' })
  await opened.close()
  const { code, text } = await swapctl(['retarget', '--yes'])
  expect(text).toContain('cutover/confirm is not done')
  expect(code).toBe(2)
  expect(await restartsOf(cmp(0))).toEqual([])
}, 180_000)

test('all follow, one that is gone is left for later, and revert puts every byte back', async () => {
  const before = await Promise.all(computes.map(pictureOf))
  const { code, text } = await swapctl(['retarget', '--yes'], 'gone.ini')
  expect(text).toMatch(/computes\/retarget@cmp1 .*connected to .*10\.77\.0\.12:5672/)
  expect(text).toMatch(
    /Do by hand:[\s\S]*compute:gone gave no answer[\s\S]*once it is back, run: swapctl computes retarget/,
  )
  expect(text).not.toContain(password)
  expect(code).toBe(1)
  for (const box of computes) {
    expect(await box.ask('cat', '/etc/nova/nova.conf')).toBe(
      novaConf
        .replace('@10.77.0.11:5672', '@10.77.0.12:5672')
        .replace('memcached_servers=10.77.0.11', 'memcached_servers=10.77.0.12'),
    )
    expect(await box.ask('stat', '-c', '%u %g %a', '/etc/nova/nova.conf')).toBe('65534 65533 640\n')
    expect((await restartsOf(box)).toSorted()).toEqual(['neutron-openvswitch-agent', 'nova-compute'])
    expect(await brokersOf(box)).toEqual(['10.77.0.11', '10.77.0.12'])
    expect(
      await box.ask('sh', '-c', 'stat -c %a /var/lib/swapctl /var/lib/swapctl/test /var/lib/swapctl/test/retarget'),
    ).toBe('700\n700\n700\n')
  }
  const log = await readFile(join(directory, 'state', 'journal.jsonl'), 'utf8')
  expect(log).not.toContain(password)

  const cuts = await swapctl(['retarget', '--yes', '--with-cuts'])
  expect(cuts.code).toBe(0)
  for (const box of computes) {
    expect((await restartsOf(box)).filter((unit) => unit === 'neutron-l3-agent')).toHaveLength(1)
    expect(await brokersOf(box)).toEqual(['10.77.0.12'])
  }
  expect((await swapctl(['retarget', '--yes'])).text).toContain('Nothing is left to rewrite')

  const back = await swapctl(['revert', '--yes'], 'gone.ini')
  expect(back.text).toMatch(/still to undo, from computes\/retarget@gone/)
  expect(back.code).toBe(1)
  expect(await Promise.all(computes.map(pictureOf))).toEqual(before)
  for (const box of computes) {
    await expect.poll(() => brokersOf(box)).toEqual(['10.77.0.11'])
    expect((await box.run(['ls', '/var/lib/swapctl/test/retarget'])).code).not.toBe(0)
    expect((await restartsOf(box)).includes('neutron-metadata-agent')).toBe(false)
  }
}, 600_000)

test('a broker that lets nobody in: the first compute is put back, and no other is touched', async () => {
  const before = await Promise.all(computes.map(pictureOf))
  endBroker()
  const end = await refuseAll(boxes.target, 5672)
  try {
    const { code, text } = await swapctl(['retarget', '--yes', '--canary', 'cmp2'])
    expect(text).toMatch(
      /computes\/retarget@cmp2 failed: .*has no connection to 10\.77\.0\.12:5672.* that lasts[\s\S]*it was put back/,
    )
    expect(text).toContain('Not begun: 2 of 3 computes')
    expect(code).toBe(1)
  } finally {
    await end()
    await startBroker()
  }
  expect(await Promise.all(computes.map(pictureOf))).toEqual(before)
  expect(await restartsOf(cmp(0))).toEqual([])
  await expect.poll(() => brokersOf(cmp(1))).toEqual(['10.77.0.11'])
  expect(stateOf(await journal(), 'computes/retarget@cmp2')).toBe('undone')
}, 600_000)

test('nothing is written where the target takes no connection', async () => {
  endBroker()
  try {
    const { text } = await swapctl(['retarget', '--yes'])
    expect(text).toMatch(/nothing was changed there: 10\.77\.0\.12 port 5672 takes no connection/)
  } finally {
    await startBroker()
  }
  expect(await restartsOf(cmp(0))).toEqual([])
  expect(await cmp(0).ask('cat', '/etc/nova/nova.conf')).toBe(novaConf)
}, 180_000)

test('killed while an agent is restarted, run again, it goes on; a file changed meanwhile is not put back', async () => {
  const before = await pictureOf(cmp(0))
  await put(cmp(0), '/run/hang', '')
  let child: ChildProcess | undefined
  const first = swapctl(['retarget', '--yes'], 'swapctl.ini', (started) => {
    child = started
  })
  await expect.poll(() => restartsOf(cmp(0)), { timeout: 90_000 }).toHaveLength(1)
  child?.kill('SIGKILL')
  expect((await first).code).toBe(137)
  expect(await restartsOf(cmp(1))).toEqual([])
  await cmp(0).ask('rm', '/run/hang')
  const { code, text } = await swapctl(['retarget', '--yes'])
  expect(`${code} ${text}`).toMatch(/^0 /)
  for (const box of computes) expect(await brokersOf(box)).toEqual(['10.77.0.11', '10.77.0.12'])

  await cmp(0).ask('sh', '-c', 'echo "# mine" >> /etc/neutron/neutron.conf')
  const back = await swapctl(['revert', '--yes'])
  expect(back.text).toMatch(
    /still to undo, from computes\/retarget@cmp1: [\s\S]*\/etc\/neutron\/neutron\.conf was changed after swapctl wrote it, and stays/,
  )
  expect(back.code).toBe(1)
  expect(await cmp(0).ask('cat', '/etc/neutron/neutron.conf')).toContain('# mine')
  expect(await cmp(0).ask('cat', '/etc/nova/nova.conf')).toBe(novaConf)
  const picture = await pictureOf(cmp(1))
  expect(picture).toBe(before)

  // Put right by hand, the rest is undone.
  await cmp(0).ask('sh', '-c', 'cp --preserve=all /var/lib/swapctl/test/retarget/files/*/old /etc/neutron/neutron.conf')
  expect((await swapctl(['revert', '--yes'])).code).toBe(0)
  expect(await pictureOf(cmp(0))).toBe(before)
}, 600_000)
