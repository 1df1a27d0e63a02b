import { expect, test } from 'vitest'
import type { Entry } from '../src/engine/journal.ts'
import { nothing, type Phase, type Plan } from '../src/engine/step.ts'
import { timelineOf } from '../src/plan/timeline.ts'
import { timelineText } from '../src/plan/timeline-text.ts'

const step = (id: string, after: readonly string[] = [], phase: Phase = 'migrate') => ({
  id,
  phase,
  title: `Do ${id}`,
  after,
  changes: [],
  run: nothing,
  undo: nothing,
})

const plan: Plan = [
  step('source/backup', [], 'prepare'),
  step('a/close'),
  step('a/stop', ['a/close']),
  step('a/import', ['a/stop']),
  step('b/import', ['a/stop']),
  step('b/verify', ['b/import']),
  step('cutover/move', [], 'cutover'),
]

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 10, 0, second)).toISOString()
const begun = (id: string, second: number): Entry => ({
  event: 'begun',
  step: id,
  phase: plan.find((one) => one.id === id)?.phase ?? 'migrate',
  title: `Do ${id}`,
  machines: [],
  undo: [],
  at: at(second),
})
const done = (id: string, second: number): Entry => ({ event: 'done', step: id, at: at(second) })
const ran = (id: string, from: number, to: number): readonly Entry[] => [begun(id, from), done(id, to)]

const entries = [
  ...ran('source/backup', 0, 5),
  ...ran('a/close', 10, 12),
  ...ran('a/stop', 12, 15),
  ...ran('a/import', 15, 25),
  // With one slot: it could have begun at 15.
  ...ran('b/import', 25, 28),
  ...ran('b/verify', 28, 30),
]

test('each step says what it waited for, and when that was only a free slot', () => {
  const { bars } = timelineOf(plan, { entries })
  expect(bars.map(({ id, waitedFor, slotOf }) => [id, waitedFor, slotOf])).toEqual([
    ['source/backup', undefined, undefined],
    ['a/close', 'source/backup', undefined],
    ['a/stop', 'a/close', undefined],
    ['a/import', 'a/stop', undefined],
    ['b/import', 'a/stop', 'a/import'],
    ['b/verify', 'b/import', undefined],
  ])
})

test('the critical path goes from the first closed API to the last step, including waits for a slot', () => {
  const { freeze } = timelineOf(plan, { entries: [...entries, ...ran('cutover/move', 40, 45)] })
  expect(freeze?.critical.map(({ id }) => id)).toEqual(['a/close', 'a/stop', 'a/import', 'b/import', 'b/verify'])
  expect(freeze?.begun).toEqual(new Date(at(10)))
  expect(freeze?.ended).toEqual(new Date(at(30)))
})

test('undone steps and steps found done have no bar; repeated ones have their last', () => {
  const again = timelineOf(plan, {
    entries: [
      done('source/backup', 1),
      ...ran('a/close', 2, 3),
      { event: 'undone', step: 'a/close', at: at(4) },
      begun('a/stop', 5),
      { event: 'failed', step: 'a/stop', error: 'no', at: at(6) },
      ...ran('a/stop', 7, 9),
    ],
  })
  expect(again.bars.map(({ id, begun }) => [id, begun])).toEqual([['a/stop', new Date(at(7))]])
  expect(again.freeze).toBeUndefined()
})

test('one axis per phase is drawn; a step that has not ended says so', () => {
  const text = timelineText(timelineOf(plan, { entries: [...entries, begun('cutover/move', 40)] }), new Date(at(50)))
  expect(text.split('\n')).toEqual([
    'prepare  10:00:00 to 10:00:05 UTC: 5.0 s',
    '  10:00:00 ██████████████████████████████       5.0 s  source/backup',
    'migrate  10:00:10 to 10:00:30 UTC: 20.0 s',
    '  10:00:10 ███···························       2.0 s  a/close  waited for source/backup',
    '  10:00:12 ···█████······················       3.0 s  a/stop  waited for a/close',
    '  10:00:15 ········███████████████·······      10.0 s  a/import  waited for a/stop',
    '  10:00:25 ·······················████···       3.0 s  b/import  waited for a/stop, then for a free slot until a/import ended',
    '  10:00:28 ···························███       2.0 s  b/verify  waited for b/import',
    'cutover  10:00:40 to 10:00:50 UTC: 10.0 s',
    '  10:00:40 ██████████████████████████████   not ended  cutover/move  waited for b/verify',
    'freeze  10:00:10 to 10:00:30: 20.0 s. Its critical path:',
    '        2.0 s  a/close  Do a/close',
    '        3.0 s  a/stop  Do a/stop',
    '       10.0 s  a/import  Do a/import',
    '        3.0 s  b/import  Do b/import',
    '        2.0 s  b/verify  Do b/verify',
  ])
})

test('says so when nothing has run', () => {
  expect(timelineText(timelineOf(plan, { entries: [] }), new Date())).toBe('No step has run yet')
})
