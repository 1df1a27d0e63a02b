import { appendFile, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../../lab/machines.ts'
import { type Cloud, openCloud } from './cloud.ts'
import { clusterOn, handToKeepalived, has, joinGalera, standUp } from './controllers.ts'
import { gateInDump, start, until } from './disturb.ts'
import { type Light, type LightName, openLight } from './light.ts'
import { type Picture, takePicture } from './picture.ts'

// Three controllers of one source: their MariaDBs are one Galera cluster, keepalived gives one of them the address, and
// each runs the service. The broker is on the first one only.
const controllers = ['source', 'ctl2', 'ctl3'] as const
let cloud: Cloud
let light: Light
let ini: string
let served: readonly Picture[]
let cluster: string

/** Everything on the three, the rows of each member included. */
const pictures = () => Promise.all(controllers.map((machine) => takePicture(light, machine)))

/** The machines that are up and have the address on their interface. */
const holders = async (...off: readonly LightName[]): Promise<readonly LightName[]> => {
  const all = [...controllers, 'target' as const].filter((machine) => !off.includes(machine))
  const held = await Promise.all(all.map((machine) => has(light, machine)))
  return all.filter((_, index) => held[index])
}

const clusters = (...machines: readonly LightName[]) =>
  Promise.all(machines.map((machine) => clusterOn(light, machine)))

const whole = async (): Promise<boolean> => (await clusters(...controllers)).every((one) => one === cluster)

/** The MariaDBs' processes: others after a restart. */
const servers = () =>
  Promise.all(controllers.map((machine) => light.sh(machine, 'systemctl show -p MainPID --value mariadb')))

const rowsOn = async (machine: LightName): Promise<string> =>
  (await light.sh(machine, 'mysql -BNe "SELECT COUNT(*) FROM keystone.revocation_event"')).trim()

beforeAll(async () => {
  light = await openLight('galera', ['ctl2', 'ctl3'])
  cloud = await openCloud(light, false)
  ini = join(cloud.desk, 'swapctl.ini')
  await joinGalera(light, controllers)
  await Promise.all([standUp(light, 'ctl2'), standUp(light, 'ctl3')])
  await handToKeepalived(light, controllers)
  cluster = await clusterOn(light, 'source')
  expect(cluster).toMatch(/^[0-9a-f-]{36} 3 Synced$/)
  expect(await whole()).toBe(true)
  served = await pictures()
})
afterAll(() => cloud?.close())

test('three controllers go to one and back, and their Galera cluster serves all the time', async () => {
  const before = await servers()
  await rm(ini)
  const place = (machine: LightName) => `root@${light.address(machine)}`
  await cloud.done(
    'init',
    '--source',
    place('source'),
    '--target',
    place('target'),
    '--release',
    '2025.1',
    '--key',
    light.key,
  )
  const found = await readFile(ini, 'utf8')
  expect(found.match(/^\[(source|address) .*\]$/gm)).toEqual([
    '[source src]',
    '[source ctl2]',
    '[source ctl3]',
    '[address api]',
  ])
  await appendFile(ini, '\n[cutover]\nbudget = 300\n')
  expect(await cloud.done('check')).toContain('no check blocks swapctl prepare')

  // The first member has a client, so the backup is read from another one, without slowing the cluster down.
  await light.sh(
    'source',
    `systemd-run --quiet --unit=client --uid=keystone mysql -ukeystone '-pkey%stone$db' -e 'SELECT SLEEP(1000)'`,
  )
  const counted = (name: string) =>
    `mysql -BNe "SELECT variable_value FROM information_schema.global_status WHERE variable_name = '${name}'"`
  await cloud.done('prepare')
  await light.sh('source', 'systemctl stop client')
  expect(Number(await light.sh('ctl2', counted('Com_show_create_table')))).toBeGreaterThan(20)
  expect(await light.sh('ctl2', counted('wsrep_flow_control_sent'))).toBe('0\n')
  expect(await holders()).toEqual(['source'])

  await cloud.done('migrate')
  expect(await holders()).toEqual(['source'])
  expect(await rowsOn('target')).toBe(await rowsOn('ctl3'))
  for (const machine of controllers)
    expect(await light.sh(machine, 'systemctl is-enabled keystone || true')).toBe('masked\n')
  await cloud.done('cutover', '--yes')
  expect(await holders()).toEqual(['target'])
  expect(await cloud.done('verify')).toContain('No differences')
  expect(await cloud.done('revert', '--yes')).toContain('The old cloud is back')
  expect(await holders()).toEqual(['source'])
  expect(await servers()).toEqual(before)
  expect(await whole()).toBe(true)
  expect(await pictures()).toEqual(served)
})

test('lost controllers stop the swap with their names, and it goes on when they are back', async () => {
  const dump = await gateInDump(light, 100_000)
  await dump.shut()
  const migrate = start(cloud, ['migrate'])
  await dump.reached()
  await light.powerOff('ctl3')
  await dump.open()
  const lost = await migrate.ended
  expect(lost.said).toContain('ctl3')
  expect(lost.code).toBe(1)
  expect(await clusters('source', 'ctl2')).toEqual([cluster, cluster].map((one) => one.replace(' 3 ', ' 2 ')))
  await light.boot('ctl3')
  await until('the third member is back', whole)
  await cloud.done('migrate')
  expect(await rowsOn('target')).toBe(await rowsOn('ctl3'))

  await light.powerOff('source')
  await until('the second has taken over', () => has(light, 'ctl2'))
  const headless = await cloud.swapctl(['cutover', '--yes'])
  expect(headless.stdout + headless.stderr).toContain('src')
  expect(headless.code).not.toBe(0)
  expect(await holders('source')).toEqual(['ctl2'])
  await light.boot('source')
  await until('the first is the master again', async () => (await holders()).join() === 'source')
  await until('the first member is back', whole)
  await cloud.done('cutover', '--yes')
  expect(await holders()).toEqual(['target'])

  await light.powerOff('ctl2')
  const { stdout, stderr } = await cloud.swapctl(['revert', '--yes'])
  expect(stdout + stderr).toContain('ctl2 of the source does not answer')
  expect(await holders('ctl2')).toEqual(['source'])
  await light.boot('ctl2')
  await cloud.done('revert', '--yes')
  await until('the second member is back', whole)
  expect(await holders()).toEqual(['source'])
  expect(await pictures()).toEqual(served)
})

test('a controller that is dead from the beginning is named with what to do, and is kept away when it is back', async () => {
  await light.powerOff('ctl3')
  const refused = await cloud.swapctl(['prepare'])
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('take [source ctl3] out of')
  const text = await readFile(ini, 'utf8')
  await writeFile(ini, text.replace(/^\[source ctl3\]\n(.+\n)+/m, ''))
  const unlisted = await cloud.swapctl(['check'])
  expect(unlisted.code).toBe(2)
  const said = unlisted.stdout + unlisted.stderr
  expect(said).toContain(`${light.address('ctl3')} belongs to the source according to Galera`)
  const [, mask = ''] = /run there: (systemctl mask --now .*)$/m.exec(said) ?? []
  expect(mask).toBe('systemctl mask --now keepalived keystone')
  await cloud.done('check', '--accept', 'source/unlisted', '--reason', 'its disk is broken')
  await cloud.done('prepare')
  await cloud.done('migrate')
  await cloud.done('cutover', '--yes')
  expect(await holders('ctl3')).toEqual(['target'])

  // As at a console without network.
  const [program, command, , ...units] = mask.split(' ')
  expect((await run([program ?? '', `--root=${light.root('ctl3')}`, command ?? '', ...units])).code).toBe(0)
  await light.boot('ctl3')
  expect(await light.sh('ctl3', 'systemctl is-active keystone keepalived || true')).toBe('inactive\ninactive\n')
  expect(await holders()).toEqual(['target'])
  await cloud.done('revert', '--yes')
  await light.sh('ctl3', `systemctl unmask ${units.join(' ')}; systemctl start ${units.join(' ')}`)
  await until('the third member is back', whole)
  expect(await holders()).toEqual(['source'])
  expect(await pictures()).toEqual(served)
})
