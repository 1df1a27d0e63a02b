import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { MovingAddress } from '../../src/config.ts'
import type { Context } from '../../src/context.ts'
import { foreignConnections } from '../../src/cutover/handover/connections.ts'
import { sessionsStep } from '../../src/cutover/handover/sessions.ts'
import { execute } from '../../src/engine/run.ts'
import { cutoverSteps } from '../../src/plan/cutover.ts'
import { type Bench, openBench } from '../engine.ts'
import { api, contextOf, give, macOf, type OpenBoxes, openBoxes, own, six, takeAway } from './controllers.ts'
import { speak } from './namespaces.ts'

let bench: Bench
let boxes: OpenBoxes

/** Connects, waits for a word that never comes, and reconnects when the connection ends, like an agent. */
const agent = `
import socket, sys, time
for turn in range(2):
    wire = socket.create_connection((sys.argv[1], 5672), 20)
    wire.settimeout(None)
    print(wire.recv(20).decode().strip(), time.time(), flush=True)
    try:
        wire.recv(20)
    except OSError as error:
        print(error, flush=True)
    if turn: break
`

beforeAll(async () => {
  boxes = await openBoxes('swapses')
  await Promise.all([speak(boxes.source, 5672, 'source'), speak(boxes.target, 5672, 'target')])
})

beforeEach(async () => {
  bench = await openBench()
})
afterEach(async () => {
  await bench?.close()
  for (const moving of [api, six]) {
    for (const box of [boxes.source, boxes.target]) await takeAway(box, moving)
    await boxes.compute.run(['ip', 'neigh', 'del', moving.address, 'dev', 'eth0'])
  }
})
afterAll(() => boxes?.close())

/** An agent connected to the source, and an address that has moved to the target since. */
const leaveBehind = async (moving: MovingAddress, context: Context) => {
  const { source, target, compute } = boxes
  await give(source, moving)
  const started = compute.start('python3', '-c', agent, moving.address)
  await started.said
  await give(target, moving)
  await takeAway(source, moving)
  const mac = await macOf(target)
  await compute.ask('ip', 'neigh', 'replace', moving.address, 'lladdr', mac, 'dev', 'eth0')
  expect(await held(context, 'compute:cmp1', moving)).toBe(1)
  return started
}

const held = async (context: Context, name: 'compute:cmp1' | 'source' | 'target', { address }: MovingAddress) =>
  name === 'compute:cmp1'
    ? (await foreignConnections(context.hosts(name), [address], [])).length
    : (await foreignConnections(context.hosts(name), own(13), [])).filter((it) => it.local === address).length

/** `ss -K` on a kernel without INET_DIAG_DESTROY: lists connections, and kills none. */
const oldKernel = (context: Context): Context => ({
  ...context,
  hosts: (name) => {
    const host = context.hosts(name)
    return name.startsWith('compute:')
      ? { ...host, run: (it) => host.run({ ...it, argv: it.argv.map((word) => word.replace('ss -K', 'ss')) as never }) }
      : host
  },
})

describe.each([api, six])('a connection to $address that hangs half open', (moving) => {
  const without = (context: Context): Context => ({ ...context, config: { ...context.config, computes: [] } })

  test.each([
    ['of a compute', (context: Context) => context, 'no half-open connection on 1 computes'],
    [
      'of a machine that nobody can log in to',
      without,
      'no half-open connection on 0 computes, none left on the source',
    ],
    ['of a compute whose kernel does not end connections', oldKernel, 'no half-open connection on 1 computes'],
  ] as const)('%s is reset, and made anew at the target at once', async (_what, of, says) => {
    const whole = contextOf(boxes, bench.directory, [moving])
    const waiting = await leaveBehind(moving, whole)
    // Nothing ends it: it hangs.
    expect(await held(whole, 'source', moving)).toBe(1)
    await execute([sessionsStep(of(whole), [])], await bench.engine({ hosts: of(whole).hosts }))
    expect(bench.told.join('\n')).toContain(says)
    await expect.poll(() => held(whole, 'target', moving), { timeout: 5_000 }).toBe(1)
    expect(await held(whole, 'source', moving)).toBe(0)
    await boxes.target.ask('ss', '-K', '-t', 'sport', '=', ':5672')
    expect((await waiting.ended).stdout).toMatch(/^source .*\n(.*reset by peer|.*abort.*)\ntarget /)
  })
})

test('a connection whose machine cannot be reached is named', async () => {
  const context = contextOf(boxes, bench.directory, [api])
  await leaveBehind(api, context)
  await boxes.compute.ask(
    'nft',
    'add table inet shut; add chain inet shut in { type filter hook input priority 0; }; add rule inet shut in ip saddr 10.77.0.10 drop',
  )
  await execute([sessionsStep(oldKernel(context), [])], await bench.engine({ hosts: oldKernel(context).hosts }))
  expect(bench.told.join('\n')).toMatch(
    /these end at their next heartbeat or timeout: compute:cmp1: 10\.77\.0\.13:\d+ at 10\.77\.0\.10:5672/,
  )
})

test.each([api, six])('a program on the old controller connected to $address is an error', async (moving) => {
  const context = contextOf(boxes, bench.directory, [moving])
  const own = moving === six ? 'fd00:77::11' : '10.77.0.11'
  const survey = {
    ...context.survey,
    source: { ...context.survey.source, addresses: [{ interface: 'eth0', address: own, prefix: 64 }] },
  }
  const proof = cutoverSteps({ ...context, survey }).find((step) => step.id === 'cutover/strangers')?.proof
  await give(boxes.target, moving)
  expect(await proof?.()).toBe(`no connection from ${own}`)
  const left = boxes.source.start('python3', '-c', agent, moving.address)
  await left.said
  await expect(proof?.()).rejects.toThrow(`connected from the old controller: ${own}:`)
  left.kill()
})
