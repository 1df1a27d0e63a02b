import { existsSync } from 'node:fs'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { newestFirst, stateOf, undoOf } from '../src/engine/journal.ts'
import { revertSteps } from '../src/engine/revert.ts'
import { execute, fallen, renew } from '../src/engine/run.ts'
import type { Action, Step } from '../src/engine/step.ts'
import { SwapError } from '../src/errors.ts'
import { localHost } from '../src/hosts/local.ts'
import { type Bench, failure, openBench, step } from './engine.ts'

let bench: Bench
beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench.close())

const breakIt = () => writeFile(join(bench.directory, 'broken'), '')
const mendIt = () => rm(join(bench.directory, 'broken'))
test('a step begins when everything it comes after is done, whatever its place in the list', async () => {
  const { trace } = bench
  await execute(
    [
      step('c/last', [trace('last')], { after: ['a/slow', 'b/quick'] }),
      step('a/slow', [trace('slow', 0.3)]),
      step('b/quick', [trace('quick')]),
      step('d/free', [trace('free', 0.1)], { after: ['not/in-this-plan'] }),
    ],
    await bench.engine(),
  )
  const traces = await bench.traces()
  expect(traces.at(-1)).toBe('last')
  expect([...traces].sort()).toEqual(['free', 'last', 'quick', 'slow'])
})

test('no step waits for those of an optional phase, which wait for what comes before', async () => {
  const plan = [
    step('a/prepare', [bench.trace('prepare', 0.2)], { phase: 'prepare' }),
    step('a/stage', [bench.trace('stage', 0.4)], { phase: 'stage' }),
    step('a/migrate', [bench.trace('migrate')]),
  ]
  await execute(plan, await bench.engine())
  expect(await bench.traces()).toEqual(['prepare', 'migrate', 'stage'])
})

test('steps of an earlier phase come before all steps of a later one', async () => {
  const plan = [
    step('b/migrate', [bench.trace('migrate')]),
    step('a/prepare', [bench.trace('prepare', 0.2)], { phase: 'prepare' }),
  ]
  await execute(plan, await bench.engine())
  expect(await bench.traces()).toEqual(['prepare', 'migrate'])
})

test.each([1, 3])('at most the allowed number of steps run in parallel: %i', async (parallel) => {
  let running = 0
  let most = 0
  const counted = (id: string) =>
    step(id, [bench.trace(id, 0.1)], {
      undo: async () => {
        running += 1
        most = Math.max(most, running)
        return []
      },
      proof: async () => {
        running -= 1
        return ''
      },
    })
  const ids = ['a/1', 'a/2', 'a/3', 'a/4', 'a/5', 'a/6']
  await execute(ids.map(counted), await bench.engine({ parallel }))
  expect(most).toBe(parallel)
  expect([...(await bench.traces())].sort()).toEqual(ids)
})

test('the undo is asked and journalled before the first change, the proof comes last', async () => {
  const order: string[] = []
  const engine = await bench.engine()
  const undo = [bench.trace('undo')]
  await execute(
    [
      step('a/one', [bench.trace('change')], {
        undo: async () => {
          order.push(`undo asked, ${stateOf(engine.journal, 'a/one')}, ${(await bench.traces()).length} changes`)
          return undo
        },
        proof: async () => {
          order.push(`proof asked, ${stateOf(engine.journal, 'a/one')}, ${(await bench.traces()).length} changes`)
          return '118 tables equal'
        },
      }),
    ],
    engine,
  )
  expect(order).toEqual(['undo asked, pending, 0 changes', 'proof asked, begun, 1 changes'])
  const { entries } = await bench.journal()
  expect(entries.map(({ event }) => event)).toEqual(['opened', 'begun', 'done'])
  expect(entries[1]).toMatchObject({ step: 'a/one', phase: 'migrate', machines: ['local'], undo })
  expect(entries[2]).toMatchObject({ says: '118 tables equal' })
  expect(bench.told.at(-1)).toBe('end a/one 118 tables equal')
})

