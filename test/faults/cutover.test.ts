import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { run } from '../../lab/machines.ts'
import type { Context } from '../../src/context.ts'
import { attempt } from '../../src/cutover/attempt.ts'
import { holdSteps } from '../../src/cutover/handover/hold.ts'
import { whereAreAddresses } from '../../src/cutover/outage/status.ts'
import { askSide, askSides, type Sides } from '../../src/cutover/rollback/state.ts'
import { revertSteps } from '../../src/engine/revert.ts'
import { execute } from '../../src/engine/run.ts'
import type { Plan } from '../../src/engine/step.ts'
import { SwapError } from '../../src/errors.ts'
import type { Host, HostName } from '../../src/hosts/host.ts'
import { type Bench, openBench } from '../engine.ts'
import { cutAfter } from '../live/armed.ts'
import { moves, settingsOf } from '../live/controllers.ts'
import { type Light, openLight } from './light.ts'

/** Seconds of real timers: long enough for a cutover on this machine, with what else it does now. */
let budget = 600
const least = 40

let light: Light
let context: Context
let bench: Bench

beforeAll(async () => {
  light = await openLight('putback')
  await begin()
  const began = Date.now()
  await upTo('cutover/confirm')
  budget = Math.max(least, Math.ceil((2.5 * (Date.now() - began)) / 1000))
  process.stderr.write(`the timers run for ${budget} s\n`)
  await end()
})
afterAll(() => light?.close())

const begin = async (): Promise<void> => {
  bench = await openBench()
  const moving = { name: 'api', address: light.vip, prefix: 24, sourceInterface: 'eth0', targetInterface: 'eth0' }
  const { config, survey } = settingsOf(bench.directory, [moving], {
    source: light.address('source'),
    target: light.address('target'),
  })
  context = { recipes: [], survey, config: { ...config, computes: [], budget }, hosts }
  await execute(holdSteps(context), await engine())
}

/** The journalled undo restores both machines, whatever happened. */
const end = async (): Promise<void> => {
  await revertSteps([...holdSteps(context), ...moves(context)], await engine())
  expect(await holders()).toBe('source')
  for (const side of ['source', 'target'] as const)
    expect(
      await light.sh(side, 'find /var/lib /etc/systemd /run/systemd/transient -name "swapctl*" 2>/dev/null || true'),
    ).toBe('')
  await bench?.close()
}

beforeEach(begin)
afterEach(end)

const engine = () => bench.engine({ hosts: context.hosts })

/** Runs programs inside the machine as if through ssh; a machine that is off does not answer. */
const hosts = (name: HostName): Host => ({
  name,
  run: async ({ argv, stdin = '' }) => {
    if (name === 'local') return run([...light.operator, ...argv], { stdin })
    const there = await light.attempt(name as 'source', argv, { stdin })
    if (/is not running|No such process/.test(there.stderr)) throw new SwapError(name, 'does not answer', 'Boot it')
    return there
  },
  spawn: never,
  socket: never,
  close: async () => {},
})
const never = (): never => {
  throw new Error('not in this test')
}

/** Runs everything up to a step; then swapctl is gone. */
const upTo = async (last: string): Promise<void> => {
  const all = moves(context)
  const steps: Plan = all.slice(0, all.findIndex(({ id }) => id === last) + 1)
  await execute(steps, await engine())
}

/** Confirms the target only, as if the operator's machine were lost before the source is told. */
const confirmTargetAlone = async (): Promise<void> => {
  await upTo('cutover/green')
  const confirm = moves(context).find(({ id }) => id === 'cutover/confirm')
  const cut = confirm && { ...confirm, run: async () => (await confirm.run()).slice(0, 1) }
  await expect(execute(cut === undefined ? [] : [cut], await engine())).rejects.toThrow('rollback timer runs until')
}

const holders = async (): Promise<string> => {
  const [place] = await whereAreAddresses(hosts, context.config)
  return ['source', 'target'].filter((side) => place?.[side as 'source'] === 'interface').join(' and ')
}

/** The machine that answers at the moving address, by the banner of its sshd. */
const answering = async (): Promise<string> => {
  const script = 'timeout 3 bash -c \'head -n 1 </dev/tcp/$0/22\' "$0" 2>/dev/null'
  const { stdout } = await run([...light.operator, 'bash', '-c', script, light.vip])
  return /OpenSSH_8/.test(stdout) ? 'source' : /OpenSSH/.test(stdout) ? 'target' : ''
}

