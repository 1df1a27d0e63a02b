import { expect, test } from 'vitest'
import type { Decision } from '../../src/transfer/decision.ts'
import { lookFirst, summary } from '../../src/transfer/summary.ts'

const one = (option: string, fate: Decision['fate'], more: Partial<Decision> = {}): Decision => ({
  ...{ file: '/etc/a.conf', section: 'DEFAULT', option, fate, reason: `why ${option}` },
  ...more,
})

const all = [
  one('k', 'kept'),
  one('d', 'dropped'),
  one('l', 'kept', { look: true }),
  one('u', 'unknown', { look: true }),
]

test('decisions to look at come first, removed options are named, kept ones are counted', () => {
  expect(summary(all, 'report')).toBe(
    `2 kept, 1 dropped, 1 unknown; 2 to review (report)
  LOOK [DEFAULT] l: why l
  LOOK [DEFAULT] u: why u
  [DEFAULT] d: why d`,
  )
  expect(lookFirst(all).map(({ option }) => option)).toEqual(['l', 'u', 'k', 'd'])
})

test('with several files each line says which', () => {
  const two = [...all, one('x', 'dropped', { file: '/etc/b.conf' })]
  expect(summary(two, 'report')).toContain('\n  /etc/b.conf [DEFAULT] x: why x')
})
