import { expect, test } from 'vitest'
import { gaps } from '../../src/cutover/outage/gaps.ts'
import { followLateness } from '../../src/cutover/outage/lateness.ts'

test.each([
  ['none', [], 0, 0],
  [
    'apart',
    [
      [0, 10],
      [20, 50],
    ],
    30,
    40,
  ],
  [
    'one within the other',
    [
      [0, 100],
      [20, 50],
    ],
    100,
    100,
  ],
  [
    'overlapping',
    [
      [0, 60],
      [50, 90],
    ],
    90,
    90,
  ],
  [
    'touching',
    [
      [0, 60],
      [60, 90],
    ],
    60,
    90,
  ],
])('times that are %s are united', (_, times, worst, total) => {
  const united = gaps()
  for (const [from = 0, to = 0] of times) united.add(from, to)
  expect([united.worst(), united.total()]).toEqual([worst, total])
})

test('only delays of this process count as its own', () => {
  const lateness = followLateness()
  lateness.woke(1000, 1001)
  lateness.woke(1100, 1180)
  lateness.woke(1150, 1181)
  lateness.woke(1300, 1320)
  expect(lateness.within(1000, 1090)).toBe(0)
  expect(lateness.within(1090, 1200)).toBe(81)
  expect(lateness.within(1170, 1310)).toBe(21)
  expect(lateness.within(1000, 1290)).toBe(0)
  expect(lateness.worst()).toBe(80)
  lateness.woke(30_000, 30_010)
  expect(lateness.within(1090, 1200)).toBe(0)
})