const decided = (sides: Sides): boolean =>
  Object.values(sides).every((one) => typeof one !== 'object' || !['armed', 'putting-back'].includes(one.state))

/** Once nothing is armed, one side has the address, answers for it, and keeps doing so. */
const endsAt = async (holder: 'source' | 'target'): Promise<void> => {
  await expect
    .poll(async () => decided(await askSides(hosts)), { timeout: (3 * budget + 60) * 1000, interval: 1000 })
    .toBe(true)
  await expect.poll(holders, { timeout: 60_000, interval: 1000 }).toBe(holder)
  await expect.poll(answering, { timeout: 30_000, interval: 500 }).toBe(holder)
  await sleep(8000)
  expect([await holders(), await answering()]).toEqual([holder, holder])
}

test('without a confirmation the timers move the address back, the target first', async () => {
  await upTo('cutover/move')
  expect(await holders()).toBe('target')
  await endsAt('source')
  expect(await askSide(hosts('target'))).toMatchObject({ state: 'put-back', why: `not confirmed within ${budget} s` })
  expect(await askSide(hosts('source'))).toMatchObject({ state: 'put-back' })
})

test('only the target was confirmed: the source hears it and stands down', async () => {
  await confirmTargetAlone()
  await endsAt('target')
  expect(await askSide(hosts('source'))).toMatchObject({
    state: 'confirmed',
    why: 'the target answers for the addresses',
  })
})

test('swapctl is lost after the target took the address and before the source let go: one of them soon has it', async () => {
  await upTo('cutover/persist-target')
  const move = moves(context).find(({ id }) => id === 'cutover/move')
  const cut = move && { ...move, run: async () => (await move.run()).slice(0, 1) }
  await expect(execute(cut === undefined ? [] : [cut], await engine())).rejects.toThrow(
    'is still on eth0 of the source',
  )
  expect(await holders()).toBe('source and target')
  await expect.poll(holders, { timeout: 60_000, interval: 500 }).toBe('source')
  expect(await askSide(hosts('source'))).toMatchObject({ state: 'armed' })
  await endsAt('source')
})

test('the target loses power unconfirmed: the source takes the address back, and the booted target leaves it alone', async () => {
  await upTo('cutover/move')
  await light.powerOff('target')
  await expect.poll(holders, { timeout: (2 * budget + 60) * 1000, interval: 1000 }).toBe('source')
  await light.boot('target')
  await endsAt('source')
})

test('the source loses power unconfirmed: after booting it takes the address back if no other machine has it', async () => {
  await upTo('cutover/move')
  await light.powerOff('source')
  await light.boot('source')
  await endsAt('source')
})

test('both lose power unconfirmed', async () => {
  await upTo('cutover/move')
  await Promise.all([light.powerOff('source'), light.powerOff('target')])
  await light.boot('target')
  await light.boot('source')
  await endsAt('source')
})

test('the source loses power while only the target is confirmed: after booting it leaves the address there', async () => {
  await confirmTargetAlone()
  await light.powerOff('source')
  await light.boot('source')
  await endsAt('target')
})

test('the target loses power right after its confirmation: whoever has the address when it boots keeps it', async () => {
  await confirmTargetAlone()
  await light.powerOff('target')
  await expect.poll(holders, { timeout: (2 * budget + 60) * 1000, interval: 1000 }).toBe('source')
  await light.boot('target')
  await endsAt('source')
})

test('after the confirmation the address stays on the target when both are booted', async () => {
  await attempt(moves(context), await engine(), { retries: 0, pause: 0 })
  await Promise.all([light.powerOff('source'), light.powerOff('target')])
  await Promise.all([light.boot('source'), light.boot('target')])
  await endsAt('target')
})

test('swapctl is lost after the source took the address back while the target still has it: soon only the source has it', async () => {
  const all = moves(context)
  await attempt(all, await engine(), { retries: 0, pause: 0 })
  const move = all.findIndex(({ id }) => id === 'cutover/move')
  await revertSteps(all.slice(move + 1), await engine())
  const cut = cutAfter(hosts, 2)
  const lost = revertSteps(all.slice(0, move + 1), { ...(await engine()), hosts: cut.hosts })
  await expect(lost).rejects.toThrow('the connection is lost')
  expect(await holders()).toBe('source and target')
  await expect.poll(holders, { timeout: 60_000, interval: 500 }).toBe('source')
  await endsAt('source')
})
