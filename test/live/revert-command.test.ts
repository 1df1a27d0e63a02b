import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { finish } from '../../src/commands/finish.ts'
import { type RevertOptions, revert } from '../../src/commands/revert.ts'
import { askSnapshot } from '../../src/cost/snapshot.ts'
import { openJournal, stateOf } from '../../src/engine/journal.ts'
import type { Action, Phase } from '../../src/engine/step.ts'
import type { SwapError } from '../../src/errors.ts'
import type { HostName } from '../../src/hosts/host.ts'
import { saveSurvey } from '../../src/source/survey.ts'
import { surveyed } from '../fixtures/facts/survey.ts'
import { type Sshd, startSshd } from './machines.ts'
import { type Server, startMariadb } from './mariadb.ts'

let directory: string
let databases: { readonly source: Server; readonly target: Server }
let machines: Record<'source' | 'target' | 'cmp1', Sshd>
let guest: ChildProcess | undefined
let said: string

const id = (digit: string): string => `${digit.repeat(8)}-1111-4222-8333-${digit.repeat(12)}`
const state = (): string => join(directory, 'state')
const options = (more: Partial<RevertOptions> = {}): RevertOptions => ({
  config: join(directory, 'swapctl.ini'),
  ...more,
})

/** A machine whose MariaDB is this one. */
const machineWith = async (server: Server): Promise<Sshd> => {
  const home = await mkdtemp(join(directory, 'home-'))
  await writeFile(join(home, 'my.cnf'), `[mysqld]\nsocket = ${server.socket}\n`)
  return startSshd({ environment: { MYSQL_HOME: home } })
}

const writeSettings = async (): Promise<void> => {
  const section = (title: string, { machine }: Sshd) =>
    `[${title}]\nhost = ${machine.host}\nport = ${machine.port}\nkey = ${machine.key}\nhost_key = ${machine.hostKey}\n`
  const text = [
    `[swap]\nname = test\nrelease = epoxy\nstate = ${state()}\n`,
    section('source', machines.source),
    section('target', machines.target),
    '[address api]\naddress = 10.79.0.10/24\nsource_interface = eth0\ntarget_interface = eth0\n',
    section('compute cmp1', machines.cmp1),
  ]
  await writeFile(join(directory, 'swapctl.ini'), text.join('\n'))
}

/** A swap after its cutover, whose undos are written to a file instead of performed. */
const writeJournal = async (): Promise<void> => {
  const journal = await openJournal(join(state(), 'journal.jsonl'), 'test')
  const trace = (on: HostName, word: string): Action => ({
    kind: 'exec',
    on,
    argv: [
      'sh',
      '-c',
      'echo "$1" >> "$2"; test "$1" != "nova stopped" || test ! -e "$3"',
      'trace',
      word,
      join(directory, 'trace'),
      join(directory, 'broken'),
    ],
  })
  const begun = async (step: string, phase: Phase, undo: readonly Action[]): Promise<void> => {
    const machinesOf = [...new Set(undo.flatMap((action) => ('on' in action ? [action.on] : [])))]
    await journal.append({ event: 'begun', step, phase, title: step, machines: machinesOf, undo })
    await journal.append({ event: 'done', step })
  }
  await begun('fence/source', 'migrate', [trace('source', 'fence lifted')])
  await begun('nova/start', 'migrate', [trace('target', 'nova stopped')])
  await begun('cutover/picture', 'cutover', [])
  await begun('cutover/move', 'cutover', [trace('source', 'taken back'), trace('target', 'let go')])
}

const traces = async (): Promise<readonly string[]> =>
  (await readFile(join(directory, 'trace'), 'utf8').catch(() => '')).split('\n').filter(Boolean)

const stateOfSteps = async (): Promise<Record<string, string>> => {
  const journal = await openJournal(join(state(), 'journal.jsonl'), 'test')
  return Object.fromEntries(
    ['fence/source', 'nova/start', 'cutover/move'].map((step) => [step, stateOf(journal, step)]),
  )
}