test('done steps are not run again, and steps whose machine is already as wanted are skipped with the reason', async () => {
  const plan = [
    step('a/one', [bench.trace('one')]),
    step('a/two', [bench.trace('two')], { done: async () => 'is there' }),
  ]
  await execute(plan, await bench.engine())
  await execute(plan, await bench.engine())
  expect(await bench.traces()).toEqual(['one'])
  expect(bench.told).toContain('skip a/two is there')
  expect(undoOf(await bench.journal(), 'a/two')).toBeUndefined()
})

test('after a failure running steps finish, none begins, and the error has step, machine, message and remedy', async () => {
  await breakIt()
  const error = await failure(
    execute(
      [
        step('a/bad', [bench.fragile('bad')]),
        step('b/long', [bench.trace('long', 0.4)]),
        step('c/later', [bench.trace('later')], { after: ['b/long'] }),
        step('d/dependent', [bench.trace('dependent')], { after: ['a/bad'] }),
      ],
      await bench.engine(),
    ),
  )
  expect(error).toBeInstanceOf(SwapError)
  expect(error).toMatchObject({ where: 'a/bad', exitCode: 1 })
  expect(error.message).toMatch(/Title of a\/bad failed\.\nlocal: sh -c .* exited 4:\nit is broken/s)
  expect(error.next).toMatch(/Run the same command again after fixing it, or: swapctl revert/)
  expect(await bench.traces()).toEqual(['bad', 'long'])
  const journal = await bench.journal()
  expect(['a/bad', 'b/long', 'c/later', 'd/dependent'].map((id) => stateOf(journal, id))).toEqual([
    'failed',
    'done',
    'pending',
    'pending',
  ])
})

test('a done step whose result is gone runs again, with its first undo and in its place', async () => {
  let there = true
  const undo = (word: string) => async () => [bench.trace(`undo ${word} ${there}`)]
  const plan = [
    step('a/fence', [bench.trace('fence')], { undo: undo('fence'), stands: async () => there }),
    step('b/later', [bench.trace('later')], { undo: undo('later'), after: ['a/fence'], stands: async () => true }),
    step('c/open', [], { stands: async () => false }),
  ]
  await execute(plan.slice(0, 2), await bench.engine())
  const again = async () => {
    const engine = await bench.engine()
    await renew(await fallen(plan, engine), engine)
  }
  await again()
  there = false
  await again()
  expect(await bench.traces()).toEqual(['fence', 'later', 'fence'])
  expect(bench.told.filter((line) => line.startsWith('note'))).toEqual([
    'note a/fence no longer stands, for example after a boot: it is done once more',
  ])
  const journal = await bench.journal()
  expect(stateOf(journal, 'a/fence')).toBe('done')
  expect(undoOf(journal, 'a/fence')).toEqual([bench.trace('undo fence true')])
  expect(newestFirst(journal)).toEqual(['b/later', 'a/fence'])
})

test('a step whose questions fail has not begun', async () => {
  const ask = async () => {
    throw new SwapError('target', 'no answer', 'look')
  }
  await failure(execute([step('a/one', [], { run: ask })], await bench.engine()))
  expect(stateOf(await bench.journal(), 'a/one')).toBe('pending')
})

test('a step whose proof fails has failed', async () => {
  const proof = async () => {
    throw new SwapError('target', '3 rows are missing', 'look')
  }
  const error = await failure(execute([step('a/one', [bench.trace('one')], { proof })], await bench.engine()))
  expect(error.message).toContain('3 rows are missing')
  expect(stateOf(await bench.journal(), 'a/one')).toBe('failed')
})

test('a failed step runs again without asking whether it is done, and keeps its first undo', async () => {
  let asked = 0
  const plan = [
    step('a/one', [bench.fragile('try')], {
      done: async () => (asked > 0 ? 'looks done' : undefined),
      undo: async () => {
        asked += 1
        return [bench.trace(`undo ${asked}`)]
      },
    }),
  ]
  await breakIt()
  await failure(execute(plan, await bench.engine()))
  await mendIt()
  await execute(plan, await bench.engine())
  expect(await bench.traces()).toEqual(['try', 'try'])
  expect(asked).toBe(1)
  await revertSteps(plan, await bench.engine())
  expect(await bench.traces()).toEqual(['try', 'try', 'undo 1'])
})

