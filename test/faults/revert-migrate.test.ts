import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cloud, openCloud } from './cloud.ts'
import { openLight } from './light.ts'
import { failEach } from './revert.ts'

let cloud: Cloud
beforeAll(async () => {
  cloud = await openCloud(await openLight('revertmigrate'))
  await cloud.done('prepare')
})
afterAll(() => cloud?.close())

test('after a failure at steps of migrate, revert restores the source', async () => {
  const failed = await failEach(cloud, [], ['migrate'])
  process.stderr.write(`migrate failed and was reverted at: ${failed.join(', ')}\n`)
  expect(failed.length).toBeGreaterThan(15)
})
