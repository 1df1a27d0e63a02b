import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { withSession } from '../../src/commands/session.ts'
import type { Context } from '../../src/context.ts'
import { readIdentity } from '../../src/engine/identity.ts'
import { openHosts } from '../../src/hosts/hosts.ts'
import { readSettings } from '../../src/settings/settings.ts'
import { claimStep, isOurs } from '../../src/target/claim.ts'
import { type Sshd, startSshd } from './machines.ts'

let directory: string
let source: Sshd
let target: Sshd
let said: string

const settings = (operator: string): string => join(directory, `${operator}.ini`)
const stateOf = (operator: string): string => join(directory, operator)
const lockOf = ({ directory: home }: Sshd): string => join(home, 'swapctl.lock')

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'machine-lock-'))
  ;[source, target] = await Promise.all([startSshd(), startSshd()])
  const section = (title: string, { machine }: Sshd) =>
    `[${title}]\nhost = ${machine.host}\nport = ${machine.port}\nkey = ${machine.key}\nhost_key = ${machine.hostKey}\n`
  for (const operator of ['ann', 'bob'])
    await writeFile(
      settings(operator),
      [
        `[swap]\nname = test\nrelease = epoxy\nstate = ${stateOf(operator)}\n`,
        section('source', source),
        section('target', target),
        '[address api]\naddress = 10.79.0.10/24\nsource_interface = eth0\ntarget_interface = eth0\n',
      ].join('\n'),
    )
  said = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += text
    return true
  })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await Promise.all([source?.stop(), target?.stop()])
  await rm(directory, { recursive: true, force: true })
})

const run = <T>(operator: string, command: string, work: () => Promise<T>, breakLock = false): Promise<T> =>
  withSession(command, { config: settings(operator), breakLock }, work)

const nothing = async (): Promise<string> => 'ran'

/** Leaves the lock of a session of Ann's, with some fields changed, on both machines. */
const leaveLock = async (fields: object): Promise<void> => {
  const mine = await run('ann', 'migrate', async () => JSON.parse(readFileSync(lockOf(target), 'utf8')) as object)
  for (const machine of [source, target]) writeFileSync(lockOf(machine), JSON.stringify({ ...mine, ...fields }))
}

const deadPid = (): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn('true')
    child.once('exit', () => resolve(child.pid ?? 0))
  })

test('of two state directories only one may work on the machines; the other is told who, and leaves nothing there', async () => {
  await run('ann', 'migrate', async () => {
    expect([source, target].map((machine) => existsSync(lockOf(machine)))).toEqual([true, true])
    for (const command of ['prepare', 'cutover', 'revert', 'finish'])
      await expect(run('bob', command, nothing)).rejects.toMatchObject({
        exitCode: 2,
        where: 'target',
        message: expect.stringMatching(
          new RegExp(`in use: swapctl migrate, started by .* at 20.*, from ${stateOf('ann')}$`),
        ),
        next: expect.stringContaining('--break-lock'),
      })
    // Reading commands need no lock.
    expect(await run('bob', 'status', nothing)).toBe('ran')
  })
  expect([source, target].map((machine) => existsSync(lockOf(machine)))).toEqual([false, false])
  expect(await run('bob', 'prepare', nothing)).toBe('ran')
})

test('a killed swapctl continues from its own state directory, on any operator machine', async () => {
  await leaveLock({ host: 'elsewhere', pid: 4711, started: 'long ago' })
  expect(await run('ann', 'cutover', nothing)).toBe('ran')
  expect(said).toContain('it belongs to this state directory')
  expect([source, target].map((machine) => existsSync(lockOf(machine)))).toEqual([false, false])
})

test('the lock of another state directory is taken over when its process has ended, and that is reported', async () => {
  await leaveLock({ pid: await deadPid() })
  expect(await run('bob', 'prepare', nothing)).toBe('ran')
  expect(said).toMatch(/Taking over the lock on target of swapctl migrate.*that process has ended/)
})

test('the lock of a process that cannot be checked is only taken over with --break-lock', async () => {
  await leaveLock({ host: 'elsewhere', pid: 4711, started: 'long ago' })
  await expect(run('bob', 'prepare', nothing)).rejects.toThrow('elsewhere')
  expect(existsSync(lockOf(source))).toBe(true)
  expect(await run('bob', 'prepare', nothing, true)).toBe('ran')
  expect(said).toContain('as you asked with --break-lock')
  for (const machine of [source, target]) writeFileSync(lockOf(machine), 'no JSON')
  await expect(run('bob', 'prepare', nothing)).rejects.toThrow('is in use: an unreadable lock')
})

test("when one side is locked, the other's lock is released", async () => {
  await leaveLock({ host: 'elsewhere', started: 'long ago' })
  await rm(lockOf(target))
  await expect(run('bob', 'prepare', nothing)).rejects.toMatchObject({ where: 'source' })
  expect(existsSync(lockOf(target))).toBe(false)
})

test('a target belongs to the swap of one state directory, not to every swap of that name', async () => {
  const hosts = openHosts(readSettings(settings('ann')))
  const of = (operator: string): Context =>
    ({
      config: readSettings(settings(operator)),
      hosts: () => ({ ...hosts('target'), run: async () => ({ code: 0, stdout: owner, stderr: '' }) }),
      survey: { source: { hostname: 'src' } },
    }) as unknown as Context
  let owner = ''
  for (const operator of ['ann', 'bob']) await run(operator, 'migrate', nothing)
  const claim = await claimStep(of('ann')).run()
  const written = claim.find((action) => action.kind === 'write' && action.path.endsWith('owner.json'))
  owner = written?.kind === 'write' ? written.content : ''
  expect(JSON.parse(owner)).toMatchObject({ swap: 'test', source: 'src', id: await readIdentity(stateOf('ann')) })
  expect(await isOurs(of('ann'))).toBe(true)
  expect(await isOurs(of('bob'))).toBe(false)
  await hosts.close()
})
