import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Context } from '../../src/context.ts'
import { openJournal } from '../../src/engine/journal.ts'
import { differingTables, sameRowsSteps } from '../../src/source/same-rows.ts'
import { stateText } from '../../src/state.ts'
import type { Member } from '../../src/survey.ts'
import { settings, surveyed } from '../fixtures/facts/survey.ts'

let state: string
beforeEach(async () => {
  state = await mkdtemp(join(tmpdir(), 'swapctl-same-rows-'))
})
afterEach(() => rm(state, { recursive: true, force: true }))

const galera = { cluster: 'c1', status: 'Primary', state: 'Synced', ready: true, size: 3, addresses: [] }

/** Three members, of which the last has no MariaDB. */
const context = (): Context => {
  const member = (number: number): Member => ({
    name: `source:ctl${number}`,
    side: surveyed.source,
    running: [],
    trees: {},
    clients: 0,
    ...(number === 3 ? {} : { galera }),
  })
  const [machine] = settings.source.machines
  const machines = [1, 2, 3].map((number) => ({ ...machine, name: `ctl${number}` }))
  const services = [{ name: 'nova', databases: [{ name: 'nova' }] }]
  return {
    config: { ...settings, state, source: { ...settings.source, machines } },
    survey: { ...surveyed, members: [member(1), member(2), member(3)], services },
    recipes: [],
  } as unknown as Context
}

const prove = async (): Promise<string> => {
  const [step] = sameRowsSteps(context())
  return (await step?.proof?.([] as never)) ?? ''
}

const taken = (name: string, tables: Readonly<Record<string, string>>) =>
  writeFile(join(state, `${name}.json`), stateText({ tables }))

test('tables of the services that differ, or that only one has; others do not count', () => {
  const own = { tables: { 'nova.a': '1', 'nova.b': '2', 'mysql.user': '3' } }
  expect(differingTables(own, own, ['nova'])).toEqual([])
  expect(differingTables(own, { tables: { 'nova.a': '9', 'nova.c': '2', 'mysql.user': '4' } }, ['nova'])).toEqual([
    'nova.a',
    'nova.b',
    'nova.c',
  ])
})

test('members with different rows stop the freeze, unless the operator has accepted that', async () => {
  await expect(prove()).rejects.toThrow('its fingerprint is missing')
  for (const name of ['fingerprint', 'fingerprint@ctl2']) await taken(name, { 'mysql.user': '1' })
  await expect(prove()).rejects.toThrow('its fingerprint has no table of nova')
  await taken('fingerprint', { 'nova.a': '1' })
  await taken('fingerprint@ctl2', { 'nova.a': '1' })
  expect(await prove()).toBe('1 tables of nova are the same on 2 machines')
  await taken('fingerprint@ctl2', { 'nova.a': '2' })
  await expect(prove()).rejects.toMatchObject({
    message:
      'the members of one Galera cluster have different rows than ctl1 of the source, from which they are copied: on ctl2 of the source: nova.a',
    next: expect.stringContaining('swapctl check --accept database/members-differ --reason TEXT'),
  })
  const journal = await openJournal(join(state, 'journal.jsonl'), settings.name)
  await journal.append({ event: 'accepted', check: 'database/members-differ', reason: 'ctl2 is wrong' })
  await journal.close()
  expect(await prove()).toMatch(/^accepted: .*: nova\.a$/)
})

test('without a cluster nothing is compared', () => {
  const one = context()
  const members = one.survey.members?.map(({ galera: _, ...member }) => member)
  expect(sameRowsSteps({ ...one, survey: { ...one.survey, members } } as unknown as Context)).toEqual([])
})
