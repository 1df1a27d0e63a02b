import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checks } from '../src/checks/index.ts'
import type { Plan } from '../src/engine/step.ts'
import { nothing } from '../src/engine/step.ts'
import { clouds, contextOf, planOf, waitsFor } from './real-plans.ts'

const withId = (plan: Plan, id: string) => plan.find((step) => step.id === id) ?? expect.fail(`no step ${id}`)
const ids = (plan: Plan) => plan.map(({ id }) => id)

/** Config files, read by programs that start later. */
const settings = /\/config(-frozen)?$/

/** Only copied, by MariaDB and tar: rows, files, volumes. */
const carries = /\/(import-.*|files|volumes|volumes-own)$/

describe.each(clouds)('the plan of %s', (cloud) => {
  const plan = planOf(cloud)
  const services = contextOf(cloud).recipes
  const migrate = plan.filter(({ phase }) => phase === 'migrate')
  const onTarget = migrate.filter((step) => step.service !== undefined && step.changes.includes('target'))

  test('is built without a machine, with unique ids and the steps of every service', () => {
    expect(new Set(ids(plan)).size).toBe(plan.length)
    for (const { name, databases } of services) {
      for (const part of ['config', 'close', 'stop', 'schema-proof', 'start', 'verify'])
        expect(ids(plan)).toContain(`${name}/${part}`)
      for (const database of databases) expect(ids(plan)).toContain(`${name}/import-${database.name}`)
    }
  })

  test('nothing is copied to the target before the fence is up and the source is quiet', () => {
    const wait = ['fence/source', 'fence/target', 'hold/addresses', 'freeze/quiet']
    const copies = onTarget.filter(({ id }) => !settings.test(id))
    expect(copies.length).toBeGreaterThanOrEqual(services.length * 3)
    for (const step of copies)
      expect({ id: step.id, waits: [...waitsFor(plan, step)] }).toMatchObject({ waits: expect.arrayContaining(wait) })
  })

  test("no program of the target runs on the copies before the source's fingerprint is taken", () => {
    const programs = onTarget.filter(({ id }) => !settings.test(id) && !carries.test(id))
    expect(programs.map(({ id }) => id)).toEqual(expect.arrayContaining(services.map(({ name }) => `${name}/start`)))
    for (const step of programs)
      expect({ id: step.id, waits: waitsFor(plan, step).has('freeze/fingerprint') }).toEqual({
        id: step.id,
        waits: true,
      })
  })

  test('a service starts only after all its rows are compared, its schema is proved, and what it needs runs', () => {
    for (const recipe of services) {
      const waits = waitsFor(plan, withId(plan, `${recipe.name}/start`))
      for (const { name } of recipe.databases) expect(waits).toContain(`${recipe.name}/content-${name}`)
      expect(waits).toContain(`${recipe.name}/schema-proof`)
      const here = (names: readonly string[]) => services.filter(({ name }) => names.includes(name))
      for (const { name } of here(recipe.after)) expect(waits).toContain(`${name}/start`)
      if (recipe.after.includes('keystone')) expect(waits).toContain('keystone/verify')
      const answers = waitsFor(plan, withId(plan, `${recipe.name}/verify`))
      for (const { name } of here(recipe.calls)) expect(answers).toContain(`${name}/start`)
    }
  })

  test('every step that changes the source has an undo or says why not, and none is in prepare', () => {
    const ofSource = (name: string) => name === 'source' || name.startsWith('source:')
    const onSource = plan.filter(({ changes }) => changes.some(ofSource))
    expect(onSource.length).toBeGreaterThan(services.length * 2)
    for (const { id, undo, noWayBack, phase } of onSource) {
      expect({ id, back: undo !== nothing || noWayBack !== undefined }).toEqual({ id, back: true })
      expect({ id, phase }).not.toEqual({ id, phase: 'prepare' })
    }
  })

  test('a step without declared changes has no actions of its own', () => {
    for (const step of plan.filter(({ changes }) => changes.length === 0))
      if (step.id !== 'cutover/check')
        expect({ id: step.id, run: step.run, keeps: step.keeps }).toEqual({
          id: step.id,
          run: nothing,
          keeps: undefined,
        })
  })

  test('a service closes after its callers, so a revert starts it before them', () => {
    for (const recipe of services)
      for (const called of recipe.calls)
        if (services.some(({ name }) => name === called))
          expect(waitsFor(plan, withId(plan, `${called}/close`))).toContain(`${recipe.name}/close`)
  })

  test('everything is checked and armed before an address moves, which comes after the last proof', () => {
    const move = waitsFor(plan, withId(plan, 'cutover/move'))
    const armed = contextOf(cloud).config.budget === undefined ? [] : ['cutover/arm']
    for (const id of [
      'cutover/picture',
      'cutover/check',
      'cutover/take-over',
      ...armed,
      'migrate/untouched',
      'migrate/references',
    ])
      expect(move).toContain(id)
  })
})

test('on several source machines each is fenced, closed and stopped, and the first gives up its addresses last', () => {
  const plan = planOf('recorded-two-controllers')
  const waits = (id: string) => waitsFor(plan, withId(plan, id))
  for (const id of ['fence/source@ctl2', 'keystone/close@ctl2', 'keystone/stop@ctl2', 'freeze/fingerprint@ctl2'])
    expect(waits('keystone/start')).toContain(id)
  expect(waits('keystone/close')).toContain('keystone/close@ctl2')
  expect(waits('cutover/take-over')).toContain('cutover/take-over@ctl2')
  expect(waits('cutover/arm')).toContain('cutover/take-over')
})

test('the freeze goes from heat down to keystone', () => {
  const plan = planOf('victoria-all')
  const closed = (id: string) =>
    [...waitsFor(plan, withId(plan, `${id}/close`))].filter((one) => one.endsWith('/close')).sort()
  expect(closed('heat')).toEqual([])
  expect(closed('nova')).toEqual(['heat/close'])
  expect(closed('neutron')).toEqual(['heat/close', 'nova/close'])
  expect(closed('cinder')).toEqual(['heat/close', 'nova/close'])
  expect(closed('glance')).toEqual(['cinder/close', 'heat/close', 'nova/close'])
  expect(closed('placement')).toEqual(['heat/close', 'neutron/close', 'nova/close'])
  expect(closed('keystone').length).toBe(6)
})

test('every check that a module declares is in the list', async () => {
  const asked = new Set(checks.map(({ id }) => id))
  const found: string[] = []
  const root = join(import.meta.dirname, '..', 'src')
  const modules = ['checks', 'services'].flatMap((room) =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(root, room, name)),
  )
  for (const path of modules)
    for (const value of Object.values((await import(path)) as Record<string, unknown>))
      if (Array.isArray(value)) found.push(...value.filter(isCheck).map(({ id }) => id))
  expect(found.length).toBeGreaterThan(checks.length)
  expect([...new Set(found)].filter((id) => !asked.has(id))).toEqual([])
})

const isCheck = (value: unknown): value is { id: string } =>
  typeof value === 'object' && value !== null && ['id', 'level', 'title', 'ask'].every((key) => key in value)
