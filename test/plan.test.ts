import { expect, test } from 'vitest'
import { nothing, type Step } from '../src/engine/step.ts'
import { ofServices, ordered } from '../src/plan.ts'

const step = (id: string, after: readonly string[] = [], service?: string): Step => ({
  id,
  phase: 'migrate',
  title: id,
  after,
  run: nothing,
  undo: nothing,
  ...(service === undefined ? {} : { service }),
})

const ids = (steps: readonly Step[]): readonly string[] => steps.map((one) => one.id)

test('steps come after what they wait for, and otherwise as they were listed', () => {
  expect(ids(ordered([step('c', ['b']), step('a'), step('b')]))).toEqual(['b', 'c', 'a'])
})

test('a mistake in the list is found before anything runs', () => {
  expect(() => ordered([step('a', ['b'])])).toThrow('a waits for b, which is no step')
  expect(() => ordered([step('a', ['b']), step('b', ['a'])])).toThrow('waits for itself')
  expect(() => ordered([step('a'), step('a')])).toThrow('an id is used twice: a')
})

test('a service brings the freeze of the whole cloud along, and leaves out what must wait for others', () => {
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
