import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { leftToDo, stateOf } from '../src/engine/journal.ts'
import { revertSteps } from '../src/engine/revert.ts'
import { execute } from '../src/engine/run.ts'
import type { Action, Step } from '../src/engine/step.ts'
import { SwapError } from '../src/errors.ts'
import type { HostName } from '../src/hosts/host.ts'
import { localHost } from '../src/hosts/local.ts'
import { type Bench, failure, openBench, step } from './engine.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench.close())

const breakIt = () => writeFile(join(bench.directory, 'broken'), '')
const mendIt = () => rm(join(bench.directory, 'broken'))
const steps = () => bench.told.filter((line) => !line.startsWith('progress '))
test('revert undoes from the latest begun to the earliest, one after the other, including failed steps', async () => {
  const with_ = (id: string, after: readonly string[], rest = {}) =>
    step(id, [bench.trace(id)], {
      after,
      undo: async () => [bench.trace(`not ${id}`, id === 'c/1' ? 0.2 : 0)],
      ...rest,
    })
  const plan = [
    with_('a/1', []),
    with_('b/1', ['a/1']),
    with_('c/1', ['b/1']),
    step('d/1', [bench.fragile('d/1')], { after: ['c/1'], undo: async () => [bench.trace('not d/1')] }),
    with_('e/1', ['d/1']),
  ]
  await breakIt()
  await failure(execute(plan, await bench.engine()))
  await revertSteps(plan, await bench.engine())
  expect((await bench.traces()).slice(4)).toEqual(['not d/1', 'not c/1', 'not b/1', 'not a/1'])
  const journal = await bench.journal()
  expect(plan.map(({ id }) => stateOf(journal, id))).toEqual(['undone', 'undone', 'undone', 'undone', 'pending'])
  await mendIt()
  await execute(plan, await bench.engine())
  expect((await bench.traces()).slice(8)).toEqual(['a/1', 'b/1', 'c/1', 'd/1', 'e/1'])
})

test('revert of some steps leaves the others alone', async () => {
  const plan = ['a/1', 'b/1'].map((id) => step(id, [], { undo: async () => [bench.trace(`not ${id}`)] }))
  await execute(plan, await bench.engine())
  bench.told.splice(0)
  await revertSteps(plan.slice(0, 1), await bench.engine())
  expect(steps()).toEqual(['begin a/1', 'end a/1 undone'])
  expect(await bench.traces()).toEqual(['not a/1'])
  expect(stateOf(await bench.journal(), 'b/1')).toBe('done')
})

test('a failing undo stops with the reason; run again it continues there', async () => {
  const plan = [
    step('a/1', [], { undo: async () => [bench.fragile('not a/1')] }),
    step('b/1', [], { after: ['a/1'], undo: async () => [bench.trace('not b/1')] }),
  ]
  await execute(plan, await bench.engine())
  await breakIt()
  const error = await failure(revertSteps(plan, await bench.engine()))
  expect(error.message).toMatch(/undo of "Title of a\/1" failed.*it is broken/s)
  expect(stateOf(await bench.journal(), 'a/1')).toBe('failed')
  await mendIt()
  await revertSteps(plan, await bench.engine())
  expect(await bench.traces()).toEqual(['not b/1', 'not a/1', 'not a/1'])
})

test('a stopped revert says what is undone; stopped at once it leaves an undo half done', async () => {
  const [stop, now] = [new AbortController(), new AbortController()]
  const slow = async () => [bench.long('not b/1')]
  const plan = [step('a/1', [], { undo: async () => [bench.trace('not a/1')] }), step('b/1', [], { undo: slow })]
  await execute(plan, await bench.engine({ parallel: 1 }))
  void bench.written('on not b/1').then(() => now.abort())
  const cut = await failure(revertSteps(plan, await bench.engine({ now: now.signal })))
  expect(await bench.traces()).toEqual(['on not b/1'])
  expect(cut.message).toMatch(/undo unfinished: b\/1\n {2}0 of 2 steps are undone\n {2}next: b\/1/)
  expect(stateOf(await bench.journal(), 'b/1')).toBe('begun')
  const until = setInterval(() => bench.told.filter((line) => line === 'begin b/1').length > 2 && stop.abort(), 20)
  const gently = await failure(revertSteps(plan, await bench.engine({ signal: stop.signal })))
  clearInterval(until)
  expect(gently.message).toMatch(/no undo is unfinished\n {2}1 of 2 steps are undone: b\/1\n {2}next: a\/1/)
  expect(gently).toMatchObject({ where: 'swapctl', next: 'Continue with: swapctl revert' })
  expect(await bench.traces()).toEqual(['on not b/1', 'not b/1', 'on not b/1', 'not b/1'])
  await revertSteps(plan, await bench.engine())
  expect((await bench.traces()).at(-1)).toBe('not a/1')
})

