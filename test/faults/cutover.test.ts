import { expect, test } from 'vitest'
import { attempt } from '../../src/cutover/attempt.ts'
import { askSide } from '../../src/cutover/rollback/state.ts'
import { revertSteps } from '../../src/engine/revert.ts'
import { execute } from '../../src/engine/run.ts'
import { cutAfter } from '../live/armed.ts'
import { openHandover } from './handover.ts'

const handover = openHandover('putback')

test('without a confirmation the timers move the address back, the target first', async () => {
  await handover.upTo('cutover/move')
  expect(await handover.holders()).toBe('target')
  await handover.endsAt('source')
  expect(await askSide(handover.hosts('target'))).toMatchObject({
    state: 'put-back',
    why: `not confirmed within ${handover.budget} s`,
  })
  expect(await askSide(handover.hosts('source'))).toMatchObject({ state: 'put-back' })
})

test('only the target was confirmed: the source hears it and stands down', async () => {
  await handover.confirmTargetAlone()
  await handover.endsAt('target')
  expect(await askSide(handover.hosts('source'))).toMatchObject({
    state: 'confirmed',
    why: 'the target answers for the addresses',
  })
})

test('swapctl is lost after the target took the address and before the source let go: one of them soon has it', async () => {
  await handover.upTo('cutover/persist-target')
  const move = handover.steps().find(({ id }) => id === 'cutover/move')
  const cut = move && { ...move, run: async () => (await move.run()).slice(0, 1) }
  await expect(execute(cut === undefined ? [] : [cut], await handover.engine())).rejects.toThrow(
    'is still on eth0 of the source',
  )
  expect(await handover.holders()).toBe('source and target')
  await expect.poll(handover.holders, { timeout: 60_000, interval: 500 }).toBe('source')
  expect(await askSide(handover.hosts('source'))).toMatchObject({ state: 'armed' })
  await handover.endsAt('source')
})

test('swapctl is lost after the source took the address back while the target still has it: soon only the source has it', async () => {
  const all = handover.steps()
  await attempt(all, await handover.engine(), { retries: 0, pause: 0 })
  const move = all.findIndex(({ id }) => id === 'cutover/move')
  await revertSteps(all.slice(move + 1), await handover.engine())
  const cut = cutAfter(handover.hosts, 2)
  const lost = revertSteps(all.slice(0, move + 1), { ...(await handover.engine()), hosts: cut.hosts })
  await expect(lost).rejects.toThrow('the connection is lost')
  expect(await handover.holders()).toBe('source and target')
  await expect.poll(handover.holders, { timeout: 60_000, interval: 500 }).toBe('source')
  await handover.endsAt('source')
})
