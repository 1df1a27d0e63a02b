import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cloud, openCloud } from './cloud.ts'
import { openLight } from './light.ts'

let cloud: Cloud
beforeAll(async () => {
  cloud = await openCloud(await openLight('cloud'))
})
afterAll(() => cloud?.close())

test('the built command line swaps the light cloud, and reverts it', async () => {
  expect(await cloud.done('prepare')).toContain('Next: swapctl migrate')
  expect(await cloud.done('migrate')).toContain('Everything runs on the target, unseen')
  expect(await cloud.done('cutover', '--yes')).toContain('The target serves')
  expect(await cloud.done('revert', '--yes')).toContain('The old cloud is back: same as before')
})