const on = (machine: HostName, action: Action): Action => ({ ...action, on: machine }) as Action

/** An interrupted step that ran on these machines, with this undo. */
const begun = async (id: string, machines: readonly HostName[], undo: readonly Action[]): Promise<Step> => {
  const one = step(id, [], { undo: async () => undo })
  const { phase, title } = one
  await (await bench.journal()).append({ event: 'begun', step: id, phase, title, machines, undo })
  return one
}

const lastOf = async (id: string) =>
  (await bench.journal()).entries.findLast((entry) => 'step' in entry && entry.step === id)

test('an undo reports whether there was anything to undo, and how long it took', async () => {
  const plan = [
    step('a/1', [], { undo: async () => [bench.trace('not a/1', 0.3)] }),
    step('b/1', [], { after: ['a/1'] }),
  ]
  await execute(plan, await bench.engine())
  const { reporter, ...engine } = await bench.engine()
  const took: number[] = []
  const timed = {
    ...reporter,
    end: (...[one, says, seconds]: Parameters<typeof reporter.end>) => {
      took.push(seconds)
      reporter.end(one, says, seconds)
    },
  }
  bench.told.splice(0)
  expect(await revertSteps(plan, { ...engine, reporter: timed })).toEqual([])
  expect(steps()).toEqual(['begin b/1', 'end b/1 nothing to undo', 'begin a/1', 'end a/1 undone'])
  expect(took[1]).toBeGreaterThan(0.25)
  expect(took[1]).toBeLessThan(60)
})

test('a done step has left nothing running: no machine is asked', async () => {
  const plan = [step('a/1', [bench.trace('one')])]
  await execute(plan, await bench.engine())
  const hosts = () => expect.fail('a machine was asked')
  expect(await revertSteps(plan, await bench.engine({ hosts }))).toEqual([])
})

test('programs of an interrupted step end before its undo begins', async () => {
  const plan = [await begun('a/1', ['local'], [bench.trace('not a/1')])]
  const script = ['sh', '-c', 'echo on left >> "$1"; sleep 3; echo left >> "$1"', 'left', bench.log] as const
  const left = localHost().run({ argv: script, mark: 'a/1', limit: 20 })
  await bench.written('on left')
  await revertSteps(plan, await bench.engine())
  await left
  expect(bench.told.find((line) => line.startsWith('progress a/1 waiting for process'))).toMatch(/on local/)
  expect(await bench.traces()).toEqual(['on left', 'left', 'not a/1'])
})

test('the reason of a failing undo is kept, with its remedy and in the journal', async () => {
  const plan = [step('a/1', [], { undo: async () => [bench.fragile('not a/1')] })]
  await execute(plan, await bench.engine())
  await breakIt()
  const error = await failure(revertSteps(plan, await bench.engine()))
  expect(error.cause).toBeInstanceOf(SwapError)
  const remedy = 'Fix it and run the same command again; it continues with what is left.'
  expect(error.next).toBe(`${(error.cause as SwapError).next}\n${remedy}`)
  expect(await lastOf('a/1')).toMatchObject({ event: 'failed', error: expect.stringMatching(/^undo: .*it is broken/s) })
  const boom = () => {
    throw new Error('no such machine')
  }
  const other = await failure(revertSteps(plan, await bench.engine({ hosts: boom })))
  expect(other).toMatchObject({ message: expect.stringContaining('failed.\nError: no such machine'), next: remedy })
})

