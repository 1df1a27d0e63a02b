import { expect, test } from 'vitest'
import { nothing, phases, type Step } from '../src/engine/step.ts'
import { ofPhase, ofServices, ordered, wholePlan } from '../src/plan/plan.ts'
import { clouds, contextOf } from './real-plans.ts'

const step = (id: string, after: readonly string[] = [], service?: string): Step => ({
  id,
  phase: 'migrate',
  title: id,
  after,
  changes: [],
  run: nothing,
  undo: nothing,
  ...(service === undefined ? {} : { service }),
})

const ids = (steps: readonly Step[]): readonly string[] => steps.map((one) => one.id)

test('steps come after what they wait for, and otherwise in list order', () => {
  expect(ids(ordered([step('c', ['b']), step('a'), step('b')]))).toEqual(['b', 'c', 'a'])
})

test('a mistake in the list is found before anything runs', () => {
  const mistake = (message: string) => expect.objectContaining({ where: 'plan', message, next: 'Report this' })
  expect(() => ordered([step('a', ['b'])])).toThrow(mistake('a waits for b, which is not a step'))
  expect(() => ordered([step('a', ['b']), step('b', ['a'])])).toThrow(mistake('a waits for itself'))
  const twice = [step('a'), step('b'), step('a'), step('c'), step('c')]
  expect(() => ordered(twice)).toThrow(mistake('an id is used twice: a, c'))
})

test.each(clouds)('the plan of %s is the concatenation of its phases', (cloud) => {
  const plan = wholePlan(contextOf(cloud))
  const parts = phases.map((phase) => ofPhase(plan, phase))
  const found = parts.map((part) => [...new Set(part.map(({ phase }) => phase))])
  // Not every cloud has something to stage.
  const staged = plan.some(({ phase }) => phase === 'stage')
  expect(found).toEqual(phases.map((phase) => (phase === 'stage' && !staged ? [] : [phase])))
  expect(ids(parts.flat())).toEqual(ids(plan))
})

test('--service includes the freeze of the whole cloud, and leaves out what waits for other services', () => {
  const plan = [
    step('nova/close', [], 'nova'),
    step('glance/close', [], 'glance'),
    step('freeze/quiet', ['nova/close', 'glance/close']),
    step('glance/verify', ['freeze/quiet'], 'glance'),
    step('nova/verify', ['glance/verify'], 'nova'),
    step('migrate/untouched', ['glance/verify', 'nova/verify']),
  ]
  const freeze = ['nova/close', 'glance/close', 'freeze/quiet']
  expect(ids(ofServices(plan, ['glance'], () => false))).toEqual([...freeze, 'glance/verify'])
  expect(ids(ofServices(plan, ['nova'], (id) => id === 'glance/verify'))).toEqual([
    ...freeze,
    'nova/verify',
    'migrate/untouched',
  ])
  expect(ids(ofServices(plan, [], () => false))).toEqual(ids(plan))
})