test('the first Ctrl-C lets running steps finish and says what is done, what comes next and what to type', async () => {
  const stop = new AbortController()
  const plan = [
    step('a/1', [bench.trace('one', 0.3)], {
      undo: async () => {
        stop.abort()
        return []
      },
    }),
    step('b/1', [bench.trace('two')], { after: ['a/1'] }),
  ]
  const error = await failure(execute(plan, await bench.engine({ signal: stop.signal })))
  expect(error.message).toMatch(
    /no step is unfinished\n {2}1 of 2 steps are done: a\/1\n {2}next: b\/1 {2}Title of b\/1/,
  )
  expect(error.next).toBe('Continue with: swapctl migrate; go back with: swapctl revert')
  expect(await bench.traces()).toEqual(['one'])
  expect(stateOf(await bench.journal(), 'a/1')).toBe('done')
})

test('the second stops at once, names what is half done, and the next run waits for what is left running', async () => {
  const now = new AbortController()
  const plan = [step('a/1', [bench.long('one')])]
  void bench.written('on one').then(() => now.abort())
  const error = await failure(execute(plan, await bench.engine({ now: now.signal })))
  expect(await bench.traces()).toEqual(['on one'])
  expect(error.message).toMatch(/unfinished: a\/1/)
  expect(stateOf(await bench.journal(), 'a/1')).toBe('begun')
  await execute([step('a/1', [bench.trace('two')])], await bench.engine())
  expect(bench.told.find((line) => line.startsWith('progress a/1 waiting for process'))).toMatch(/on local/)
  expect(await bench.traces()).toEqual(['on one', 'one', 'two'])
})

test('steps that wait for each other are reported, not waited for', async () => {
  const plan = [step('a/1', [], { after: ['b/1'] }), step('b/1', [], { after: ['a/1'] }), step('c/1', [])]
  const error = await failure(execute(plan, await bench.engine()))
  expect(error.message).toContain('a/1, b/1')
  await expect(execute([step('a/1', []), step('a/1', [])], await bench.engine())).rejects.toThrow('same id')
})

test('of the steps that could begin, the one with the longest chain behind it comes first', async () => {
  const { trace } = bench
  const plan = [
    step('a/alone', [trace('alone')]),
    step('b/short', [trace('short')]),
    step('c/long', [trace('long')]),
    step('b/end', [trace('short end')], { after: ['b/short'] }),
    step('c/middle', [trace('middle')], { after: ['c/long'] }),
    step('c/end', [trace('long end')], { after: ['c/middle'] }),
  ]
  await execute(plan, await bench.engine({ parallel: 1 }))
  expect(await bench.traces()).toEqual(['long', 'short', 'middle', 'alone', 'short end', 'long end'])
})

test('a step that lasts long comes before a longer chain of short ones', async () => {
  const { trace } = bench
  const plan = [
    step('a/first', [trace('first')]),
    step('a/second', [trace('second')], { after: ['a/first'] }),
    step('b/copy', [trace('copy')], { seconds: 30 }),
    step('c/ready', [trace('ready')]),
    step('c/long', [trace('long')], { after: ['c/ready'], seconds: 31 }),
  ]
  await execute(plan, await bench.engine({ parallel: 1 }))
  expect(await bench.traces()).toEqual(['ready', 'long', 'copy', 'first', 'second'])
})

test('an interrupted step first has its data recreated, and nothing else', async () => {
  const { trace, fragile } = bench
  const plan = [
    step('a/import', [trace('import')]),
    step('b/other', [trace('other')]),
    step('a/schema', [fragile('schema')], { after: ['a/import', 'b/other'], spoils: ['a/import'] }),
  ]
  await breakIt()
  await failure(execute(plan, await bench.engine()))
  await mendIt()
  await execute(plan, await bench.engine())
  expect((await bench.traces()).slice(2)).toEqual(['schema', 'import', 'schema'])
  await execute(plan, await bench.engine())
  expect((await bench.traces()).slice(5)).toEqual([])
})