const refusal = (work: Promise<void>): Promise<SwapError> =>
  work.then(
    () => expect.fail('it did not refuse'),
    (error: unknown) => error as SwapError,
  )

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'revert-command-'))
  const [source, target] = await Promise.all([startMariadb(), startMariadb()])
  databases = { source, target }
  for (const server of [source, target]) {
    const db = await server.db()
    await db.run('CREATE DATABASE nova')
    await db.run(
      `CREATE TABLE nova.instances (id INT AUTO_INCREMENT PRIMARY KEY, uuid VARCHAR(36), display_name VARCHAR(255),
       host VARCHAR(255), created_at DATETIME, updated_at DATETIME, deleted INT DEFAULT 0)`,
    )
    await db.run('INSERT INTO nova.instances (uuid, display_name, host) VALUES (?, ?, ?)', [id('a'), 'old', hostname()])
  }
  machines = { source: await machineWith(source), target: await machineWith(target), cmp1: await startSshd() }
  await writeSettings()
  const service = surveyed.services[0]
  if (service === undefined) throw new Error('no service in the fixture')
  await saveSurvey(state(), surveyed)
  const snapshot = await askSnapshot(await target.db(), { survey: surveyed })
  await writeFile(join(state(), 'picture.json'), JSON.stringify(snapshot))
  await writeJournal()
  const db = await target.db()
  await db.run('INSERT INTO nova.instances (uuid, display_name, host, created_at) VALUES (?, ?, ?, ?)', [
    id('b'),
    'Zoë',
    'cmp1',
    '2026-11-21 00:20:01',
  ])
  said = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += String(text)
    return true
  })
})

afterEach(async () => {
  vi.restoreAllMocks()
  guest?.kill('SIGKILL')
  guest = undefined
  await Promise.all(Object.values(machines ?? {}).map((one) => one.stop().catch(() => {})))
  await Promise.all([databases?.source.stop(), databases?.target.stop()])
  await rm(directory, { recursive: true, force: true })
})

/** A process with the name of QEMU's. */
const startGuest = async (uuid: string): Promise<void> => {
  const script = `exec -a /usr/bin/qemu-system-x86_64 bash -c 'echo up; read -r _' -uuid "$0"`
  const child = spawn('bash', ['-c', script, uuid], { stdio: ['pipe', 'pipe', 'ignore'] })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  guest = child
}

test('a dry run lists what would be lost, saves the list readable by its owner only, and undoes nothing', async () => {
  await revert(options({ dryRun: true }))
  expect(said).toContain(`1 x server\n    ${id('b')}  Zoë  (on cmp1, 2026-11-21 00:20:01 UTC)`)
  expect(said).toContain('nova.instances: 1 made')
  for (const name of ['revert-cost.txt', 'revert-cost.json'])
    expect((await stat(join(state(), name))).mode & 0o777).toBe(0o600)
  const kept = JSON.parse(await readFile(join(state(), 'revert-cost.json'), 'utf8')) as { resources: unknown }
  expect(kept.resources).toMatchObject([{ what: 'server', made: [{ id: id('b') }], changed: [], gone: [] }])
  expect(await readFile(join(state(), 'revert-cost.txt'), 'utf8')).toContain(id('b'))
  expect(await traces()).toEqual([])
})

test('the confirmation follows the list; with --yes it reverts and names an unknown guest', async () => {
  await startGuest(id('b'))
  expect((await refusal(revert(options()))).message).toBe('there is no terminal to ask for confirmation')
  expect(said).toContain('Zoë')
  expect(await traces()).toEqual([])
  said = ''
  await revert(options({ yes: true }))
  expect(await traces()).toEqual(['taken back', 'let go', 'nova stopped', 'fence lifted'])
  expect(said).toContain(`cmp1: server ${id('b')} 'Zoë' runs there (process ${guest?.pid})`)
  expect(said).toContain(`on cmp1: kill ${guest?.pid}; rm -r /var/lib/nova/instances/${id('b')}`)
  expect(said).not.toContain(`server ${id('a')}`)
})

test('a database that does not answer stops the revert, unless the list is waived', async () => {
  await databases.target.stop()
  const refused = await refusal(revert(options({ yes: true })))
  expect(refused).toMatchObject({ exitCode: 2 })
  expect(refused.message).toContain('cannot find out what the new controller has accepted')
  expect(refused.next).toContain('swapctl revert --without-list')
  expect(await traces()).toEqual([])
  await revert(options({ yes: true, withoutList: true }))
  expect(said).toContain('Reverting without a data-loss report, as you asked')
  expect(await traces()).toEqual(['taken back', 'let go', 'nova stopped', 'fence lifted'])
})

