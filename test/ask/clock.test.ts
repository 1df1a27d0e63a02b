import { expect, test } from 'vitest'
import { aheadOf, surelyApart } from '../../src/ask/clock.ts'
import { hopsText } from '../../src/commands/check.ts'
import { known } from '../../src/commands/plan.ts'
import { SwapError } from '../../src/errors.ts'

const reading = (sent: number, said: number, answered: number) => ({ sent, said, answered })

test('slow answers do not make a clock look different', () => {
  // Read at once but answered six seconds later: half of the round trip would give 3 s.
  const late = aheadOf([reading(100, 100, 106), reading(110, 110.1, 116), reading(120, 125.9, 126)])
  expect(Math.abs(late.ahead)).toBeLessThanOrEqual(late.within)
  expect(surelyApart(late, { ahead: 0, within: 0.01 })).toBe(0)
  const skewed = aheadOf([reading(100, 100, 106)])
  expect(skewed).toEqual({ ahead: -3, within: 3 })
  expect(surelyApart(skewed, { ahead: 0, within: 0 })).toBe(0)
})

test('the fastest answer counts most, and the certain difference has the right sign', () => {
  const { ahead, within } = aheadOf([reading(100, 107, 104), reading(110, 115.05, 110.1), reading(120, 125, 123)])
  expect(ahead).toBeCloseTo(5, 1)
  expect(within).toBeLessThanOrEqual(0.051)
  expect(surelyApart({ ahead: 5, within: 1 }, { ahead: 0, within: 0.5 })).toBe(3.5)
  expect(surelyApart({ ahead: 0, within: 1 }, { ahead: 5, within: 0.5 })).toBe(-3.5)
})

test('after a clock was set between readings, the fastest reading counts', () => {
  expect(aheadOf([reading(100, 100.5, 101), reading(110, 170.1, 110.2)])).toEqual({
    ahead: expect.closeTo(60, 5),
    within: expect.closeTo(0.1, 5),
  })
})

test('plan: while a machine still waits for earlier steps, a missing program is not an error', async () => {
  const fail = async () => {
    throw new SwapError('target, MariaDB', 'cannot connect: Channel open failure', 'Is it running?')
  }
  expect(await known(fail, ['target/packages'])).toBe('# known once these steps are done: target/packages')
  expect(await known(fail, [])).toBe('# known later: target, MariaDB: cannot connect: Channel open failure')
  await expect(known(async () => Promise.reject(new TypeError('x')), ['a'])).rejects.toThrow(TypeError)
})

test('check: names the releases that each schema passes, or that there are none', () => {
  const service = (name: string, ...hops: readonly string[]) => ({ name, databases: [{ hops }] })
  const survey = (...services: readonly object[]) => ({ services }) as unknown as Parameters<typeof hopsText>[0]
  expect(hopsText(survey(service('nova', 'zed', '2025.1'), service('glance', '2025.1')))).toContain('nova: through zed')
  expect(hopsText(survey(service('nova', '2025.1')))).toMatch(/^no intermediate release is needed/)
})
