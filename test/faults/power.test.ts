import { expect, test } from 'vitest'
import { attempt } from '../../src/cutover/attempt.ts'
import { openHandover } from './handover.ts'

const handover = openHandover('power')

test('the target loses power unconfirmed: the source takes the address back, and the booted target leaves it alone', async () => {
  await handover.upTo('cutover/move')
  await handover.light.powerOff('target')
  await expect.poll(handover.holders, { timeout: (2 * handover.budget + 60) * 1000, interval: 1000 }).toBe('source')
  await handover.light.boot('target')
  await handover.endsAt('source')
})

test('the source loses power unconfirmed: after booting it takes the address back if no other machine has it', async () => {
  await handover.upTo('cutover/move')
  await handover.light.powerOff('source')
  await handover.light.boot('source')
  await handover.endsAt('source')
})

test('both lose power unconfirmed', async () => {
  await handover.upTo('cutover/move')
  await Promise.all([handover.light.powerOff('source'), handover.light.powerOff('target')])
  await handover.light.boot('target')
  await handover.light.boot('source')
  await handover.endsAt('source')
})

test('the source loses power while only the target is confirmed: after booting it leaves the address there', async () => {
  await handover.confirmTargetAlone()
  await handover.light.powerOff('source')
  await handover.light.boot('source')
  await handover.endsAt('target')
})

test('the target loses power right after its confirmation: whoever has the address when it boots keeps it', async () => {
  await handover.confirmTargetAlone()
  await handover.light.powerOff('target')
  await expect.poll(handover.holders, { timeout: (2 * handover.budget + 60) * 1000, interval: 1000 }).toBe('source')
  await handover.light.boot('target')
  await handover.endsAt('source')
})

test('after the confirmation the address stays on the target when both are booted', async () => {
  await attempt(handover.steps(), await handover.engine(), { retries: 0, pause: 0 })
  await Promise.all([handover.light.powerOff('source'), handover.light.powerOff('target')])
  await Promise.all([handover.light.boot('source'), handover.light.boot('target')])
  await handover.endsAt('target')
})
