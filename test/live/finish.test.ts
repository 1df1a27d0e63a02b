import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { askStopped } from '../../src/cutover/handover/fence-proof.ts'
import { enableUnit } from '../../src/cutover/keepers/unit.ts'
import { stateOf } from '../../src/engine/journal.ts'
import { perform } from '../../src/engine/perform.ts'
import { execute } from '../../src/engine/run.ts'
import { addressFindings } from '../../src/finish/proofs.ts'
import { finishSteps } from '../../src/finish/steps.ts'
import type { HostName, Hosts } from '../../src/hosts/host.ts'
import { localHost } from '../../src/hosts/local.ts'
import { type Bench, openBench } from '../engine.ts'
import { surveyed } from '../fixtures/facts/survey.ts'
import { type Server, startMariadb } from './mariadb.ts'
import { type Box, type Net, openNet } from './namespaces.ts'

const moving = { name: 'api', address: '10.79.0.10', prefix: 24, sourceInterface: 'eth0', targetInterface: 'eth0' }

let net: Net
let bench: Bench
let source: Box
let target: Box
let database: Server
let context: Context
let state: string

beforeEach(async () => {
  net = await openNet('swapfin')
  bench = await openBench()
  ;[source, target, database, state] = await Promise.all([
    net.box('source', ['10.79.0.11/24']),
    net.box('target', ['10.79.0.12/24', '10.79.0.10/24']),
    startMariadb(),
    mkdtemp(join(tmpdir(), 'swapctl-finish-')),
  ])
  // The directory is only a mount point of this machine.
  await target.ask('sh', '-ec', 'mkdir -p /var/lib/swapctl; mount -t tmpfs tmpfs /var/lib/swapctl')
  const there = { ...target.host('target'), socket: () => localHost().socket(database.socket) }
  const hosts: Hosts = (name: HostName) =>
    name === 'target' ? there : name === 'source' ? source.host('source') : localHost()
  context = {
    hosts,
    survey: surveyed,
    recipes: [],
    config: { name: 'test', state, addresses: [moving] },
  } as unknown as Context
})

afterEach(async () => {
  await bench?.close()
  await net?.close()
  await database?.stop()
  await rm(state, { recursive: true, force: true })
})

const engine = () => bench.engine({ hosts: context.hosts })

const files = async (): Promise<readonly string[]> =>
  (await target.run(['find', '/var/lib/swapctl', '/etc/swapctl', '-type', 'f'])).stdout
    .split('\n')
    .filter(Boolean)
    .sort()

/** What prepare, migrate and cutover leave on a target and finish deals with. */
const furnish = async (): Promise<void> => {
  const home = '/var/lib/swapctl'
  await target.ask(
    'sh',
    '-ec',
    `mkdir -p $1/hops/zed/usr $1/test/backup /etc/swapctl; for f in owner.json hops/zed/usr/tool test/backup/nova.dump test/schema-keystone.env
     do echo x > $1/$f; done; echo x > /etc/swapctl/fence.nft; echo x > /run/swapctl-rabbitmq.json
     nft add table inet swapctl_fence`,
    'furnish',
    home,
  )
  const unit = { name: 'swapctl-hold', says: 'Held', commands: [['true'] as const] }
  for (const action of enableUnit('target', unit)) await perform(action, await engine())
  const db = await database.db()
  await db.run("CREATE USER 'swapctl_schema'@'localhost' IDENTIFIED BY 'x'")
  await db.run("CREATE USER 'swapctlother'@'localhost' IDENTIFIED BY 'x'")
}

const accounts = async (): Promise<readonly string[]> =>
  (
    await (await database.db()).rows<{ user: string }>("SELECT User AS user FROM mysql.user WHERE user LIKE 'swapctl%'")
  ).map((row) => row.user)

test('removes what only served the migration; the backup and the old controller stay', async () => {
  await furnish()
  const old = await source.ask('ip', '-4', 'addr')
  await execute(finishSteps(context), await engine())
  expect((await target.run(['find', '/etc/swapctl'])).code).toBe(1)
  expect((await target.ask('find', '/var/lib/swapctl', '-type', 'f')).trim()).toBe(
    '/var/lib/swapctl/test/backup/nova.dump',
  )
  expect((await target.run(['test', '-e', '/run/swapctl-rabbitmq.json'])).code).toBe(1)
  expect(await target.ask('find', '/etc/systemd/system', '-name', 'swapctl-*')).toBe('')
  expect(await askStopped(context.hosts('target'))).toBeUndefined()
  expect(await accounts()).toEqual(['swapctlother'])
  expect(await source.ask('ip', '-4', 'addr')).toBe(old)
  const byHand = join(state, 'way-back-by-hand.txt')
  expect((await stat(byHand)).mode & 0o777).toBe(0o600)
  expect(await readFile(byHand, 'utf8')).toContain('How to revert by hand')
  expect(stateOf(await bench.journal(), 'finish/claim')).toBe('done')
})

test('--remove-backup removes the backup too', async () => {
  await furnish()
  await execute(finishSteps(context, { removeBackup: true }), await engine())
  expect(await target.ask('find', '/var/lib/swapctl', '-type', 'f')).toBe('')
})

test('nothing is removed before the point of no return is recorded, and the claim last', async () => {
  await furnish()
  const before = await files()
  await rm(state, { recursive: true })
  await writeFile(state, 'no directory')
  await expect(execute(finishSteps(context), await engine())).rejects.toThrow()
  expect(await files()).toEqual(before)
  expect(stateOf(await bench.journal(), 'finish/point')).not.toBe('done')
})

test('continues after an interruption', async () => {
  await furnish()
  // A path that cannot be removed, because something is mounted on it.
  await target.ask('mount', '-t', 'tmpfs', 'tmpfs', '/var/lib/swapctl/hops')
  await expect(execute(finishSteps(context), await engine())).rejects.toMatchObject({ where: 'finish/hops' })
  const journal = await bench.journal()
  expect(stateOf(journal, 'finish/point')).toBe('done')
  expect(stateOf(journal, 'finish/claim')).toBe('pending')
  expect(await files()).toContain('/var/lib/swapctl/owner.json')
  await target.ask('umount', '/var/lib/swapctl/hops')
  await execute(finishSteps(context), await engine())
  expect((await target.ask('find', '/var/lib/swapctl', '-type', 'f')).trim()).toBe(
    '/var/lib/swapctl/test/backup/nova.dump',
  )
})

test('refuses while another machine also has the address', async () => {
  expect(await addressFindings(context, true)).toEqual([])
  const says = async (there = true) => (await addressFindings(context, there)).map((one) => `${one.level}: ${one.says}`)
  await source.ask('ip', 'addr', 'add', '10.79.0.10/24', 'dev', 'eth0')
  expect(await says()).toEqual(['block: 10.79.0.10 is on eth0 of the source'])
  // A source that cannot be asked is recognised by its answer.
  expect(await says(false)).toEqual([expect.stringMatching(/^block: 10\.79\.0\.10 is also claimed by [0-9a-f:]{17}$/)])
  await target.ask('ip', 'addr', 'del', '10.79.0.10/24', 'dev', 'eth0')
  expect(await says()).toEqual(['block: 10.79.0.10 is not on eth0 of the target'])
})
