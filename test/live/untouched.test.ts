import { appendFile, chmod, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import type { Event } from '../../src/engine/journal.ts'
import { keepSeen } from '../../src/engine/keep.ts'
import type { Step } from '../../src/engine/step.ts'
import type { Argv, Command, Host } from '../../src/hosts/host.ts'
import { localHost } from '../../src/hosts/local.ts'
import { novaRecipe as nova } from '../../src/services/nova/recipe.ts'
import { fingerprintSteps } from '../../src/source/fingerprint.ts'
import { isFrozen, proveUntouched, sourceDifferences, untouchedText } from '../../src/verify/untouched.ts'
import { type Server, startMariadb } from './mariadb.ts'
import { type Box, type Net, openNet } from './namespaces.ts'

let net: Net
let box: Box
let server: Server
let directory: string
let context: Context
const path = (name: string): string => join(directory, name)

/** Answers swapctl's questions to systemd from two files. */
const systemctl = `#!/bin/sh
here=$(dirname "$0")
case $1 in
list-unit-files) cat "$here/unit-files" ;;
show) cat "$here/units" ;;
*) exit 1 ;;
esac
`
const unit = (name: string, load: string, active: string, file: string): string =>
  `Id=${name}.service\nLoadState=${load}\nActiveState=${active}\nUnitFileState=${file}\n\n`
const stopped = unit('nova-api', 'masked', 'inactive', 'masked') + unit('nova-cert', 'not-found', 'inactive', '')

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'untouched-'))
  await chmod(directory, 0o755)
  net = await openNet('untouched')
  ;[box, server] = await Promise.all([net.box('source', ['10.77.61.11/24', '10.77.61.10/24']), startMariadb()])
  await writeFile(path('systemctl'), systemctl, { mode: 0o755 })
  await writeFile(
    path('unit-files'),
    'cron.service enabled enabled\nswapctl-x.service enabled -\nrun-1.service transient -\n',
  )
  await writeFile(path('units'), stopped)
  const here = box.host('source')
  const at = ({ argv, ...rest }: Command): Command => ({
    ...rest,
    argv: ['env', `PATH=${directory}:/usr/sbin:/usr/bin:/sbin:/bin`, ...argv] as Argv,
  })
  const source: Host = { ...here, run: (command) => here.run(at(command)), socket: server.host.socket }
  await box.ask(
    'sh',
    '-ec',
    'mkdir -p /etc/nova; echo "[DEFAULT]" > /etc/nova/nova.conf; ln -sfn /etc/nova /etc/nova/link',
  )
  await server.load('', 'CREATE DATABASE nova; CREATE DATABASE `other``s`')
  await server.load(
    'nova',
    "CREATE TABLE instances (id INT PRIMARY KEY, v VARCHAR(9)); INSERT INTO instances VALUES (1, 'a'), (2, 'b'); CREATE TABLE logs (v INT) ENGINE = Aria",
  )
  await server.load('other`s', 'CREATE TABLE things (v INT); INSERT INTO things VALUES (1)')
  const addresses = [
    { name: 'api', address: '10.77.61.10', prefix: 24, sourceInterface: 'eth0', targetInterface: 'eth0' },
  ]
  context = {
    config: {
      name: 'test',
      state: path('state'),
      addresses,
      source: { machines: [{ name: 'source' }], openrc: '/etc/nova/nova.conf' },
    },
    hosts: () => source,
    recipes: [nova],
    survey: { services: [] },
  } as unknown as Context
})
afterAll(async () => {
  await Promise.all([net?.close(), server?.stop()])
  await rm(directory, { recursive: true, force: true })
})

const journal = async (...events: readonly Event[]): Promise<void> => {
  await mkdir(path('state'), { recursive: true })
  await appendFile(
    path('state/journal.jsonl'),
    events.map((event) => `${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`).join(''),
  )
}
const begun = (step: string, undo: Extract<Event, { event: 'begun' }>['undo'] = []): Event => ({
  event: 'begun',
  step,
  phase: 'cutover',
  title: step,
  machines: [],
  undo,
})
const done = (step: string): Event => ({ event: 'done', step })

/** What `verify` names after a change, and that it is silent after its reversal. */
const named = async (change: () => Promise<unknown>, back: () => Promise<unknown>): Promise<readonly string[]> => {
  await change()
  const found = await sourceDifferences(context, [nova])
  const quick = String(await proveUntouched(context, 'quick').catch((error: unknown) => error))
  const glance = await untouchedText(context)
  await back()
  expect(quick).toContain('changed since the freeze')
  // A brief look reads no table, and says when there is reason to.
  expect(glance).toMatch(/^ALARM: source: changed since the freeze|MariaDB has written since: swapctl verify reads/)
  for (const { where } of found) expect(quick).toContain(where)
  return found.map(({ where, says, service }) => `${service ?? '-'} ${where}: ${says}`)
}
const sql = (database: string, text: string) => server.load(database, text)
const sh = (script: string) => box.ask('sh', '-ec', script)

const fingerprint = async () => {
  const [step] = fingerprintSteps(context) as readonly [Step, ...Step[]]
  await keepSeen(step, { hosts: () => localHost(), fixups: async () => '' })
  return step.proof?.()
}

test('without a valid fingerprint there is no alarm', async () => {
  await journal({ event: 'opened', version: 1, swap: 'test' })
  expect(await isFrozen(context)).toBe(false)
  expect(await untouchedText(context)).toBeUndefined()
  expect(await sourceDifferences(context, [nova])).toEqual([])
  await expect(proveUntouched(context)).rejects.toThrow('the source has no fingerprint')
})