test('programs of an interrupted step end before its data is recreated', async () => {
  const { trace, log } = bench
  const plan = [
    step('a/import', [trace('import')]),
    step('a/schema', [trace('schema')], { after: ['a/import'], spoils: ['a/import'] }),
  ]
  const journal = await bench.journal()
  await journal.append({ event: 'done', step: 'a/import' })
  const { id, phase, title } = plan[1] as Step
  await journal.append({ event: 'begun', step: id, phase, title, machines: ['local'], undo: [] })
  const left = localHost().run({
    argv: ['sh', '-c', 'echo on left >> "$1"; sleep 3; echo left >> "$1"', 'left', log],
    mark: 'a/schema',
    limit: 20,
  })
  await bench.written('on left')
  await execute(plan, await bench.engine())
  await left
  expect(await bench.traces()).toEqual(['on left', 'left', 'import', 'schema'])
})

test('a step with an undo is never marked as spoilt', async () => {
  const { trace, fragile } = bench
  const plan = [
    step('a/move', [trace('move')], { undo: async () => [trace('back')] }),
    step('a/next', [fragile('next')], { after: ['a/move'], spoils: ['a/move'] }),
  ]
  await breakIt()
  await failure(execute(plan, await bench.engine()))
  expect((await failure(execute(plan, await bench.engine()))).message).toContain('a/move has an undo')
})

test('a step that would change an undeclared machine is refused before it begins', async () => {
  const engine = await bench.engine()
  const quiet = step('a/one', [bench.trace('change')], { changes: ['target'] })
  await expect(execute([quiet], engine)).rejects.toThrow('it would change local, which it does not declare')
  const undoes = step('a/two', [], { changes: [], undo: async () => [bench.trace('not')] })
  await expect(execute([undoes], engine)).rejects.toThrow('it would change local, which it does not declare')
  expect(await bench.traces()).toEqual([])
  expect(engine.journal.entries).toEqual([])
})

test('a pipe changes the machine it ends on, not the one it reads from', async () => {
  const flow = {
    kind: 'pipe',
    from: { on: 'source', argv: ['echo', 'it'] },
    to: { on: 'target', argv: ['cat'] },
    what: 'it',
  } as const
  await execute([step('a/one', [flow], { changes: ['target'] })], await bench.engine())
  await expect(execute([step('a/two', [flow], { changes: ['source'] })], await bench.engine())).rejects.toThrow(
    'it would change target',
  )
})

test('a step that changes the source without an undo is refused, unless it says why', async () => {
  const change: Action = { kind: 'exec', on: 'source', argv: ['true'] }
  const engine = await bench.engine()
  await expect(execute([step('a/one', [change])], engine)).rejects.toThrow('without an undo')
  await execute([step('a/two', [change], { noWayBack: 'a reason' })], engine)
  await execute([step('a/three', [change], { undo: async () => [change] })], engine)
  expect(bench.told.filter((line) => line.startsWith('end'))).toEqual(['end a/two', 'end a/three'])
})

test('actions are repeated until they have worked; the result is kept before the proof', async () => {
  const path = join(bench.directory, 'kept', 'seen.json')
  const turns: number[] = []
  const one = step('a/one', [bench.trace('told')], {
    again: async (turn) => turns.push(turn) < 3,
    keeps: [{ path, ask: async () => `${(await bench.traces()).length} times` }],
    proof: async () => readFile(path, 'utf8'),
  })
  await execute([one], await bench.engine())
  expect(turns).toEqual([1, 2, 3])
  expect(bench.told.at(-1)).toBe('end a/one 3 times')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
})

test('a failing question keeps nothing, and the step is not done', async () => {
  const path = join(bench.directory, 'seen')
  const refused = step('a/one', [], {
    keeps: [{ path, ask: () => Promise.reject(new SwapError('x', 'nothing there', 'y')) }],
  })
  const engine = await bench.engine()
  await expect(execute([refused], engine)).rejects.toThrow('nothing there')
  expect(existsSync(path)).toBe(false)
  expect(stateOf(engine.journal, 'a/one')).toBe('failed')
})
