import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Cloud, openCloud } from './cloud.ts'
import { handToKeepalived, has, standUp } from './controllers.ts'
import { until } from './disturb.ts'
import { type Light, openLight } from './light.ts'
import { type Picture, takePicture } from './picture.ts'

// Two controllers of one source share the address with keepalived: 'source' is the master and has the databases and the
// broker; the second one runs the same service.
let cloud: Cloud
let light: Light
let served: readonly Picture[]

const pictures = () =>
  Promise.all([takePicture(light, 'source'), takePicture(light, 'compute', ['units', 'addresses'])])

/** State of a unit on the second controller, now and at boot: 'active enabled'. */
const second = async (unit: string): Promise<string> => {
  const script = `echo "$(systemctl is-active ${unit} || true) $(systemctl is-enabled ${unit} || true)"`
  return (await light.sh('compute', script)).trim()
}

beforeAll(async () => {
  light = await openLight('members', ['compute'])
  cloud = await openCloud(light)
  await standUp(light, 'compute')
  await handToKeepalived(light, ['source', 'compute'])
  const path = join(cloud.desk, 'swapctl.ini')
  const one = await readFile(path, 'utf8')
  const other = ['[source ctl2]', `host = ${light.address('compute')}`, `host_key = ${light.hostKey('compute')}`]
  const two = one
    .replace('[source]', '[source ctl1]')
    .replace('[target]', `${[...other, `key = ${light.key}`].join('\n')}\n\n[target]`)
  await writeFile(path, two)
  served = await pictures()
  expect(await second('keystone')).toBe('active enabled')
})
afterAll(() => cloud?.close())

test('every controller of the source is stopped, also across a boot, and restored by the revert', async () => {
  await cloud.done('prepare')
  await cloud.done('migrate')
  expect(await second('keystone')).toBe('inactive masked')
  expect(await second('memcached')).toBe('active enabled')
  expect((await cloud.journal()).flatMap((entry) => (entry.event === 'done' ? [entry.step] : []))).toEqual(
    expect.arrayContaining(['keystone/stop', 'keystone/stop@ctl2']),
  )

  await cloud.done('cutover', '--yes')
  expect([await has(light, 'source'), await has(light, 'compute')]).toEqual([false, false])
  expect(await second('keepalived')).toBe('inactive masked')
  await Promise.all([light.powerOff('source'), light.powerOff('compute')])
  await Promise.all([light.boot('source'), light.boot('compute')])
  expect([await has(light, 'source'), await has(light, 'compute')]).toEqual([false, false])
  expect(await second('keystone')).toBe('inactive masked')
  expect(await cloud.done('verify')).toContain('No differences')
  expect(await cloud.done('revert', '--yes')).toContain('The old cloud is back')
  expect(await pictures()).toEqual(served)

  // keepalived has it again, and the second controller takes it over as before.
  await light.sh('source', 'systemctl stop keepalived')
  await until('the backup has taken over', () => has(light, 'compute'))
  await light.sh('source', 'systemctl start keepalived')
  await until('the master has it again', async () => (await has(light, 'source')) && !(await has(light, 'compute')))
})

test('neither a lost second controller nor a keepalived that waits holds up a revert', async () => {
  await cloud.done('migrate')
  await cloud.done('cutover', '--yes')
  await light.powerOff('compute')
  await light.sh('source', 'touch /run/unhealthy')
  const { stdout, stderr } = await cloud.swapctl(['revert', '--yes'])
  expect(stdout + stderr).toContain('ctl2')
  expect(stdout + stderr).toContain('keepalived.service has not set the addresses, which are set without it')
  expect(await takePicture(light, 'source')).toEqual(served[0])
  await light.sh('source', 'rm /run/unhealthy')

  await light.boot('compute')
  await cloud.done('revert', '--yes')
  await until('the second serves', async () => (await second('keystone')) === 'active enabled')
  expect(await pictures()).toEqual(served)
})
