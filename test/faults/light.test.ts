import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../lab/machines.ts'
import { type Light, type LightName, openLight } from './light.ts'

let light: Light
beforeAll(async () => {
  light = await openLight('light')
})
afterAll(() => light?.close())

const greeting = async (from: readonly string[], machine: LightName): Promise<string> => {
  const [program = '', ...words] = from
  const script = `timeout 2 bash -c 'head -c 4 </dev/tcp/${light.address(machine)}/22' 2>/dev/null`
  return (await run([program, ...words, 'bash', '-c', script])).stdout
}

test('power, clean boot, cable and cut work as named, and reset restores the disk', async () => {
  await light.sh('target', 'touch /root/kept')
  await light.keep()
  await light.sh(
    'target',
    'touch /root/lost; touch /run/gone; ip addr add 10.20.0.99/24 dev eth0; systemctl is-active mariadb',
  )
  await light.cut('target')
  expect(await greeting(light.operator, 'target')).toBe('')
  expect(await greeting(light.operator, 'source')).toBe('SSH-')
  expect(await greeting(light.network('source'), 'target')).toBe('SSH-')
  await light.fix('target')
  expect(await greeting(light.operator, 'target')).toBe('SSH-')
  await light.link('operator', 'down')
  expect(await greeting(light.operator, 'source')).toBe('')
  await light.link('operator', 'up')
  await light.powerOff('target')
  expect(await greeting(light.operator, 'target')).toBe('')
  await light.boot('target')
  expect(await light.sh('target', 'ls /root /run; ip -br -4 addr show dev eth0')).toMatch(
    /^\/root:\nkept\nlost\n(?!.*gone)(?!.*\.99)/s,
  )
  await light.reset()
  expect(await light.sh('target', 'ls /root; systemctl is-active mariadb ssh')).toBe('kept\nactive\nactive\n')
})
