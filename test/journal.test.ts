import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { refuseUnknown } from '../src/commands/session.ts'
import {
  type Event,
  newestFirst,
  openJournal,
  openSteps,
  stateOf,
  times,
  undoOf,
  unknownSteps,
} from '../src/engine/journal.ts'
import { type Action, exec } from '../src/engine/step.ts'
import type { SwapError } from '../src/errors.ts'
import { step } from './engine.ts'

let directory: string
let path: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'journal-'))
  path = join(directory, 'state', 'journal.jsonl')
})
afterEach(() => rm(directory, { recursive: true }))

const begun = (step: string, undo: readonly Action[] = [], phase: 'prepare' | 'migrate' = 'migrate'): Event => ({
  event: 'begun',
  step,
  phase,
  title: `Title of ${step}`,
  machines: ['target'],
  undo,
})
const done = (step: string): Event => ({ event: 'done', step })
const failed = (step: string): Event => ({ event: 'failed', step, error: 'no' })
const undone = (step: string): Event => ({ event: 'undone', step })

const write = async (...events: readonly Event[]) => {
  const journal = await openJournal(path, 'lab')
  for (const event of events) await journal.append(event)
  return journal
}

test('a missing file is an empty journal, and reading it creates nothing', async () => {
  const journal = await openJournal(path, 'lab')
  expect(journal.entries).toEqual([])
  await expect(stat(join(directory, 'state'))).rejects.toThrow('ENOENT')
})

test('appended entries are read back; the file is readable by its owner only', async () => {
  const undo = [exec('target', 'rm', "it's\nhere")]
  await write(begun('a/one', undo), { event: 'done', step: 'a/one', says: '3 rows' })
  const again = await openJournal(path, 'lab')
  expect(again.entries.map(({ event }) => event)).toEqual(['opened', 'begun', 'done'])
  expect(undoOf(again, 'a/one')).toEqual(undo)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect((await stat(join(directory, 'state'))).mode & 0o777).toBe(0o700)
})

test('concurrent appends are complete lines in the order of the calls', async () => {
  const journal = await openJournal(path, 'lab')
  const steps = Array.from({ length: 50 }, (_, index) => `a/${index}`)
  await Promise.all(steps.map((step) => journal.append(begun(step))))
  const again = await openJournal(path, 'lab')
  expect(again.entries.slice(1).map((entry) => 'step' in entry && entry.step)).toEqual(steps)
})

test('an unfinished last line is ignored, and cut off before the next one is written', async () => {
  await write(begun('a/one'))
  await appendFile(path, '{"at":"2026-01-01T00:00:00Z","event":"do')
  const journal = await openJournal(path, 'lab')
  expect(stateOf(journal, 'a/one')).toBe('begun')
  expect(await readFile(path, 'utf8')).toMatch(/"do$/)
  await journal.append(done('a/one'))
  expect(stateOf(await openJournal(path, 'lab'), 'a/one')).toBe('done')
})

test.each([
  ['not JSON', 'nonsense\n', 'is not JSON'],
  ['no entry', '{"event":3}\n', 'is not a journal entry'],
])('a damaged line in the middle is refused with its number: %s', async (_, line, message) => {
  await write(begun('a/one'))
  await appendFile(path, line)
  await appendFile(path, '{"at":"2026-01-01T00:00:00Z","event":"done","step":"a/one"}\n')
  const error: SwapError = await openJournal(path, 'lab').then(
    () => expect.fail('the journal was read'),
    (reason) => reason,
  )
  expect(error).toMatchObject({ where: `${path}:3`, exitCode: 2 })
  expect(error.message).toContain(message)
})

test("another swap's journal is refused with both names", async () => {
  await write(begun('a/one'))
  await expect(openJournal(path, 'other')).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/'lab'.*'other'/),
  })
})

test('a journal of other machines is refused with both keys, on whichever side', async () => {
  const ours = { source: 'SHA256:old', target: 'SHA256:new' }
  await (await openJournal(path, 'lab', ours)).append(begun('a/one'))
  expect((await openJournal(path, 'lab', ours)).entries).toHaveLength(2)
  await expect(openJournal(path, 'lab', { ...ours, source: 'SHA256:x' })).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(
      /belongs to another cloud: its source has host key SHA256:old, the settings have SHA256:x/,
    ),
  })
  await expect(openJournal(path, 'lab', { ...ours, target: 'SHA256:x' })).rejects.toMatchObject({
    next: expect.stringContaining('host_key of [target]'),
  })
})

