import { expect, test } from 'vitest'
import type { Timeline } from '../../src/plan/timeline.ts'
import { bars } from '../../src/report/axis.ts'
import { table } from '../../src/report/html.ts'
import { pageOf } from '../../src/report/page.ts'
import type { Report } from '../../src/report/report.ts'

const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 10, 0, second))

const bar = (id: string, from: number, to: number | undefined, phase: 'prepare' | 'migrate' = 'migrate') => ({
  id,
  phase,
  title: `Do ${id}`,
  begun: at(from),
  ...(to === undefined ? {} : { ended: at(to) }),
})

const [close, load] = [bar('a/close', 10, 12), bar('a/import', 12, 20)]
const timeline: Timeline = {
  bars: [bar('source/backup', 0, 5, 'prepare'), close, load, bar('a/verify', 20, undefined)],
  freeze: { begun: at(10), ended: at(20), critical: [close, load] },
}

const report: Report = {
  swap: 'old <cloud>',
  at: at(40),
  releases: 'victoria to epoxy',
  phases: [{ phase: 'migrate', done: 2, steps: 3 }],
  next: 'swapctl migrate',
  standing: ['api 10.0.0.1: on the source'],
  failed: [{ step: 'b/import', error: '<script>alert(1)</script>' }],
  left: ['cmp7: restart nova-compute'],
  timeline,
  accepted: [{ check: 'target/disk', reason: '"it fits" & I looked', at: at(1).toISOString() }],
  proofs: [
    { step: 'a/close', title: 'Do a/close', at: at(12).toISOString(), says: 'nothing listens' },
    { step: 'a/import', title: 'Do a/import', at: at(20).toISOString(), says: '7 rows equal' },
  ],
  cost: 'a revert loses nothing',
  outage: {
    version: 1,
    frozenSince: at(10).toISOString(),
    moves: [],
    unwatched: [],
    late: 0,
    leftOut: {},
    computes: [],
    apis: [
      {
        name: 'compute :8774',
        tries: 100,
        failed: 7,
        freeze: { from: at(11).toISOString(), by: 'probe', to: at(26).toISOString(), seconds: 15 },
        worstGap: 15,
        total: 15,
        slowestAnswer: 9,
        slowestConnect: 3,
        failures: {},
      },
    ],
  },
}

test('names and errors from others are escaped', () => {
  const page = pageOf(report)
  expect(page).toContain('old &lt;cloud&gt;')
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(page).toContain('&quot;it fits&quot; &amp; I looked')
  expect(page).not.toMatch(/<script/i)
})

test("a secret in others' texts is not shown", () => {
  const page = pageOf({ ...report, cost: 'mysql://nova:hunter2@10.0.0.1/nova', left: ['OS_PASSWORD=hunter3'] })
  expect(page).not.toMatch(/hunter[23]/)
  expect(page).toContain('mysql://nova:[REDACTED]@10.0.0.1/nova')
})

test('the page needs nothing from elsewhere', () => {
  expect(pageOf(report)).not.toMatch(/\b(src|href)=|@import|url\(|https?:/)
  expect(pageOf(report)).toContain("default-src 'none'")
})

test('steps and outages of the window share an axis, earlier steps have their own', () => {
  const page = pageOf(report)
  const rows = page.split('\n').filter((line) => line.startsWith('<tr>') && line.includes('class="axis"'))
  const placed = rows.map((row) => [
    /(source\/\w+|a\/\w+|compute :8774)/.exec(row)?.[0],
    /class="(step|critical|outage)"/.exec(row)?.[1],
    /left:([\d.]+%);width:max\(2px,([\d.]+%)\)/.exec(row)?.slice(1),
  ])
  // The window is 30 s, from 10 to the report at 40, because one step has not ended.
  expect(placed).toEqual([
    ['a/close', 'critical', ['0.00%', '6.67%']],
    ['a/import', 'critical', ['6.67%', '26.67%']],
    ['a/verify', 'step', ['33.33%', '66.67%']],
    ['compute :8774', 'outage', ['3.33%', '50.00%']],
    ['source/backup', 'step', ['0.00%', '100.00%']],
  ])
  expect(rows[2]).toContain('not ended')
})

test('the newest proof comes first, with its age', () => {
  const page = pageOf(report)
  expect(page.indexOf('7 rows equal')).toBeLessThan(page.indexOf('nothing listens'))
  expect(page).toMatch(/7 rows equal<\/td><td data-head="Age">20\.0 s/)
})

test('what is not there yet is reported as such', () => {
  const { outage, ...rest } = report
  const page = pageOf({ ...rest, timeline: { bars: [] }, proofs: [], failed: [], accepted: [] })
  for (const words of ['No step has run yet.', 'Not measured yet.', 'Nothing has been proved yet.', 'no more checks'])
    expect(page).toContain(words)
  expect(outage).toBeDefined()
})

test('a bar never leaves its axis, and a table without rows is empty', () => {
  const axis = { from: at(0), to: at(10) }
  expect(bars([{ from: at(-5), to: at(30) }], axis, 'step')).toContain('left:0.00%;width:max(2px,100.00%)')
  expect(table('none', ['a'], [])).toBe('')
})
