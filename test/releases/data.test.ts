import { describe, expect, test } from 'vitest'
import { releaseNamed, releases } from '../../src/releases/release.ts'
import type { ReleaseName } from '../../src/releases/series.ts'
import { blockers, repos } from '../../src/services/index.ts'
import { fill } from '../../src/text/sql.ts'

const index = (name: ReleaseName) => releaseNamed(name).index

describe.each(repos)('$name', ({ ends, floors, migrate }) => {
  const first = releases.findIndex((release) => ends[release.name])

  test('every release since its first has its last revision', () => {
    expect(releases.slice(first).filter((release) => !ends[release.name])).toEqual([])
  })

  test('numbers only grow, and after the change to hashes there are no more numbers', () => {
    const list = releases.slice(first).flatMap(({ name }) => ends[name] ?? [])
    const hashes = list.findIndex((end) => end.heads)
    const numbers = hashes < 0 ? list : list.slice(0, hashes)
    expect(list.slice(numbers.length).every(({ number, parts, heads }) => heads && !number && !parts)).toBe(true)
    // keystone's expand, data_migrate and contract continue where its first repository stops
    const ranges = numbers.map(({ number, parts }) => (parts ?? number ?? [0, 0]).map((n) => n + (parts ? 1000 : 0)))
    expect(ranges.every(([low = 0, high = 0]) => low <= high)).toBe(true)
    expect(ranges.map(([low]) => low)).toEqual(ranges.map(([low = 0]) => low).toSorted((a, b) => a - b))
    expect(ranges.every(([low = 0]) => low > 0)).toBe(true)
  })

  test('floors rise, and none is above the code it belongs to', () => {
    for (const [place, floor] of floors.entries()) {
      const before = floors[place - 1]
      expect(floor.because).not.toBe('')
      if (before) expect(index(floor.code)).toBeGreaterThan(index(before.code))
      if (floor.oldest === 'any') expect(place).toBe(0)
      else expect(index(floor.oldest)).toBeLessThan(index(floor.code))
    }
    expect(floors[0]?.code).toBe(releases[first]?.name)
  })

  test('a repository with numbers gives its name in migrate_version', () => {
    const numbers = Object.values(ends).some((end) => end.number)
    expect(Object.values(migrate).includes('')).toBe(numbers)
  })
})

describe('blockers', () => {
  test('ids are unique and begin with their service', () => {
    expect(new Set(blockers.map(({ id }) => id)).size).toBe(blockers.length)
    for (const { id, repo } of blockers) expect(id.startsWith(repo.split('_')[0] as string), id).toBe(true)
  })

  // the planner looks at one hop at a time, so it would miss a gap between the last fixing release and the refusing one
  test('the releases that fix a blocker reach up to the one that refuses', () => {
    for (const { id, mends, stops } of blockers) {
      const spans = (mends ?? []).map(({ by }) => by)
      if (spans.length === 0) continue
      for (const [place, [first, last]] of spans.entries()) {
        expect(index(first), id).toBeLessThanOrEqual(index(last))
        const next = spans[place + 1]
        expect(index(last) + 1, id).toBe(next === undefined ? index(last) + 1 : index(next[0]))
      }
      expect(index(spans.at(-1)?.[1] ?? 'grizzly'), id).toBeGreaterThanOrEqual(index(stops.release) - 1)
    }
  })

  test('each says what fixes its rows', () => {
    for (const { id, mends, sql, hand } of blockers) expect(mends ?? sql ?? hand, id).toBeDefined()
  })

  test('every table in a query is listed in needs', () => {
    for (const { id, asks, sql } of blockers) {
      for (const { from, needs } of asks)
        for (const [, table] of from.matchAll(/\{([\w.]+)\}/g)) expect(Object.keys(needs), id).toContain(table)
      for (const statement of sql ?? []) expect(statement, id).toMatch(/^UPDATE \{\w+\} .*SET .* WHERE /)
    }
  })
})

describe('names in SQL', () => {
  test("tables get their database and backticks, the database's name its quotes", () => {
    const databases = { '': 'cinder-2', nova_api: 'api' }
    expect(fill('{groups} JOIN {nova_api.request_specs} WHERE s = {}', databases)).toBe(
      "`cinder-2`.`groups` JOIN `api`.`request_specs` WHERE s = 'cinder-2'",
    )
  })

  test.each(['', 'x\0', 'n'.repeat(65)])('%j is refused', (database) => {
    expect(() => fill('{volumes}', { '': database })).toThrow(/cannot be the name/)
  })

  test('quotes are doubled; characters that depend on sql_mode are written as bytes', () => {
    expect(fill('{}', { '': "o'neill" })).toBe("'o''neill'")
    expect(fill('{volumes}', { '': 'a`b' })).toBe('`a``b`.`volumes`')
    expect(fill('{}', { '': "a\\'" })).toBe("_utf8mb4 X'615c27'")
  })
})
