import { expect, test } from 'vitest'
import { askChecks, type Check, type CheckContext, warn } from '../../src/ask/check.ts'
import { checks, checksBefore, listed } from '../../src/checks/index.ts'
import { refusePast } from '../../src/commands/check.ts'
import type { Entry, Event } from '../../src/engine/journal.ts'
import { refuse } from '../../src/errors.ts'
import { blockers } from '../../src/services/index.ts'
import { settings, surveyed } from '../fixtures/facts/survey.ts'

const context: CheckContext = {
  config: settings,
  survey: surveyed,
  recipes: [],
  recreate: false,
  claimed: false,
  hosts: (name) => {
    throw new Error(`no machine is asked here, but ${name} was`)
  },
}
const check = (id: string, ask: Check['ask']): Check => ({
  id,
  level: 'block',
  title: `Title of ${id}`,
  source: 'a rule',
  why: 'why',
  remedy: 'remedy',
  ask,
})

test('a check that throws, is refused or does not end is a finding, and the others still run', async () => {
  const found = await askChecks(
    [
      check('a/breaks', () => Promise.reject(new TypeError('x is undefined'))),
      check('b/refused', () => Promise.reject(refuse('source', 'is away', 'Bring it back'))),
      check('c/hangs', () => new Promise(() => {})),
      check('d/finds', async () => [warn('d says', 'do this')]),
      check('e/silent', async () => []),
    ],
    context,
    0.05,
  )
  expect(found).toEqual([
    {
      id: 'a/breaks',
      level: 'block',
      says: 'Title of a/breaks: TypeError: x is undefined',
      remedy: expect.any(String),
    },
    { id: 'b/refused', level: 'block', says: 'Title of b/refused: source: is away', remedy: 'Bring it back' },
    {
      id: 'c/hangs',
      level: 'block',
      says: 'Title of c/hangs: c/hangs: no answer after 0.05 s',
      remedy: expect.any(String),
    },
    { id: 'd/finds', level: 'warn', says: 'd says', remedy: 'do this' },
  ])
})

test('a check that throws synchronously does not stop the others', async () => {
  const hasty = check('a/hasty', () => {
    throw new Error('at once')
  })
  expect(await askChecks([hasty], context)).toEqual([expect.objectContaining({ id: 'a/hasty', level: 'block' })])
})

test('every check belongs to a command, cutover checks only to cutover, and each refusing migration is a check', () => {
  const ids = (before: Parameters<typeof checksBefore>[0]) => checksBefore(before).map(({ id }) => id)
  const asked = new Set([...ids('prepare'), ...ids('migrate'), ...ids('cutover')])
  expect(asked).toEqual(new Set(checks.map(({ id }) => id)))
  expect(ids('prepare').filter((id) => /^(cutover|survey)\//.test(id))).toEqual([])
  expect(ids('migrate')).toContain('survey/changed')
  expect(ids('cutover')).toContain('address/ssh')
  expect(ids('migrate')).toEqual(expect.arrayContaining(blockers.map(({ id }) => id)))
  expect(listed.map(({ id }) => id)).toEqual(checks.map(({ id }) => id))
})

test('check refuses between the freeze and the end of migrate, and once the cutover has begun', () => {
  const journal = (...events: readonly Event[]) => ({
    entries: events.map((event, index): Entry => ({ ...event, at: `${index}` })),
  })
  const begun = (step: string, phase: 'prepare' | 'migrate' | 'cutover'): Event => ({
    event: 'begun',
    step,
    phase,
    title: step,
    machines: [],
    undo: [],
  })
  const told =
    (...events: readonly Event[]) =>
    () =>
      refusePast(journal(...events))
  const frozen = [begun('target/claim', 'prepare'), begun('nova/close', 'migrate')]
  expect(told(begun('target/claim', 'prepare'))).not.toThrow()
  expect(told(...frozen)).toThrow('the freeze has begun')
  expect(told(...frozen, { event: 'undone', step: 'nova/close' })).not.toThrow()
  const carried: readonly Event[] = [
    ...frozen,
    begun('migrate/untouched', 'migrate'),
    { event: 'done', step: 'migrate/untouched' },
  ]
  expect(told(...carried)).not.toThrow()
  expect(told(...carried, begun('cutover/move', 'cutover'))).toThrow('the cutover has begun')
})
