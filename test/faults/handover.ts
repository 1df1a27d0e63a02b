import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest'
import { run } from '../../lab/machines.ts'
import type { Context } from '../../src/context.ts'
import { holdSteps } from '../../src/cutover/handover/hold.ts'
import { whereAreAddresses } from '../../src/cutover/outage/status.ts'
import { askSides, type Sides } from '../../src/cutover/rollback/state.ts'
import { times } from '../../src/engine/journal.ts'
import { revertSteps } from '../../src/engine/revert.ts'
import { type Engine, execute } from '../../src/engine/run.ts'
import type { Plan } from '../../src/engine/step.ts'
import { SwapError } from '../../src/errors.ts'
import type { Host, HostName } from '../../src/hosts/host.ts'
import { type Bench, openBench } from '../engine.ts'
import { moves, settingsOf } from '../live/controllers.ts'
import { type Light, openLight } from './light.ts'

/** Two machines and the steps of a cutover that moves one address between them, with real rollback timers. */
export interface Handover {
  readonly light: Light
  /** seconds that the timers run: enough for a cutover on this machine, with what else it does now */
  readonly budget: number
  readonly hosts: (name: HostName) => Host
  steps(): Plan
  engine(): Promise<Engine>
  /** Runs everything up to a step; then swapctl is gone. */
  upTo(last: string): Promise<void>
  /** Confirms the target only, as if the operator's machine were lost before the source is told. */
  confirmTargetAlone(): Promise<void>
  /** 'source', 'target', 'source and target' or '': by their interfaces */
  holders(): Promise<string>
  /** Waits until nothing is armed; then one side has the address, answers for it, and keeps doing so. */
  endsAt(holder: 'source' | 'target'): Promise<void>
}

const never = (): never => {
  throw new Error('not in this test')
}

/** Runs programs inside the machine as if through ssh; a machine that is off does not answer. */
const hostsOn =
  (light: Light) =>
  (name: HostName): Host => ({
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

/** The machine that answers at the moving address, by the banner of its sshd. */
const answering = async (light: Light): Promise<string> => {
  const script = 'timeout 3 bash -c \'head -n 1 </dev/tcp/$0/22\' "$0" 2>/dev/null'
  const { stdout } = await run([...light.operator, 'bash', '-c', script, light.vip])
  return /OpenSSH_8/.test(stdout) ? 'source' : /OpenSSH/.test(stdout) ? 'target' : ''
}

const decided = (sides: Sides): boolean =>
  Object.values(sides).every((one) => typeof one !== 'object' || !['armed', 'putting-back'].includes(one.state))

const least = 40

/** Machines for the tests of this file. Each test begins and ends with the address on the source and nothing armed. */
export const openHandover = (name: string): Handover => {
  let light: Light
  let context: Context
  let bench: Bench
  let budget = 600
  const hosts = (host: HostName): Host => hostsOn(light)(host)
  const steps = (): Plan => moves(context)
  const engine = () => bench.engine({ hosts })

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
    await revertSteps([...holdSteps(context), ...steps()], await engine())
    expect(await holders()).toBe('source')
    for (const side of ['source', 'target'] as const)
      expect(
        await light.sh(side, 'find /var/lib /etc/systemd /run/systemd/transient -name "swapctl*" 2>/dev/null || true'),
      ).toBe('')
    await bench?.close()
  }

  const upTo = async (last: string): Promise<void> => {
    const all = steps()
    await execute(all.slice(0, all.findIndex(({ id }) => id === last) + 1), await engine())
  }

  const holders = async (): Promise<string> => {
    const [place] = await whereAreAddresses(hosts, context.config)
    return ['source', 'target'].filter((side) => place?.[side as 'source'] === 'interface').join(' and ')
  }

  beforeAll(async () => {
    light = await openLight(name)
    await begin()
    await upTo('cutover/confirm')
    const journal = await bench.journal()
    const [{ begun: armed }, { ended: confirmed }] = [times(journal, 'cutover/arm'), times(journal, 'cutover/confirm')]
    budget = Math.max(least, Math.ceil((2 * (Number(confirmed) - Number(armed))) / 1000))
    expect(budget).not.toBeNaN()
    process.stderr.write(`the timers run for ${budget} s\n`)
    await end()
  })
  afterAll(() => light?.close())
  beforeEach(begin)
  afterEach(end)

  return {
    get light() {
      return light
    },
    get budget() {
      return budget
    },
    hosts,
    steps,
    engine,
    upTo,
    holders,
    confirmTargetAlone: async () => {
      await upTo('cutover/green')
      const confirm = steps().find(({ id }) => id === 'cutover/confirm')
      const cut = confirm && { ...confirm, run: async () => (await confirm.run()).slice(0, 1) }
      await expect(execute(cut === undefined ? [] : [cut], await engine())).rejects.toThrow('rollback timer runs until')
    },
    endsAt: async (holder) => {
      await expect
        .poll(async () => decided(await askSides(hosts)), { timeout: (3 * budget + 60) * 1000, interval: 1000 })
        .toBe(true)
      await expect.poll(holders, { timeout: 60_000, interval: 1000 }).toBe(holder)
      await expect.poll(() => answering(light), { timeout: 30_000, interval: 500 }).toBe(holder)
      await sleep(8000)
      expect([await holders(), await answering(light)]).toEqual([holder, holder])
    },
  }
}
