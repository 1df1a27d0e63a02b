import { expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { attempt } from '../../src/cutover/attempt.ts'
import { holdSteps } from '../../src/cutover/handover/hold.ts'
import { whereAreAddresses } from '../../src/cutover/outage/status.ts'
import { askSides, type Sides } from '../../src/cutover/rollback/state.ts'
import { revertSteps } from '../../src/engine/revert.ts'
import { type Engine, execute } from '../../src/engine/run.ts'
import type { Plan } from '../../src/engine/step.ts'
import { brief, type Command } from '../../src/hosts/host.ts'
import { openBench } from '../engine.ts'
import { long } from '../long.ts'
import { type ArmedControllers, cutAfter, type Longest, longestTimes, openControllers, six } from './armed.ts'
import { api, contextOf, moves, who } from './controllers.ts'
import { speak } from './namespaces.ts'

const addresses = [api, six]

/** The operator is cut off after each command, or after every second: nobody has the addresses after two in a row. */
const every = long ? 1 : 2

/** Seconds by which the source's timer expires after the target's. */
const later = 1

interface End {
  readonly after: string
  readonly holder: string
  readonly longest: Longest
}

/** Whether both armed sides have decided. */
const decided = (sides: Sides): boolean =>
  Object.values(sides).every(
    (one) => one === 'none' || (typeof one === 'object' && !['armed', 'putting-back'].includes(one.state)),
  )

const steps = (context: Context): Plan => moves(context).filter(({ id }) => id !== 'cutover/announce')

const nameOf = (command: Command | undefined): string =>
  `${command?.mark ?? ''} ${brief(command?.argv ?? ['']).slice(0, 90)}`.trim()

/** Who has each address, from both machines and from whoever answers a compute: must all agree. */
const holderOf = async ({ compute }: ArmedControllers, context: Context): Promise<readonly string[]> => {
  const places = await whereAreAddresses(context.hosts, context.config)
  const holders = places.map(({ source, target }) =>
    [source === 'interface' ? 'source' : '', target === 'interface' ? 'target' : ''].filter(Boolean).join(' and '),
  )
  const answers = await Promise.all(addresses.map(({ address }) => who(compute, 5000, address)))
  return [...new Set([...holders, ...answers])]
}

/** A cutover whose operator is lost after `most` commands that changed something. undefined: it has fewer. */
const cutCutover = async (
  boxes: ArmedControllers,
  whole: Context,
  engine: Engine,
  most: number,
): Promise<End | undefined> => {
  const cut = cutAfter(whole.hosts, most)
  const context = { ...whole, hosts: cut.hosts }
  const began = Date.now()
  const failure = await attempt(steps(context), { ...engine, hosts: cut.hosts }, { retries: 0, pause: 0 }).catch(
    (error: Error) => error,
  )
  if (cut.done.length < most) {
    expect(failure).toBeUndefined()
    return undefined
  }
  const after = nameOf(cut.done.at(-1))
  await boxes.fire(later)
  await expect.poll(async () => decided(await askSides(whole.hosts)), { timeout: 60_000, interval: 300 }).toBe(true)
  const longest = await Promise.all(addresses.map(({ address }) => longestTimes(boxes, address, began)))
  const one = ['source', 'target'].map((name) => [name])
  await expect
    .poll(() => holderOf(boxes, whole), { timeout: 90_000, message: after })
    .toSatisfy((found) => one.some((name) => JSON.stringify(name) === JSON.stringify(found)))
  const [holder = ''] = await holderOf(boxes, whole)
  await boxes.calm()
  return {
    after,
    holder,
    longest: {
      both: Math.max(...longest.map(({ both }) => both)),
      nobody: Math.max(...longest.map(({ nobody }) => nobody)),
    },
  }
}

/** What a rollback must restore. */
const stateOf = async ({ source, target }: ArmedControllers): Promise<string> => {
  const script =
    'ip -o addr | sed "s/valid_lft.*//; s/ tentative//" | sort; sysctl -a 2>/dev/null | grep -E "arp_(ignore|announce)|promote_sec" | sort; cd /etc; find network systemd/network systemd/system -type f -o -type l | sort | xargs sha256sum; ls -d /var/lib/swapctl* 2>/dev/null || true'
  return (await Promise.all([source, target].map((box) => box.ask('sh', '-c', script)))).join('\n')
}

/** A pair of machines ready for the cutover, with their state. */
interface Held {
  readonly boxes: ArmedControllers
  readonly context: Context
  readonly engine: Engine
  readonly before: string
}

const onHeldPair = async (name: string, act: (held: Held) => Promise<void>): Promise<void> => {
  const bench = await openBench()
  const boxes = await openControllers(name)
  try {
    await Promise.all([speak(boxes.source, 5000, 'source'), speak(boxes.target, 5000, 'target')])
    const plain = contextOf(boxes, bench.directory, addresses)
    const context = { ...plain, config: { ...plain.config, budget: 600 } }
    const engine = await bench.engine({ hosts: context.hosts })
    await execute(holdSteps(context), engine)
    await act({ boxes, context, engine, before: await stateOf(boxes) })
  } finally {
    await boxes.close()
    await bench.close()
  }
}

/** Cuts at each point that no other worker has taken, on one pair of machines. */
const worker = (name: string, next: () => number, ends: End[]): Promise<void> =>
  onHeldPair(name, async ({ boxes, context, engine, before }) => {
    for (;;) {
      const end = await cutCutover(boxes, context, engine, next())
      if (end === undefined) return
      ends.push(end)
      await revertSteps(steps(context), engine)
      expect(await stateOf(boxes), end.after).toBe(before)
    }
  })

test('wherever the operator is cut off, exactly one side ends up with the addresses', async () => {
  const ends: End[] = []
  let point = 0
  const next = (): number => {
    point += every
    return point
  }
  await Promise.all([0, 1, 2].map((index) => worker(`swccut${index}-${process.pid}`, next, ends)))
  const most = (of: keyof Longest): End | undefined => ends.toSorted((a, b) => b.longest[of] - a.longest[of])[0]
  console.log(
    `${ends.length} cuts; both at most ${most('both')?.longest.both} s (${most('both')?.after}); nobody at most ${most('nobody')?.longest.nobody} s (${most('nobody')?.after})`,
  )
  expect(most('both')?.longest.both).toBeLessThan(30)
  // The source probes three times before it takes the addresses back from a target that has let go.
  expect(most('nobody')?.longest.nobody).toBeGreaterThan(1)
  expect(most('nobody')?.longest.nobody).toBeLessThan(30)
  expect(ends.filter(({ holder }) => holder === 'source').length).toBeGreaterThan(20 / every)
  expect(ends.filter(({ holder }) => holder === 'target').length).toBeGreaterThan(2 / every)
}, 3_600_000)

test('an operator cut off during the rollback leaves the addresses with one side too', async () => {
  await onHeldPair(`swcback-${process.pid}`, async ({ boxes, context, engine, before }) => {
    const ends: (readonly string[])[] = []
    for (const most of [1, 2, 3]) {
      await attempt(steps(context), engine, { retries: 0, pause: 0 })
      const move = steps(context).findIndex(({ id }) => id === 'cutover/move')
      await revertSteps(steps(context).slice(move + 1), engine)
      const cut = cutAfter(context.hosts, most)
      const lost = revertSteps(steps(context).slice(0, move + 1), { ...engine, hosts: cut.hosts })
      await expect(lost).rejects.toThrow('the connection is lost')
      await boxes.fire(0)
      const one = [['source'], ['target']]
      await expect
        .poll(() => holderOf(boxes, context), { timeout: 60_000, message: nameOf(cut.done.at(-1)) })
        .toSatisfy((found) => one.some((name) => JSON.stringify(name) === JSON.stringify(found)))
      ends.push(await holderOf(boxes, context))
      await boxes.calm()
      await revertSteps(steps(context), engine)
      expect(await stateOf(boxes), nameOf(cut.done.at(-1))).toBe(before)
    }
    expect(ends).toEqual([['target'], ['source'], ['source']])
  })
}, 1_800_000)
