import { expect } from 'vitest'
import type { MovingAddress } from '../../src/config.ts'
import type { Context } from '../../src/context.ts'
import type { Plan } from '../../src/engine/step.ts'
import type { Hosts } from '../../src/hosts/host.ts'
import { type CutoverOptions, cutoverSteps } from '../../src/plan/cutover.ts'
import { type Box, type Net, openNet, type Program } from './namespaces.ts'

export interface Controllers {
  readonly source: Box
  readonly target: Box
  readonly operator: Box
  readonly compute: Box
}

/** Moving addresses, one IPv4 and one IPv6. */
export const api: MovingAddress = {
  name: 'api',
  address: '10.77.0.10',
  prefix: 24,
  sourceInterface: 'eth0',
  targetInterface: 'eth0',
}
export const six: MovingAddress = { ...api, name: 'six', address: 'fd00:77::a:10', prefix: 64 }

/** A machine's own addresses. */
export const own = (last: number): readonly string[] => [`10.77.0.${last}`, `fd00:77::${last}`]

const withPrefix = ({ address, prefix }: MovingAddress): string => `${address}/${prefix}`

/** The addresses of a box, including moving ones. */
export const places = (last: number, moving: readonly MovingAddress[] = []): readonly string[] => [
  `10.77.0.${last}/24`,
  `fd00:77::${last}/64`,
  ...moving.map(withPrefix),
]

export interface OpenBoxes extends Controllers {
  readonly net: Net
  close(): Promise<void>
}

/** The four machines on one bridge, with their own addresses or those in `given`. */
export const openBoxes = async (
  prefix: string,
  given: Partial<Record<keyof Controllers, readonly string[]>> = {},
): Promise<OpenBoxes> => {
  const net = await openNet(prefix)
  const box = (name: keyof Controllers, last: number) => net.box(name, given[name] ?? places(last))
  try {
    const [source, target, operator, compute] = await Promise.all([
      box('source', 11),
      box('target', 12),
      box('operator', 2),
      box('compute', 13),
    ])
    return { net, source, target, operator, compute, close: () => net.close() }
  } catch (error) {
    await net.close()
    throw error
  }
}

export const macOf = async (box: Box): Promise<string> => (await box.ask('cat', '/sys/class/net/eth0/address')).trim()

/** Addresses on a box's interface. */
export const holds = async (box: Box): Promise<readonly string[]> =>
  [...(await box.ask('ip', '-o', 'addr', 'show', 'dev', 'eth0')).matchAll(/inet6? (10\.77\.0\.\d+|fd00\S+)\/.*$/gm)]
    .map((match) => match[1] as string)
    .sort()

export const give = (box: Box, moving: MovingAddress): Promise<string> =>
  box.ask(
    'ip',
    'addr',
    'replace',
    withPrefix(moving),
    'dev',
    'eth0',
    ...(moving.address.includes(':') ? ['nodad'] : []),
  )

/** Succeeds also where the address is absent. */
export const takeAway = (box: Box, moving: MovingAddress): Promise<unknown> =>
  box.run(['ip', 'addr', 'del', withPrefix(moving), 'dev', 'eth0'])

export const put = (box: Box, path: string, text: string): Promise<unknown> =>
  box.run(['sh', '-ec', 'mkdir -p "$(dirname "$1")"; cat > "$1"', 'put', path], text)

/** The real networkd; it needs a message bus to answer, and a read-only /sys so as not to wait for udev. */
export const startNetworkd = async (box: Box): Promise<Program> => {
  await box.ask(
    'sh',
    '-ec',
    'mkdir -p /run/dbus /run/systemd/netif/links; chown -R systemd-network: /run/systemd/netif',
  )
  await startBus(box)
  const program = box.start('/lib/systemd/systemd-networkd')
  await expect
    .poll(async () => (await box.run(['networkctl', 'status', 'eth0'])).stdout, { timeout: 20_000 })
    .toContain('(configured)')
  return program
}

/** The real NetworkManager with its own /etc and /run; with a read-only /sys it does not wait for udev. */
export const startNetworkManager = async (box: Box): Promise<Program> => {
  await put(box, '/etc/NetworkManager/NetworkManager.conf', '[main]\nplugins=keyfile\nauth-polkit=false\ndns=none\n')
  const program = box.start('NetworkManager', '--no-daemon')
  await expect
    .poll(async () => (await box.run(['nmcli', '-g', 'GENERAL.STATE', 'device', 'show', 'eth0'])).stdout, {
      timeout: 30_000,
    })
    .toContain('100 (connected)')
  return program
}

/** Starts the box's own message bus, once. */
export const startBus = async (box: Box): Promise<void> => {
  const there = () => box.run(['test', '-S', '/run/dbus/system_bus_socket'])
  await box.ask('mkdir', '-p', '/run/dbus')
  if ((await there()).code !== 0) box.start('dbus-daemon', '--system', '--nofork', '--nopidfile')
  await expect.poll(there).toMatchObject({ code: 0 })
}

const side = (hostname: string, address: string) => ({
  hostname,
  system: 'debian 12',
  interfaces: [],
  clock: 0,
  diskFree: 0,
  memory: 0,
  mariadb: undefined,
  collations: {},
  schemas: [],
  addresses: [
    { interface: 'lo', address: '127.0.0.1', prefix: 8 },
    { interface: 'eth0', address, prefix: 24 },
  ],
})

const machine = (name: string, host: string) => ({ name, host, port: 22, user: 'root', key: '/none', hostKey: 'none' })

/** Settings and survey of a swap between two machines, without services. */
export const settingsOf = (
  state: string,
  addresses: readonly MovingAddress[],
  { source, target }: Readonly<Record<'source' | 'target', string>>,
): Pick<Context, 'survey' | 'config'> => ({
  survey: {
    version: 1,
    at: '2026-11-21T00:00:00Z',
    source: side('src', source),
    target: side('tgt', target),
    services: [],
  },
  config: {
    file: 'swapctl.ini',
    name: 'test',
    state,
    release: 'epoxy',
    source: { machines: [machine('source', source)], openrc: '/root/openrc' },
    target: { machines: [machine('target', target)] },
    addresses,
    counterparts: [],
    hops: [],
    computes: [machine('cmp1', '10.77.0.13')],
    parallel: 4,
  },
})

export const contextOf = (
  { source, target, operator, compute }: Controllers,
  state: string,
  addresses: readonly MovingAddress[],
): Context => {
  const boxes: Readonly<Record<string, Box>> = { source, target, local: operator, 'compute:cmp1': compute }
  const hosts: Hosts = (name) => (boxes[name] as Box).host(name)
  return { hosts, recipes: [], ...settingsOf(state, addresses, { source: '10.77.0.11', target: '10.77.0.12' }) }
}

/** The steps of cutover that need no database; everything is green at once unless the options say otherwise. */
export const moves = (context: Context, options: CutoverOptions = {}): Plan =>
  cutoverSteps(context, { green: async () => [], ...options }).filter(
    (step) => !['cutover/check', 'cutover/picture', 'cutover/reports'].includes(step.id),
  )

export const connects = async (from: Box, address: string, port: number): Promise<boolean> =>
  (await from.run(['timeout', '2', 'bash', '-c', ': >"/dev/tcp/$0/$1"', address, String(port)])).code === 0

export const who = async (from: Box, port: number, address = '10.77.0.10'): Promise<string> =>
  (
    await from.run([
      'timeout',
      '10',
      'bash',
      '-c',
      'read -r said <"/dev/tcp/$0/$1"; echo "$said"',
      address,
      String(port),
    ])
  ).stdout.trim()
