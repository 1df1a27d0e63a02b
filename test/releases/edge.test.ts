import { describe, expect, test } from 'vitest'
import {
  byHand,
  commandOf,
  crosses,
  type Edge,
  leavesMended,
  mendAt,
  mendsItself,
  refusals,
  refusedFirst,
  span,
} from '../../src/hops/edge.ts'
import { floorOf, positionOf } from '../../src/hops/position.ts'
import type { Blocker, Mend } from '../../src/releases/blocker.ts'
import { findRelease } from '../../src/releases/release.ts'
import type { ReleaseName } from '../../src/releases/series.ts'
import { at } from './chains.ts'

const blocker = (stops: ReleaseName, ...mends: readonly Mend[]): Blocker => ({
  id: 'nova-example',
  repo: 'nova',
  stops: { release: stops, migration: '1' },
  rows: 'rows',
  asks: [],
  ...(mends.length === 0 ? { hand: 'delete them' } : { mends }),
  always: false,
  level: 'block',
  source: 'this test',
})

const mend = (when: Mend['when'], first: ReleaseName, last: ReleaseName): Mend => ({
  by: [first, last],
  argv: ['nova-manage', 'db', when],
  when,
})

/** The sync of `to` in a nova database left by `from`; '': one without tables. */
const edge = (from: string, to: string, blockers: Edge['blockers'], hop?: string): Edge => {
  const { repo, revision } = from === '' ? { repo: 'nova', revision: [] } : at('nova', from)
  const before = hop === undefined ? undefined : findRelease(hop)
  return { repo, revision, position: positionOf(repo, revision), from: before, to: findRelease(to), blockers }
}

describe('what fixes the rows of a blocker', () => {
  const ways = blocker('ocata', mend('hop-end', 'newton', 'newton'), mend('after-refusal', 'ocata', 'queens'))
  const [newton, queens, rocky] = [findRelease('newton'), findRelease('queens'), findRelease('rocky')]

  test('is the call of the release whose code is there, if there is one', () => {
    expect(mendAt(ways, newton)?.when).toBe('hop-end')
    expect(mendAt(ways, queens)?.when).toBe('after-refusal')
    expect(mendAt(ways, rocky)).toBeUndefined()
    expect(mendAt(blocker('ocata'), newton)).toBeUndefined()
  })

  test('at the end of a hop helps later hops, but comes too late for its own refusal', () => {
    expect([newton, queens, rocky].map((release) => leavesMended(ways, release))).toEqual([true, false, false])
    expect([newton, queens, rocky].map((release) => mendsItself(ways, release))).toEqual([false, true, false])
  })

  test('is described as a command or as manual work', () => {
    expect(commandOf(ways)).toBe('nova-manage db hop-end')
    expect(commandOf(blocker('ocata'))).toBe('delete them')
  })

  test('comes from one release or several', () => {
    expect(span(ways.mends ?? [])).toBe('one of newton to queens')
    expect(span([mend('before', 'antelope', 'antelope')])).toBe('2023.1')
  })
})

test("a sync runs the migrations in between, including its own release's", () => {
  const met = (from: string | undefined, to: string) =>
    crosses(blocker('havana'), from === undefined ? undefined : findRelease(from), findRelease(to))
  expect([met('grizzly', 'havana'), met('grizzly', 'icehouse'), met(undefined, 'havana')]).toEqual([true, true, true])
  expect([met(undefined, 'grizzly'), met('havana', 'icehouse')]).toEqual([false, false])
})

describe('the cost of an edge', () => {
  const flavors = { 'nova-unmigrated-flavors': 2 }

  test('by hand: rows that exist on the way out of the source and that the refusing code cannot fix', () => {
    expect(byHand(edge('kilo', 'mitaka', flavors))).toBe(1)
    expect(byHand(edge('kilo', 'mitaka', {}))).toBe(0)
    expect(byHand(edge('kilo', 'mitaka', flavors, 'kilo'))).toBe(0)
    expect(byHand(edge('juno', 'kilo', { 'nova-null-instance-uuid': 1 }))).toBe(0)
  })

  test('refused first: rows that may exist and were not fixed before', () => {
    expect(refusedFirst(edge('juno', 'kilo', { 'nova-null-instance-uuid': 1 }))).toBe(1)
    expect(refusedFirst(edge('juno', 'kilo', { 'nova-null-instance-uuid': 0 }))).toBe(0)
    expect(refusedFirst(edge('kilo', 'mitaka', flavors))).toBe(0)
  })

  test('is zero for an empty database beside one with rows', () => {
    const empty = edge('', 'mitaka', { ...flavors, 'nova-null-instance-uuid': 1 })
    expect([byHand(empty), refusedFirst(empty)]).toEqual([0, 0])
    expect(refusals(empty)).toEqual([])
  })
})

test('a hop to an older release with the same revision does not move the database back', () => {
  const [queens, rocky] = [findRelease('queens'), findRelease('rocky')]
  const shared = { repo: 'cinder', revision: ['123'], position: { exact: [queens, rocky], past: rocky } }
  const blockers = { 'cinder-service-uuids': 0 }
  expect(refusals({ ...shared, from: queens, to: findRelease('train'), blockers })).toEqual([])
})

test('the oldest database that code accepts, and why', () => {
  const floor = floorOf('nova', findRelease('ussuri'))
  expect(floor).toMatchObject({ oldest: { id: 'havana' }, because: 'its first migration is 216' })
  expect(floorOf('nova', findRelease('havana'))).toBeUndefined()
  expect(floorOf('placement', findRelease('queens'))).toBeUndefined()
})