test('the fingerprint has every table, file, unit and address, and is readable by its owner only', async () => {
  expect(await fingerprint()).toMatch(/^10 tables, \d+ files, 2 units, 2 addresses: [0-9a-f]{12}$/)
  await journal(begun('freeze/fingerprint'), done('freeze/fingerprint'))
  expect((await stat(path('state/fingerprint.json'))).mode & 0o777).toBe(0o600)
  expect(await proveUntouched(context)).toMatch(
    /^10 tables, \d+ files, 2 units and 2 addresses as they were at the freeze$/,
  )
  expect(await proveUntouched(context, 'quick')).toContain('10 tables (nothing written since)')
  expect(await sourceDifferences(context, [nova])).toEqual([])
})

test('a changed row is reported by table, in every database and engine', async () => {
  expect(
    await named(
      () => sql('nova', "UPDATE instances SET v = 'c' WHERE id = 2"),
      () => sql('nova', "UPDATE instances SET v = 'b' WHERE id = 2"),
    ),
  ).toEqual(['nova source, table nova.instances: changed since the freeze'])
  // Written and changed back: the counters have moved, so the tables are read and found equal.
  expect(await proveUntouched(context, 'quick')).toMatch(/^10 tables, /)
  expect(
    await named(
      () => sql('nova', 'INSERT INTO logs VALUES (1)'),
      () => sql('nova', 'DELETE FROM logs'),
    ),
  ).toEqual(['nova source, table nova.logs: changed since the freeze'])
  expect(
    await named(
      () => sql('other`s', 'CREATE TABLE new (v INT); UPDATE things SET v = 2'),
      () => sql('other`s', 'DROP TABLE new; UPDATE things SET v = 1'),
    ),
  ).toEqual([
    '- source, table other`s.things: changed since the freeze',
    '- source, table other`s.new: is new since the freeze',
  ])
})

test('an account that was created or got more rights is named', async () => {
  expect(
    await named(
      () => sql('', 'CREATE USER eve'),
      () => sql('', 'DROP USER eve'),
    ),
  ).toEqual(['- source, table mysql.global_priv: changed since the freeze'])
})

test('a changed file, mode, link, unit and address are named', async () => {
  const conf = '/etc/nova/nova.conf'
  expect(
    await named(
      () => sh(`echo x >> ${conf}`),
      () => sh(`echo "[DEFAULT]" > ${conf}`),
    ),
  ).toEqual([`nova source, file ${conf}: changed since the freeze`])
  expect(
    await named(
      () => sh(`chmod 600 ${conf}`),
      () => sh(`chmod 644 ${conf}`),
    ),
  ).toEqual([`nova source, file ${conf}: was 644 root:root at the freeze and is 600 root:root`])
  expect(
    await named(
      () => sh('ln -sfn /tmp /etc/nova/link'),
      () => sh('ln -sfn /etc/nova /etc/nova/link'),
    ),
  ).toEqual(['nova source, file /etc/nova/link: was 777 root:root /etc/nova at the freeze and is 777 root:root /tmp'])
  const running = stopped
    .replace('masked\nActiveState=inactive', 'loaded\nActiveState=active')
    .replace('=masked', '=enabled')
  expect(
    await named(
      () => writeFile(path('units'), running),
      () => writeFile(path('units'), stopped),
    ),
  ).toEqual(['nova source, unit nova-api: was masked, stopped at the freeze and is not masked, running'])
  expect(
    await named(
      () => sh('ip addr add 10.77.61.99/24 dev eth0; ip addr del 10.77.61.10/24 dev eth0'),
      () => sh('ip addr del 10.77.61.99/24 dev eth0; ip addr add 10.77.61.10/24 brd + dev eth0'),
    ),
  ).toEqual([
    '- source, address 10.77.61.10: existed at the freeze and is gone',
    '- source, address 10.77.61.99: is new since the freeze',
  ])
})

test("the swap's own changes to the source are no alarm; their reversal by others is", async () => {
  await sh('mkdir -p /etc/network; echo old > /etc/network/interfaces')
  await fingerprint()
  const undo = [
    { kind: 'write', on: 'source', path: '/etc/network/interfaces', mode: '0644', content: 'old\n' },
  ] as const
  await journal(begun('cutover/persist-source', undo), done('cutover/persist-source'), begun('cutover/move'))
  await sh('echo new > /etc/network/interfaces')
  expect(await sourceDifferences(context, [nova])).toEqual([])
  await sh('ip addr del 10.77.61.10/24 dev eth0')
  expect(await sourceDifferences(context, [nova])).toEqual([])
  await journal(done('cutover/move'))
  expect(await sourceDifferences(context, [nova])).toEqual([])
  await sh('ip addr add 10.77.61.10/24 dev eth0')
  expect((await sourceDifferences(context, [nova])).map(({ says }) => says)).toEqual([
    'has moved to the target but is on eth0/24 again',
  ])
  await journal({ event: 'undone', step: 'cutover/move' }, { event: 'undone', step: 'cutover/persist-source' })
  expect((await sourceDifferences(context, [nova])).map(({ where }) => where)).toEqual([
    'source, file /etc/network/interfaces',
  ])
  await journal({ event: 'undone', step: 'freeze/fingerprint' })
  expect(await sourceDifferences(context, [nova])).toEqual([])
})

test('a source that does not answer is reported', async () => {
  await journal(begun('freeze/fingerprint'), done('freeze/fingerprint'))
  await sh('echo old > /etc/network/interfaces')
  expect(await untouchedText(context)).toContain('10 tables (nothing written since)')
  const silent = {
    ...context,
    hosts: () => ({ ...context.hosts('source'), socket: () => Promise.reject(new Error('gone')) }),
  }
  expect(await untouchedText(silent)).toMatch(/^ALARM: source, MariaDB: /)
})
