import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { retargetAll } from '../../src/computes/retarget-all.ts'
import { stateOf } from '../../src/engine/journal.ts'
import type { Of, Step } from '../../src/engine/step.ts'
import { SwapError } from '../../src/errors.ts'
import { type Bench, openBench } from '../engine.ts'

let bench: Bench

beforeEach(async () => {
  bench = await openBench()
})

afterEach(() => bench.close())

const wrong = new SwapError('compute:x', 'no connection to the broker', 'Read its log')

/** A compute, which is this machine; its proof fails while `bad`. */
const compute = (name: string, bad = false, rest: Partial<Step> = {}): Step => ({
  id: `computes/retarget@${name}`,
  phase: 'cutover',
  title: name,
  after: ['cutover/confirm'],
  changes: ['local'],
  run: async () => [bench.trace(name, 0.2)],
  undo: async () => [bench.trace(`back ${name}`)],
  proof: async () => {
    if (bad) throw wrong
    return ''
  },
  ...rest,
})

test('the first one alone until it is proven, then the others', async () => {
  const engine = await bench.engine()
  const outcome = await retargetAll(
    ['a', 'b', 'c'].map((name) => compute(name)),
    engine,
    { batch: 2 },
  )
  expect(outcome).toEqual({ failed: [], untouched: [] })
  const order = bench.told
    .filter((line) => /^(begin|end)/.test(line))
    .map((line) => line.replace(/computes\/retarget@/, '').trim())
  expect(order.slice(0, 3)).toEqual(['begin a', 'end a', 'begin b'])
  expect(order[3]).toBe('begin c')
})

test('a first one that fails is put back, and no other is touched', async () => {
  const engine = await bench.engine()
  const outcome = await retargetAll([compute('a', true), compute('b'), compute('c')], engine, { batch: 2 })
  expect(outcome.failed).toEqual([
    { id: 'computes/retarget@a', why: 'no connection to the broker; it was put back', next: 'Read its log' },
  ])
  expect(outcome.untouched).toEqual(['computes/retarget@b', 'computes/retarget@c'])
  expect(await bench.traces()).toEqual(['a', 'back a'])
  expect(stateOf(engine.journal, 'computes/retarget@a')).toBe('undone')
})

test('later ones that fail are put back, the others go on, and after three nothing more begins', async () => {
  const engine = await bench.engine()
  const steps = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => compute(name, 'bde'.includes(name)))
  const outcome = await retargetAll(steps, engine, { batch: 1 })
  expect(outcome.failed.map(({ id }) => id.at(-1))).toEqual(['b', 'd', 'e'])
  expect(outcome.untouched).toEqual(['computes/retarget@f'])
  expect(await bench.traces()).toEqual(['a', 'b', 'back b', 'c', 'd', 'back d', 'e', 'back e'])
})

test('one that is refused before it begins is not put back', async () => {
  const engine = await bench.engine()
  const refusing = compute('a', false, {
    run: async () => {
      throw wrong
    },
  })
  const { failed } = await retargetAll([refusing], engine, { batch: 1 })
  expect(failed[0]?.why).toBe('no connection to the broker; nothing was changed there')
  expect(await bench.traces()).toEqual([])
})

test('what is done is done again only where it no longer stands', async () => {
  const engine = await bench.engine()
  const stands = (yes: boolean): Partial<Step> => ({ stands: async () => yes })
  const steps = [compute('a', false, stands(true)), compute('b', false, stands(false))]
  await retargetAll(steps, engine, { batch: 1 })
  await retargetAll(steps, engine, { batch: 1 })
  expect(await bench.traces()).toEqual(['a', 'b', 'b'])
})

test('the reason of a failed command is told with the proof that fails by it', async () => {
  await writeFile(join(bench.directory, 'broken'), '')
  const engine = await bench.engine()
  const host = engine.hosts('local')
  const fragile = { ...(bench.fragile('x') as Of<'exec'>), on: 'compute:a' as const }
  const steps = [compute('a', true, { changes: ['compute:a', 'local'], run: async () => [fragile] })]
  const { failed } = await retargetAll(steps, { ...engine, hosts: () => host }, { batch: 1 })
  expect(failed[0]?.why).toMatch(/^no connection to the broker\n.*fragile.*exited 4:\nit is broken/)
})
