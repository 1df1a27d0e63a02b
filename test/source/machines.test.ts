import { describe, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { wholePlan } from '../../src/plan/plan.ts'
import { isClose } from '../../src/source/freeze.ts'
import { contextOf, waitsFor } from '../real-plans.ts'

const one = contextOf('victoria-all')
const [machine] = one.config.source.machines
const three: Context = {
  ...one,
  config: {
    ...one.config,
    source: {
      ...one.config.source,
      machines: [
        { ...machine, name: 'ctl1' },
        { ...machine, name: 'ctl2' },
        { ...machine, name: 'ctl3' },
      ],
    },
  },
}
const plan = wholePlan(three)
const withId = (id: string) => plan.find((step) => step.id === id) ?? expect.fail(`no step ${id}`)
const names = ['source:ctl1', 'source:ctl2', 'source:ctl3']
const of = (id: string) => [id, `${id}@ctl2`, `${id}@ctl3`]

describe('a source of three machines', () => {
  test('lists each step per machine once for each, and all others once', () => {
    const listed = new Set(wholePlan(one).map(({ id }) => id))
    const more = plan.filter(({ id }) => !listed.has(id)).map(({ id }) => id)
    const each = [
      ...one.recipes.flatMap(({ name }) => [`${name}/close`, `${name}/stop`]),
      'fence/source',
      'freeze/fingerprint',
      'cutover/take-over',
    ]
    expect(more.toSorted()).toEqual(each.flatMap((id) => of(id).slice(1)).toSorted())
    for (const id of each.filter((id) => id !== 'freeze/fingerprint'))
      expect(of(id).map((step) => withId(step).changes)).toEqual(names.map((name) => [name]))
  })

  test('an API is closed everywhere before a worker stops anywhere, and before the APIs it calls close', () => {
    for (const { name, calls } of one.recipes) {
      for (const id of of(`${name}/stop`))
        expect([...waitsFor(plan, withId(id))]).toEqual(expect.arrayContaining(of(`${name}/close`)))
      for (const called of calls.filter((other) => one.recipes.some((it) => it.name === other)))
        for (const id of of(`${called}/close`))
          expect([...waitsFor(plan, withId(id))]).toEqual(expect.arrayContaining(of(`${name}/close`)))
    }
  })

  test('nothing is read as frozen before every machine has stopped, and nothing starts before all fingerprints', () => {
    const quiet = [...waitsFor(plan, withId('freeze/quiet'))]
    for (const { name } of one.recipes) {
      expect(quiet).toEqual(expect.arrayContaining(of(`${name}/stop`)))
      expect([...waitsFor(plan, withId(`${name}/start`))]).toEqual(
        expect.arrayContaining([...of('fence/source'), ...of('freeze/fingerprint')]),
      )
    }
    expect([...waitsFor(plan, withId('migrate/untouched'))]).toEqual(expect.arrayContaining(of('freeze/fingerprint')))
    expect([...waitsFor(plan, withId('hold/addresses'))]).toEqual(expect.arrayContaining(of('fence/source')))
  })

  test('a step names its machine', () => {
    expect(withId('nova/stop@ctl3').title).toBe('Stop the nova workers on ctl3 of the source')
    expect(plan.filter(({ id }) => isClose(id))).toHaveLength(3 * one.recipes.length)
  })
})
