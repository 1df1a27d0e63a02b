import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../lab/machines.ts'
import { type Cloud, openCloud } from './cloud.ts'
import { type LightName, openLight } from './light.ts'

let cloud: Cloud
beforeAll(async () => {
  cloud = await openCloud(await openLight('boots'))
  await cloud.done('prepare')
  await cloud.done('migrate')
})
afterAll(() => cloud?.close())

const holds = async (machine: LightName): Promise<boolean> =>
  (await cloud.light.sh(machine, 'ip -o addr show')).includes(` ${cloud.light.vip}/24 `)

const units = 'systemctl show -p ActiveState,UnitFileState keystone.service'

/** The status keystone answers at the moving address, from the operator's network; 000: no answer. */
const answers = async (): Promise<string> => {
  const [program = '', ...words] = cloud.light.operator
  const asked = `curl -s -m 5 -o /dev/null -w '%{http_code}' http://${cloud.light.vip}:5000/v3/`
  return (await run([program, ...words, 'bash', '-c', asked])).stdout
}

test('the old controller, booted before the cutover, is fenced again, and the cutover continues', async () => {
  const { light } = cloud
  await light.powerOff('source')
  await light.boot('source')
  expect(await light.sh('source', 'nft list tables')).not.toContain('swapctl_fence')
  const said = await cloud.done('cutover', '--yes')
  expect(said).toContain('fence/source no longer stands')
  expect(said).toContain('The target serves')
  expect(await light.sh('source', 'nft list tables')).toContain('swapctl_fence')
})

test('the old controller, booted after the cutover, neither takes the address nor starts its services', async () => {
  const { light } = cloud
  expect(await answers()).toBe('200')
  for (const stop of [light.halt, light.powerOff]) {
    await stop('source')
    await light.boot('source')
    expect(await holds('source')).toBe(false)
    expect(await holds('target')).toBe(true)
    expect(await light.sh('source', units)).toBe('ActiveState=inactive\nUnitFileState=masked\n')
    // Also after its network was reconfigured.
    await light.sh('source', 'networkctl reload; ip link set eth0 down; ip link set eth0 up; sleep 2')
    expect(await holds('source')).toBe(false)
    expect(await answers()).toBe('200')
  }
})

test('the new controller, booted after the cutover, takes the address and serves', async () => {
  const { light } = cloud
  await light.powerOff('target')
  expect(await answers()).toBe('000')
  await light.boot('target')
  expect(await holds('target')).toBe(true)
  await expect.poll(answers, { timeout: 60_000, interval: 500 }).toBe('200')
  expect(await light.sh('target', 'ls /etc/systemd/system/swapctl-hold.service 2>&1 || :')).toContain('No such file')
})

test('the boots do not prevent a revert', async () => {
  expect(await cloud.done('revert', '--yes')).toContain('The old cloud is back: same as before')
  expect(await holds('source')).toBe(true)
  expect(await holds('target')).toBe(false)
  expect(await answers()).toBe('200')
})
