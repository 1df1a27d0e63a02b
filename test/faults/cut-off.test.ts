import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cloud, openCloud } from './cloud.ts'
import { until } from './disturb.ts'
import { type LightName, openLight } from './light.ts'
import { takePicture } from './picture.ts'

let cloud: Cloud
beforeAll(async () => {
  cloud = await openCloud(await openLight('cutoff'))
})
afterAll(() => cloud?.close())

const holders = async (): Promise<string> => {
  const script = `ip -o addr show dev eth0 to ${cloud.light.vip} | grep -q . && echo yes || true`
  const has = async (side: LightName) => ((await cloud.light.sh(side, script)).trim() === 'yes' ? [side] : [])
  return [...(await has('source')), ...(await has('target'))].join(' and ')
}

const armed = async (side: LightName): Promise<boolean> =>
  (await cloud.light.attempt(side, ['grep', '-qxE', 'armed|putting-back', '/var/lib/swapctl-putback/state'])).code === 0

/** The operator's cable is pulled at a line of the journal, and plugged again when nothing is armed any more. */
const cutAt = async (line: string, ...words: readonly string[]): Promise<string> => {
  const { light } = cloud
  const plan = join(cloud.desk, 'at-line.json')
  await writeFile(plan, JSON.stringify({ seen: [], at: line, command: light.command('link', 'operator', 'down') }))
  const { code, stdout, stderr } = await cloud.swapctl(words, { atLine: plan })
  expect(code, stdout + stderr).toBe(1)
  await until('the timers have decided', async () => !(await armed('source')) && !(await armed('target')))
  await until('one has the address', async () => ['source', 'target'].includes(await holders()))
  await light.link('operator', 'up')
  return stdout + stderr
}

test('a cutover whose operator is cut off goes back by itself, and is tried again; a confirmed one stays', async () => {
  const served = await takePicture(cloud.light, 'source')
  await cloud.done('prepare')
  await cloud.done('migrate')
  for (const line of ['begun cutover/move', 'done cutover/move']) {
    const said = await cutAt(line, 'cutover', '--yes', '--budget', '20')
    expect(said, line).toContain('the timers there decide')
    expect(await holders(), line).toBe('source')
    expect(await cloud.done('status'), line).toMatch(/target: put back .*not confirmed within 20 s/)
  }
  const said = await cutAt('done cutover/confirm', 'cutover', '--yes', '--budget', '60')
  expect(said).toContain('the addresses stay on the target')
  expect(await holders()).toBe('target')
  expect(await cloud.done('cutover', '--yes')).toContain('The target serves')
  expect(await cloud.done('revert', '--yes')).toContain('The old cloud is back: same as before')
  expect(await holders()).toBe('source')
  expect(await takePicture(cloud.light, 'source')).toEqual(served)
})
