import { expect, test } from 'vitest'
import type { Entry } from '../src/engine/journal.ts'
import { nothing, type Plan } from '../src/engine/step.ts'
import { predict, simulate } from '../src/plan/prediction.ts'
import { predictionText, shortPrediction } from '../src/plan/prediction-text.ts'
import { rehearsalLine } from '../src/plan/rehearsal.ts'
import { lostRows, lostText } from '../src/rehearse/rows.ts'

const step = (id: string, after: readonly string[], seconds?: number) => ({
  id,
  phase: 'migrate' as const,
  title: `Do ${id}`,
  after,
  changes: [],
  run: nothing,
  undo: nothing,
  ...(seconds === undefined ? {} : { seconds }),
})

const plan: Plan = [
  step('before', [], 30),
  step('a/close', ['before']),
  step('a/import-a', ['a/close'], 5),
  step('b/import-b', ['a/close'], 4),
  step('c/files', ['a/close'], 3),
  step('a/start', ['a/import-a'], 15),
]

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 10, 0, second)).toISOString()
const ran = (id: string, from: number, to: number): readonly Entry[] => [
  { event: 'begun', step: id, phase: 'migrate', title: id, machines: [], undo: [], at: at(from) },
  { event: 'done', step: id, at: at(to) },
]
const entries: readonly Entry[] = [
  // An earlier rehearsal, the last one, and one that failed since; then an earlier migrate that was reverted.
  ...ran('a/rehearse-import-a', 0, 50),
  { event: 'undone', step: 'a/rehearse-import-a', at: at(51) },
  ...ran('a/rehearse-import-a', 100, 120),
  { event: 'undone', step: 'a/rehearse-import-a', at: at(121) },
  { event: 'begun', step: 'a/rehearse-import-a', phase: 'rehearse', title: '', machines: [], undo: [], at: at(200) },
  { event: 'failed', step: 'a/rehearse-import-a', error: 'x', at: at(203) },
  ...ran('b/import-b', 300, 307),
  { event: 'undone', step: 'b/import-b', at: at(310) },
]

test('steps run side by side by the rule of the engine: the longest way first, no more than the slots', () => {
  const begins = (slots: number) =>
    Object.fromEntries(simulate(plan, slots, ({ seconds = 1 }) => seconds).map(({ id, begun }) => [id, +begun / 1000]))
  expect(begins(3)).toEqual({
    before: 0,
    'a/close': 30,
    'a/import-a': 31,
    'b/import-b': 31,
    'c/files': 31,
    'a/start': 36,
  })
  expect(begins(1)).toEqual({
    before: 0,
    'a/close': 30,
    'a/import-a': 31,
    'a/start': 36,
    'b/import-b': 51,
    'c/files': 55,
  })
})

test('the freeze is predicted from what was rehearsed, then from an earlier migrate, then from rules of thumb', () => {
  const found = predict(plan, 3, { entries })
  expect(found?.steps.map(({ id, begins, seconds, known }) => [id, begins, seconds, known])).toEqual([
    ['a/close', 0, 1, 'estimated'],
    ['a/import-a', 1, 20, 'rehearsed'],
    ['b/import-b', 1, 7, 'earlier'],
    ['c/files', 1, 3, 'estimated'],
    ['a/start', 21, 15, 'estimated'],
  ])
  expect(found?.seconds).toBe(36)
  expect(found?.critical).toEqual(['a/close', 'a/import-a', 'a/start'])
  const text = found && predictionText(found)
  expect(text).toContain(
    'The freeze would take about 36.0 s. Longest way: a/close 1.0 s, a/import-a 20.0 s, a/start 15.0 s\nOf that way: 20.0 s rehearsed, 16.0 s not measured',
  )
  expect(text).toContain('3 of 5 steps were never measured')
  expect(found && shortPrediction(found)).toBe('the freeze would take about 36.0 s, of which 16.0 s are not measured')
  expect(predict(plan.slice(0, 1), 3, { entries })).toBeUndefined()
})

test('a rehearsal in one line of status', () => {
  const now = new Date('2026-01-01T10:05:00Z')
  const one = { at: '2026-01-01T10:00:00.000Z', services: ['a', 'b'], failed: [], lost: ['a.t: 1 of 2 rows are left'] }
  expect(rehearsalLine(one, now)).toBe(
    'a, b rehearsed at 2026-01-01T10:00Z, 5 min 0 s ago: nothing failed; 1 tables lost rows',
  )
  expect(rehearsalLine({ ...one, lost: [], failed: [{ service: 'b', says: 'x' }] }, now)).toContain('ago: b failed')
})

test('tables that lost rows or are gone are named', () => {
  const lost = lostRows(
    { 'a.same': 2, 'a.more': 2, 'a.less': 5, 'a.gone': 3, 'a.empty': 0 },
    { 'a.same': 2, 'a.more': 4, 'a.less': 1 },
  )
  expect(lost.map(lostText)).toEqual(['a.less: 1 of 5 rows are left', 'a.gone: the table is gone, it had 3 rows'])
})
