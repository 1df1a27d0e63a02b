import { expect, test } from 'vitest'
import { differences } from '../../src/checks/changed.ts'
import { surveyed } from '../fixtures/facts/survey.ts'

const [nova] = surveyed.services

test('nothing is reported when nothing changed', () => {
  expect(differences(surveyed, structuredClone(surveyed))).toEqual([])
})

test('an upgraded package, a moved schema and another machine are each named', () => {
  const database = { ...nova?.databases[0], revision: ['407'] } as (typeof surveyed)['services'][0]['databases'][0]
  const now = {
    ...surveyed,
    target: { ...surveyed.target, hostname: 'spare' },
    services: [{ ...surveyed.services[0], version: '3:22.4.0-1', databases: [database] }] as typeof surveyed.services,
  }
  expect(differences(surveyed, now)).toEqual([
    'the target was tgt and is spare',
    'nova was 2:22.0.1-2 and is 3:22.4.0-1',
    'the revision of nova was 412 and is 407',
  ])
})

test('a service or database that is gone is named', () => {
  expect(differences(surveyed, { ...surveyed, services: [] })).toEqual(['nova is no longer installed on the source'])
  const without = { ...surveyed, services: [{ ...nova, databases: [] }] as unknown as typeof surveyed.services }
  expect(differences(surveyed, without)).toEqual(['the database nova is gone from the source'])
})