describe('machines that do not answer', () => {
  test('a lost one is skipped and reported; the step stays open until all of it is undone', async () => {
    const { trace } = bench
    const flow: Action = {
      kind: 'pipe',
      from: { on: 'source:ctl2', argv: ['echo', 'it'] },
      to: { on: 'target', argv: ['cat'] },
      what: 'it',
    }
    const undo = [on('source', trace('first')), on('source:ctl2', trace('second')), flow]
    const plan = [await begun('a/1', ['source', 'source:ctl2'], undo)]
    const asked = new Set<HostName>()
    const hosts = (name: HostName) => {
      asked.add(name)
      return localHost()
    }
    const left = ['their machine did not answer: source:ctl2, compute:cmp1']
    const partly = await revertSteps(plan, await bench.engine({ hosts }), ['source:ctl2', 'compute:cmp1'])
    expect(partly).toMatchObject([{ id: 'a/1', title: 'Title of a/1', left }])
    expect([...asked]).toEqual(['source'])
    expect(await bench.traces()).toEqual(['first'])
    expect(bench.told.at(-1)).toBe(`end a/1 partly undone: ${left}`)
    expect(await lastOf('a/1')).toMatchObject({ event: 'failed', error: `undo: 2 of 3 actions left, ${left}` })
    expect(await revertSteps(plan, await bench.engine())).toEqual([])
    expect(await bench.traces()).toEqual(['first', 'first', 'second'])
    expect(stateOf(await bench.journal(), 'a/1')).toBe('undone')
  })

  test('what one of neither side fails to do is left, and counted', async () => {
    await breakIt()
    const undo = [
      on('compute:cmp1', bench.trace('first')),
      on('compute:cmp2', bench.fragile('second')),
      bench.trace('last'),
    ]
    const plan = [step('a/1', [], { undo: async () => undo, changes: ['local', 'compute:cmp1', 'compute:cmp2'] })]
    await execute(plan, await bench.engine())
    const partly = await revertSteps(plan, await bench.engine(), ['compute:cmp1'])
    const [away, failed] = partly[0]?.left ?? []
    expect(away).toBe('their machine did not answer: compute:cmp1')
    expect(failed).toMatch(/it is broken/)
    expect(bench.told.at(-1)).toBe(`end a/1 partly undone: ${away}; ${failed}`)
    expect(await lastOf('a/1')).toMatchObject({ error: `undo: 2 of 3 actions left, ${away}; ${failed}` })
    expect(await bench.traces()).toEqual(['second', 'last'])
  })

  test('neighbours on different machines of neither side are undone at the same time, and nothing else is', async () => {
    const one = (id: string, machine: HostName, after: readonly string[] = []) =>
      step(id, [], { after, undo: async () => [on(machine, bench.long(id))], changes: [machine] })
    const plan = [
      one('a/1', 'compute:cmp1'),
      one('b/1', 'local', ['a/1']),
      one('c/1', 'compute:cmp1', ['b/1']),
      one('d/1', 'compute:cmp1', ['c/1']),
      one('e/1', 'compute:cmp2', ['d/1']),
    ]
    await execute(plan, await bench.engine())
    await revertSteps(plan, await bench.engine())
    const traces = await bench.traces()
    expect(traces.slice(0, 2).toSorted()).toEqual(['on d/1', 'on e/1'])
    expect(traces.slice(4)).toEqual(['on c/1', 'c/1', 'on b/1', 'b/1', 'on a/1', 'a/1'])
  })

  test('one of these that cannot be asked what still runs is named, and the step is undone', async () => {
    const plan = [await begun('a/1', ['compute:cmp1'], [bench.trace('not a/1')])]
    const hosts = (name: HostName) => {
      if (name === 'compute:cmp1') throw new SwapError(name, 'no route', 'Look at it')
      return localHost()
    }
    expect(await revertSteps(plan, await bench.engine({ hosts }))).toEqual([])
    const left = 'compute:cmp1: no route; check there for processes that an earlier run of a/1 left running'
    expect(bench.told).toContain(`note do by hand: ${left}`)
    const journal = await bench.journal()
    expect(stateOf(journal, 'a/1')).toBe('undone')
    expect(leftToDo(journal)).toEqual([left])
  })
})

test('an undo that may fail holds up no revert, and is left to do by hand', async () => {
  const script = 'echo first >&2; echo "password=hunter2-x is wrong" >&2; exit 3'
  const undo: Action[] = [
    { kind: 'exec', on: 'local', argv: ['sh', '-c', script], mayRefuse: true },
    bench.trace('after it'),
  ]
  const plan = [step('a/1', [], { undo: async () => undo })]
  await execute(plan, await bench.engine())
  expect(await revertSteps(plan, await bench.engine())).toEqual([])
  expect(await bench.traces()).toEqual(['after it'])
  const journal = await bench.journal()
  expect(stateOf(journal, 'a/1')).toBe('undone')
  const [left = '', ...others] = leftToDo(journal)
  expect(left).toMatch(/^local: sh -c .* exited 3, which the step allows: password=\[REDACTED\]/)
  expect(others).toEqual([])
  expect(bench.told).toContain(`note do by hand: ${left}`)
})

test('a Ctrl-C after everything is undone has no effect', async () => {
  const [now, thrown] = [new AbortController(), [] as unknown[]]
  const plan = [step('a/1', [])]
  await execute(plan, await bench.engine())
  await revertSteps(plan, await bench.engine({ now: now.signal }))
  const listen = (error: unknown) => thrown.push(error)
  process.on('uncaughtException', listen)
  now.abort()
  await new Promise((wake) => setTimeout(wake, 50))
  process.off('uncaughtException', listen)
  expect(thrown).toEqual([])
})
