import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Machine } from '../../src/config.ts'
import type { Context } from '../../src/context.ts'
import { fenceSteps } from '../../src/cutover/handover/fence.ts'
import { holdSteps } from '../../src/cutover/handover/hold.ts'
import { leftToDo, stateOf } from '../../src/engine/journal.ts'
import { revertSteps } from '../../src/engine/revert.ts'
import { execute } from '../../src/engine/run.ts'
import { exec, type Step } from '../../src/engine/step.ts'
import type { Host } from '../../src/hosts/host.ts'
import { sshHost } from '../../src/hosts/ssh.ts'
import { type Bench, openBench } from '../engine.ts'
import { api, contextOf, give, holds, moves, type OpenBoxes, openBoxes, put } from './controllers.ts'
import { type Sshd, startSshd } from './machines.ts'

let bench: Bench
let boxes: OpenBoxes
let sshd: Sshd
let compute: Host
let machine: Machine
let context: Context

const interfaces =
  'auto lo eth0\niface lo inet loopback\n\niface eth0 inet static\n    address 10.77.0.11/24\n\nauto eth0:1\niface eth0:1 inet static\n    address 10.77.0.10/24\n'

beforeEach(async () => {
  ;[bench, boxes, sshd] = await Promise.all([openBench(), openBoxes('swapgone'), startSshd()])
  await give(boxes.source, api)
  await put(boxes.source, '/etc/network/interfaces', interfaces)
  await put(boxes.target, '/etc/network/interfaces', interfaces.slice(0, 84).replace('.11', '.12'))
  // Removed with its directory; the operator's key is not.
  machine = { ...sshd.machine, name: 'cmp1', key: join(bench.directory, 'key') }
  await copyFile(sshd.machine.key, machine.key)
  compute = sshHost(machine, 'compute:cmp1')
  const whole = contextOf(boxes, bench.directory, [api])
  context = { ...whole, hosts: (name) => (name === 'compute:cmp1' ? compute : whole.hosts(name)) }
})

afterEach(async () => {
  await compute?.close()
  await Promise.all([bench?.close(), boxes?.close()])
  await sshd?.stop().catch(() => {})
})

/** The machine is still in the settings but no longer answers. */
const die = async (): Promise<void> => {
  await compute.close()
  await sshd.stop()
  compute = sshHost(machine, 'compute:cmp1')
}

test('a lost compute holds up neither the move nor the revert, and is left to the operator', async () => {
  const engine = await bench.engine({ hosts: context.hosts })
  const migrate = [...fenceSteps(context), ...holdSteps(context)]
  await execute(migrate, engine)
  await die()
  const steps = [...migrate, ...moves(context)]
  await execute(steps, engine)
  expect(await holds(boxes.target)).toContain('10.77.0.10')
  expect(leftToDo(engine.journal).toSorted()).toEqual([
    expect.stringMatching(/^compute:cmp1 gave no answer \(no connection.*\): .*10\.77\.0\.10.*; restart its agents/),
    expect.stringMatching(/^compute:cmp1 gave no answer \(no connection.*\): .* ip neigh .*10\.77\.0\.10/),
  ])
  expect(bench.told.join('\n')).toContain('no half-open connection on 0 computes')
  expect(await revertSteps(steps, engine)).toEqual([])
  expect(steps.filter(({ id }) => stateOf(engine.journal, id) !== 'undone')).toEqual([])
  expect(await holds(boxes.source)).toContain('10.77.0.10')
}, 900_000)

const brokenOff: Step = {
  id: 'cutover/sessions',
  phase: 'cutover',
  title: 'End connections',
  after: [],
  changes: ['compute:cmp1', 'source', 'target'],
  run: async () => [exec('compute:cmp1', 'true'), exec('target', 'false')],
  undo: async () => [],
}

test('what was interrupted while the compute was up is undone, and continued, without it', async () => {
  const engine = await bench.engine({ hosts: context.hosts })
  await expect(execute([brokenOff], engine)).rejects.toThrow('false exited 1')
  await die()
  expect(await revertSteps([brokenOff], engine)).toEqual([])
  expect(stateOf(engine.journal, 'cutover/sessions')).toBe('undone')
  expect(leftToDo(engine.journal)).toEqual([expect.stringMatching(/^compute:cmp1: .*cutover\/sessions left running/)])
  await execute([{ ...brokenOff, run: async () => [exec('compute:cmp1', 'true')] }], engine)
  expect(leftToDo(engine.journal)).toEqual([expect.stringMatching(/^cmp1 \(root@127.*: no connection/)])
})

test('an undo on the compute stays open until it is back, and earlier steps are still undone', async () => {
  const engine = await bench.engine({ hosts: context.hosts })
  const undo = async () => [exec('compute:cmp1', 'true')]
  const plan: readonly Step[] = [
    { ...brokenOff, id: 'a/1', run: async () => [], undo: async () => [exec('source', 'touch', '/run/back')] },
    { ...brokenOff, id: 'b/1', after: ['a/1'], run: async () => [], undo },
  ]
  await execute(plan, engine)
  await die()
  expect(await revertSteps(plan, engine)).toMatchObject([
    { id: 'b/1', left: [expect.stringContaining('no connection')] },
  ])
  expect(plan.map(({ id }) => stateOf(engine.journal, id))).toEqual(['undone', 'failed'])
  await boxes.source.ask('test', '-e', '/run/back')
})

test('a lost side still stops cutover and revert', async () => {
  const engine = await bench.engine({ hosts: (name) => (name === 'target' ? compute : context.hosts(name)) })
  const step: Step = {
    ...brokenOff,
    run: async () => [exec('target', 'true')],
    undo: async () => [exec('target', 'true')],
  }
  await execute([step], engine)
  await die()
  await expect(revertSteps([step], { ...engine, hosts: () => compute })).rejects.toThrow('no connection')
  await expect(execute([{ ...step, id: 'b/1' }], { ...engine, hosts: () => compute })).rejects.toThrow('no connection')
})
