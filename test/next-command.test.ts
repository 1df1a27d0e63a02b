import { expect, test } from 'vitest'
import { nextCommand } from '../src/commands/status.ts'
import type { Entry } from '../src/engine/journal.ts'
import { nothing, type Phase, type Plan } from '../src/engine/step.ts'

const step = (id: string, phase: Phase) => ({
  id,
  phase,
  title: id,
  after: [],
  changes: [],
  run: nothing,
  undo: nothing,
})
const plan: Plan = [step('a/build', 'prepare'), step('a/stage', 'stage'), step('a/files', 'migrate')]
const entry = (event: 'done' | 'failed', id: string): Entry =>
  ({ event, step: id, error: 'x', at: '2026-01-01T00:00:00Z' }) as Entry

/** `done`: how many steps of each phase. */
const next = (done: Readonly<Partial<Record<Phase, number>>>, ...entries: readonly Entry[]) =>
  nextCommand(
    Object.entries(done).map(([phase, count]) => ({ phase: phase as Phase, done: count, steps: 1 })),
    plan,
    { journal: { entries, append: async () => {}, close: async () => {} } },
  )

test('a stage is never what has to come next, unless it failed', () => {
  expect(next({ prepare: 1, migrate: 0 })).toBe('swapctl migrate')
  expect(next({ prepare: 1, stage: 0, migrate: 0 })).toBe('swapctl migrate')
  expect(next({ prepare: 1, stage: 1, migrate: 0 })).toBe('swapctl migrate')
  expect(next({ prepare: 1, stage: 0, migrate: 0 }, entry('failed', 'a/stage'))).toContain('then: swapctl stage')
})

test('a stage that failed holds up nothing once migrate has begun', () => {
  expect(next({ prepare: 1, stage: 0, migrate: 1, cutover: 0 }, entry('failed', 'a/stage'))).toBe('swapctl cutover')
})
