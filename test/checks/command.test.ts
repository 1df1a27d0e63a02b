import { expect, test } from 'vitest'
import { listed } from '../../src/checks/index.ts'
import { check } from '../../src/commands/check.ts'
import { reportFindings } from '../../src/commands/findings.ts'
import type { Session } from '../../src/commands/session.ts'
import type { Entry } from '../../src/engine/journal.ts'
import type { Finding } from '../../src/engine/step.ts'
import { SwapError } from '../../src/errors.ts'
import { printed } from '../printed.ts'

test('check --list prints every check without settings or machines, as text and as JSON', async () => {
  const text = await printed('check', '--list')
  for (const { id, level, title, source, why, remedy } of listed) {
    const line = text
      .split('\n')
      .findIndex((one) => one.startsWith(`${level.padEnd(5)}  ${id} `) && one.endsWith(title))
    const below = text.split('\n').slice(line + 1, line + 4)
    expect(below.map((one) => one.trim())).toEqual([why, remedy, source])
  }
  expect(JSON.parse(await printed('--json', 'check', '--list'))).toEqual(listed)
})

test.each([
  ['an id that no check has', { accept: ['nova/nosuch'], reason: 'x' }, "no such check: 'nova/nosuch'"],
  ['no reason', { accept: ['nova/dead-services'] }, 'a reason is required'],
  ['an empty reason', { accept: ['nova/dead-services'], reason: ' ' }, 'a reason is required'],
  ['all schemas as a whole', { accept: ['database/schema'], reason: 'x' }, 'cannot be accepted as a whole'],
  ['a choice that there is not', { accept: ['schema/fix/nova'], reason: 'x' }, "no such check: 'schema/fix/nova'"],
  ['a decision without a reason', { accept: ['schema/drop/nova.v'] }, 'a reason is required'],
  ['a check of the cutover', { accept: ['cutover/fence'], reason: 'x' }, 'cutover/fence cannot be accepted'],
])('check --accept refuses %s with exit code 2, before it reads the settings', async (_what, words, says) => {
  const refused = check({ config: '/nowhere/swapctl.ini', ...words }).catch((error: unknown) => error)
  expect(await refused).toMatchObject({ exitCode: 2, message: expect.stringContaining(says) })
})

const finding = (id: string, level: Finding['level']): Finding => ({ id, level, says: `${id} says`, remedy: 'fix it' })
const session = (notes: string[], accepted: readonly string[] = []) =>
  ({
    journal: {
      entries: accepted.map((id): Entry => ({ event: 'accepted', check: id, reason: 'looked at', at: '2026-11-21' })),
    },
    reporter: { note: (text: string) => notes.push(text) },
  }) as unknown as Session

test('a block exits 2 and lists all findings, a warning or an accepted block is a note with its reason', () => {
  const notes: string[] = []
  const all = [finding('a/one', 'block'), finding('b/two', 'block'), finding('c/three', 'warn')]
  let caught: unknown
  try {
    reportFindings(session(notes, ['a/one']), all)
  } catch (error) {
    caught = error
  }
  expect(caught).toBeInstanceOf(SwapError)
  expect(caught).toMatchObject({
    exitCode: 2,
    details: { blocks: [all[1]], warnings: [all[2]], accepted: [{ id: 'a/one' }] },
  })
  expect((caught as SwapError).message).toContain('b/two: b/two says')
  expect((caught as SwapError).message).not.toContain('a/one')
  expect(notes.join('\n')).toMatch(/c\/three: c\/three says[\s\S]*accepted +a\/one: a\/one says\s+because: looked at/)
  expect(() => reportFindings(session([], ['a/one', 'b/two']), all)).not.toThrow()
})
