import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../lab/machines.ts'
import type { Context } from '../../src/context.ts'
import { releaseNamed } from '../../src/releases/release.ts'
import { recipeOf } from '../../src/services/index.ts'
import { neededHops } from '../../src/target/hop-step.ts'
import { askUnfit } from '../../src/target/hop-there.ts'
import { hopArgv, placeOf } from '../../src/target/hops-env.ts'
import { type Light, type LightName, openLight } from './light.ts'

let light: Light
beforeAll(async () => {
  light = await openLight('light')
  await light.sh('target', await readFile(new URL('hop-there.sh', import.meta.url), 'utf8'))
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

test.each([
  ['tree', '/srv/zed', 'inside'],
  ['venv', '/openstack/venvs/nova-26.1.0', 'outside'],
])('a tool in a %s: with the files of the target, and nothing changed in it', async (form, path, from) => {
  const nova = recipeOf('nova')
  const context = {
    config: { file: '/s.ini', release: 'epoxy', hops: [{ release: 'zed', [form]: path }] },
    survey: { services: [{ name: 'nova', databases: [{ hops: ['zed', '2025.1'] }] }] },
    recipes: [nova],
    hosts: () => ({ name: 'target', run: ({ argv }: { argv: readonly string[] }) => light.attempt('target', argv) }),
  } as unknown as Context
  const there = `find ${path} -printf '%p %s %T@\\n' | sort`
  const before = await light.sh('target', there)
  for (const hop of neededHops(context)) expect(await askUnfit(context, hop)).toEqual([])
  const place = placeOf(context.config, releaseNamed('zed'), nova)
  const ran = await light.attempt('target', hopArgv(place, ['nova-manage', 'db', 'sync'], 'nova', 60))
  expect(ran).toEqual({
    code: 7,
    stderr: '',
    stdout: `nova db sync merged ${from}\nwrote /var/log/nova/new\nwrote /var/lib/nova/new\nwrote /tmp/new\nsocket\n`,
  })
  expect(await light.sh('target', there)).toBe(before)
  expect(await light.sh('target', 'ls /tmp; systemctl list-units --all --no-legend swapctl-hop-*')).not.toContain('new')
})
