import { afterEach, beforeEach, expect, test } from 'vitest'
import { withComputes } from '../../src/commands/cutover-computes.ts'
import type { Session } from '../../src/commands/session.ts'
import { retargetSteps } from '../../src/computes/retarget-step.ts'
import type { Context } from '../../src/context.ts'
import { leftToDo } from '../../src/engine/journal.ts'
import { execute } from '../../src/engine/run.ts'
import type { Plan } from '../../src/engine/step.ts'
import { SwapError } from '../../src/errors.ts'
import { type Bench, openBench, step } from '../engine.ts'
import { settingsOf } from '../live/controllers.ts'

let bench: Bench

beforeEach(async () => {
  bench = await openBench()
})

afterEach(() => bench.close())

const gone: Context['hosts'] = (name) => {
  throw new SwapError(name, 'no connection', 'Look at it')
}

const own = ['cutover/confirm', 'cutover/settle', 'cutover/reports', 'cutover/foreign'].map((id) =>
  step(id, [], { phase: 'cutover' }),
)

/** Runs the cutover, and resolves with what ran in each turn. */
const runWith = async (more: (context: Context) => Plan): Promise<readonly (readonly string[])[]> => {
  const context = {
    hosts: gone,
    recipes: [],
    ...settingsOf(bench.directory, [], { source: '10.77.0.11', target: '10.77.0.12' }),
  }
  const engine = await bench.engine({ hosts: gone })
  const session = { engine, journal: engine.journal, reporter: engine.reporter } as Session
  const turns: (readonly string[])[] = []
  await withComputes(session, context, [...own, ...more(context)], async (steps) => {
    turns.push(steps.map(({ id }) => id))
    await execute(steps, engine)
  })
  expect(leftToDo(engine.journal).length).toBe(more(context).length)
  return turns
}

test('computes follow after the confirmation and before the reports; one that is gone holds up nothing', async () => {
  const all = own.map(({ id }) => id)
  expect(await runWith(retargetSteps)).toEqual([all.slice(0, 2), all])
  const order = bench.told.filter((line) => line.startsWith('begin ')).map((line) => line.slice(6))
  expect(order.slice(0, 2).toSorted()).toEqual(['cutover/confirm', 'cutover/settle'])
  expect(order.slice(2)).toEqual(['computes/retarget@cmp1', 'cutover/reports', 'cutover/foreign'])
})

test('without them the cutover runs as one', async () => {
  expect(await runWith(() => [])).toEqual([own.map(({ id }) => id)])
})