test('the other machines of a side may come and go', async () => {
  const ours = { source: 'SHA256:one SHA256:two', target: 'SHA256:new' }
  await (await openJournal(path, 'lab', ours)).append(begun('a/one'))
  expect((await openJournal(path, 'lab', { ...ours, source: 'SHA256:one' })).entries).toHaveLength(2)
  await expect(openJournal(path, 'lab', { ...ours, source: 'SHA256:two SHA256:one' })).rejects.toThrow(
    'its source has host key SHA256:one, the settings have SHA256:two',
  )
})

const rewrite = async (change: (lines: string[]) => readonly string[]) =>
  writeFile(path, `${change((await readFile(path, 'utf8')).trimEnd().split('\n')).join('\n')}\n`)
const damages: readonly (readonly [string, (lines: string[]) => readonly string[], RegExp])[] = [
  ['a line is lost', (lines) => lines.toSpliced(2, 1), /:3$/],
  ['a line is changed, and still is JSON', (lines) => lines.with(2, (lines[2] as string).replace('one', 'two')), /:3$/],
  ['two lines are swapped', ([a, b, c, d]) => [a, c, b, d] as string[], /:2$/],
  ['a line is there twice', (lines) => [...lines.slice(0, 3), lines[2] as string, ...lines.slice(3)], /:4$/],
  [
    'a line is added by hand',
    (lines) => [...lines, '{"at":"2026-01-01T00:00:00Z","event":"undone","step":"a/one"}'],
    /:5$/,
  ],
]
test.each(damages)('%s: refused with the line, and nothing is written', async (_, change, where) => {
  await write(begun('a/one'), done('a/one'), begun('b/one'))
  await rewrite(change)
  const before = await readFile(path)
  await expect(openJournal(path, 'lab')).rejects.toMatchObject({ exitCode: 2, where: expect.stringMatching(where) })
  expect(await readFile(path)).toEqual(before)
})

test.each([
  ['at the end of a line', (text: string) => text.slice(0, text.lastIndexOf('\n', text.length - 2) + 1)],
  ['within a line', (text: string) => text.slice(0, -80)],
  ['down to nothing', () => ''],
])('a journal cut off %s is refused, because those steps had taken effect', async (_, cut) => {
  await write(begun('a/one'), done('a/one'))
  await writeFile(path, cut(await readFile(path, 'utf8')))
  await expect(openJournal(path, 'lab')).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/is truncated: 3 lines were written, [02] are left/),
  })
})

test('a crash between a line and its count, or during the count, is not damage', async () => {
  await write(begun('a/one'))
  for (const count of ['1\n', '']) {
    await writeFile(`${path}.lines`, count)
    expect((await openJournal(path, 'lab')).entries).toHaveLength(2)
  }
})

test('another version is reported as such, however it computes checksums', async () => {
  await write(begun('a/one'))
  await writeFile(path, (await readFile(path, 'utf8')).replace('"version":1', '"version":7'))
  await expect(openJournal(path, 'lab')).rejects.toThrow('version 7')
})

test('after close nothing is written', async () => {
  const journal = await write(begun('a/one'))
  await journal.close()
  await expect(journal.append(done('a/one'))).rejects.toThrow('stopping')
  expect(stateOf(await openJournal(path, 'lab'), 'a/one')).toBe('begun')
})

test.each([
  ['another version', '{"at":"2026-01-01T00:00:00Z","event":"opened","version":2,"swap":"lab"}\n', 'version 2'],
  ['no opening line', '{"at":"2026-01-01T00:00:00Z","event":"done","step":"a/one"}\n', 'first line is missing'],
])('refused: %s', async (_, line, message) => {
  path = join(directory, 'journal.jsonl')
  await writeFile(path, line)
  await expect(openJournal(path, 'lab')).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining(message),
  })
})