test('with a dead target the old cloud is restored; the rest is undone when the target answers again', async () => {
  await machines.target.stop()
  const { key } = machines.source.machine
  machines = { ...machines, target: { ...machines.target, machine: { ...machines.target.machine, key } } }
  await writeSettings()
  expect((await refusal(revert(options({ yes: true })))).message).toContain('no connection: connect ECONNREFUSED')
  await revert(options({ yes: true, withoutList: true }))
  expect(said).toContain('ALARM: not undone on the target: cutover/move, nova/start')
  expect(said).toContain('Keep it off the network')
  expect(await traces()).toEqual(['taken back', 'fence lifted'])
  expect(await stateOfSteps()).toEqual({ 'cutover/move': 'failed', 'nova/start': 'failed', 'fence/source': 'undone' })
  machines = { ...machines, target: await machineWith(databases.target) }
  await writeSettings()
  await revert(options({ yes: true }))
  expect(await traces()).toEqual(['taken back', 'fence lifted', 'taken back', 'let go', 'nova stopped'])
  expect(await stateOfSteps()).toEqual({ 'cutover/move': 'undone', 'nova/start': 'undone', 'fence/source': 'undone' })
})

test('a revert interrupted after the addresses moved back lists the losses again', async () => {
  await writeFile(join(directory, 'broken'), '')
  await refusal(revert(options({ yes: true })))
  expect(await traces()).toEqual(['taken back', 'let go', 'nova stopped'])
  said = ''
  await rm(join(directory, 'broken'))
  await revert(options({ yes: true }))
  expect(said).toContain('Zoë')
  expect(await traces()).toEqual(['taken back', 'let go', 'nova stopped', 'nova stopped', 'fence lifted'])
})

test('nothing is lost before the addresses have moved, nor by an earlier reverted swap', async () => {
  await revert(options({ yes: true }))
  const journal = await openJournal(join(state(), 'journal.jsonl'), 'test')
  await journal.append({ event: 'begun', step: 'nova/start', phase: 'migrate', title: 'x', machines: [], undo: [] })
  said = ''
  await revert(options({ yes: true }))
  expect(said).toContain('the new controller has served no client, nothing is lost')
  expect(said).not.toContain('Zoë')
})

test('a swap can be finished only after its cutover, and not reverted afterwards', async () => {
  expect((await refusal(finish(options({ yes: true })))).message).toContain('these steps are not done')
  const journal = await openJournal(join(state(), 'journal.jsonl'), 'test')
  const point = { step: 'finish/point', phase: 'finish', title: 'point', machines: [], undo: [] } as const
  await journal.append({ event: 'begun', ...point })
  await journal.append({ event: 'done', step: 'finish/point' })
  const refused = await refusal(revert(options({ yes: true, withoutList: true })))
  expect(refused.exitCode).toBe(2)
  expect(refused.message).toMatch(/^this swap was finished at 20/)
  expect(refused.next).toContain(join(state(), 'way-back-by-hand.txt'))
  expect(await traces()).toEqual([])
})

test('after an interrupted prepare the files it replaced are restored', async () => {
  const trace = { kind: 'exec', on: 'target', argv: ['sh', '-c', 'echo "policy back" >> "$1"', 'x'] } as const
  const undo: readonly Action[] = [{ ...trace, argv: [...trace.argv, join(directory, 'trace')] }]
  await revert(options({ yes: true }))
  const before = await traces()
  const journal = await openJournal(join(state(), 'journal.jsonl'), 'test')
  const begun = { step: 'packages/install', phase: 'prepare', title: 'x', machines: ['target'], undo } as const
  await journal.append({ event: 'begun', ...begun })
  await journal.append({ event: 'failed', step: begun.step, error: 'apt' })
  await revert(options({ yes: true }))
  expect((await traces()).slice(before.length)).toEqual(['policy back'])
  said = ''
  await revert(options({ yes: true }))
  expect(said).toContain('Nothing to undo')
})
