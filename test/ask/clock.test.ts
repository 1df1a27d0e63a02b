import { expect, test } from 'vitest'
import { aheadOf, surelyApart } from '../../src/ask/clock.ts'
import { hopsText } from '../../src/commands/check.ts'
import { known } from '../../src/commands/plan.ts'
import { SwapError } from '../../src/errors.ts'

const reading = (sent: number, said: number, answered: number) => ({ sent, said, answered })

test('one clock read on a busy machine is not apart, however late the answers come', () => {
  // Read at once, answered six seconds later: half of the round trip would say 3 s.
  const late = aheadOf([reading(100, 100, 106), reading(110, 110.1, 116), reading(120, 125.9, 126)])
  expect(Math.abs(late.ahead)).toBeLessThanOrEqual(late.within)
  expect(surelyApart(late, { ahead: 0, within: 0.01 })).toBe(0)
  const skewed = aheadOf([reading(100, 100, 106)])
  expect(skewed).toEqual({ ahead: -3, within: 3 })
  expect(surelyApart(skewed, { ahead: 0, within: 0 })).toBe(0)
})

test('the quickest answer says the most, and what is certain is told with its sign', () => {
  const { ahead, within } = aheadOf([reading(100, 107, 104), reading(110, 115.05, 110.1), reading(120, 125, 123)])
  expect(ahead).toBeCloseTo(5, 1)
  expect(within).toBeLessThanOrEqual(0.051)
  expect(surelyApart({ ahead: 5, within: 1 }, { ahead: 0, within: 0.5 })).toBe(3.5)
  expect(surelyApart({ ahead: 0, within: 1 }, { ahead: 5, within: 0.5 })).toBe(-3.5)
})

test('a clock that was set between the readings counts by the quickest', () => {
  expect(aheadOf([reading(100, 100.5, 101), reading(110, 170.1, 110.2)])).toEqual({
    ahead: expect.closeTo(60, 5),
    within: expect.closeTo(0.1, 5),
  })
})

test('before the steps that it waits for, a machine that lacks something is no error in the plan', async () => {
  const fail = async () => {
    throw new SwapError('target, MariaDB', 'cannot connect: Channel open failure', 'Is it running?')
  }
  expect(await known(fail, ['target/packages'])).toBe('# known once these steps are done: target/packages')
  expect(await known(fail, [])).toBe('# known later: target, MariaDB: cannot connect: Channel open failure')
  await expect(known(async () => Promise.reject(new TypeError('x')), ['a'])).rejects.toThrow(TypeError)
})

test('the releases that schemas pass are named, and that there are none', () => {
  const service = (name: string, ...hops: readonly string[]) => ({ name, databases: [{ hops }] })
  const survey = (...services: readonly object[]) => ({ services }) as unknown as Parameters<typeof hopsText>[0]
  expect(hopsText(survey(service('nova', 'zed', '2025.1'), service('glance', '2025.1')))).toContain('nova: through zed')
  expect(hopsText(survey(service('nova', '2025.1')))).toMatch(/^no intermediate release is needed/)
})