test.each<[string, readonly Event[], string]>([
  ['nothing yet', [], 'pending'],
  ['begun', [begun('x/y')], 'begun'],
  ['done', [begun('x/y'), done('x/y')], 'done'],
  ['done without a change', [done('x/y')], 'done'],
  ['failed', [begun('x/y'), failed('x/y')], 'failed'],
  ['begun again after a failure', [begun('x/y'), failed('x/y'), begun('x/y')], 'begun'],
  ['its undo was broken off', [begun('x/y'), done('x/y'), { event: 'undoing', step: 'x/y' }], 'begun'],
  ['undone', [begun('x/y'), done('x/y'), { event: 'undoing', step: 'x/y' }, undone('x/y')], 'undone'],
  ['done once more after an undo', [begun('x/y'), done('x/y'), undone('x/y'), begun('x/y'), done('x/y')], 'done'],
])('state: %s', async (_, events, state) => {
  const journal = await write(begun('other/step'), ...events)
  expect(stateOf(journal, 'x/y')).toBe(state)
})

test('the first undo since the last revert counts', async () => {
  const [first, second, third] = ['1', '2', '3'].map((word) => [exec('target', 'undo', word)])
  const journal = await write(begun('x/y', first), failed('x/y'), begun('x/y', second))
  expect(undoOf(journal, 'x/y')).toEqual(first)
  await journal.append(undone('x/y'))
  expect(undoOf(journal, 'x/y')).toBeUndefined()
  await journal.append(begun('x/y', third))
  expect(undoOf(journal, 'x/y')).toEqual(third)
})

test('undo starts with the latest step, skips what is undone or never began, and knows phases', async () => {
  const journal = await write(
    begun('p/one', [], 'prepare'),
    done('p/one'),
    begun('a/one'),
    failed('a/one'),
    begun('b/one'),
    done('b/one'),
    begun('a/one'),
    done('a/one'),
    begun('c/one'),
    undone('c/one'),
    done('d/skipped'),
  )
  expect(newestFirst(journal)).toEqual(['b/one', 'a/one', 'p/one'])
  expect(newestFirst(journal, ['migrate'])).toEqual(['b/one', 'a/one'])
  expect(openSteps(journal, ['prepare'])).toEqual([{ id: 'p/one', title: 'Title of p/one' }])
})

test("times are those of a step's last run", async () => {
  const at = (second: number) => `2026-01-01T00:00:0${second}.000Z`
  const entries = [
    { ...begun('x/y'), at: at(1) },
    { ...failed('x/y'), at: at(2) },
    { ...begun('x/y'), at: at(3) },
    { ...done('x/y'), at: at(5) },
  ]
  expect(times({ entries }, 'x/y')).toEqual({ begun: new Date(at(3)), ended: new Date(at(5)) })
  expect(times({ entries: entries.slice(0, 3) }, 'x/y')).toEqual({ begun: new Date(at(3)) })
  expect(times({ entries }, 'x/z')).toEqual({})
})

test('a begun or done step that is no longer in the list is named; an undone one is not', async () => {
  const journal = await write(
    begun('p/old', [], 'prepare'),
    done('p/old'),
    done('p/skipped'),
    begun('a/known'),
    done('a/known'),
    begun('a/gone'),
    failed('a/gone'),
    begun('a/back'),
    undone('a/back'),
  )
  expect(unknownSteps(journal, [{ id: 'a/known' }, { id: 'b/new' }])).toEqual([
    { id: 'p/old', title: 'Title of p/old', phase: 'prepare' },
    { id: 'p/skipped', title: 'p/skipped' },
    { id: 'a/gone', title: 'Title of a/gone', phase: 'migrate' },
  ])
})

test('a command continues only when its plan knows every done step, and names the others', async () => {
  const journal = await write(begun('p/old', [], 'prepare'), done('p/old'))
  expect(() => refuseUnknown({ journal }, [step('p/old', [])])).not.toThrow()
  const refusal = (): unknown => {
    try {
      return refuseUnknown({ journal }, [step('a/known', [])])
    } catch (error) {
      return error
    }
  }
  expect(refusal()).toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('p/old  Title of p/old'),
    next: expect.stringContaining('swapctl prepare'),
  })
  await journal.append(begun('a/gone'))
  expect(refusal()).toMatchObject({ exitCode: 2, next: expect.stringContaining('swapctl revert undoes them') })
})
