import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { holdSteps } from '../../src/cutover/handover/hold.ts'
import { askManager } from '../../src/cutover/keepers/manager.ts'
import { persistenceFindings } from '../../src/cutover/keepers/persist.ts'
import { revertSteps } from '../../src/engine/revert.ts'
import { execute } from '../../src/engine/run.ts'
import { type Bench, openBench } from '../engine.ts'
import {
  api,
  contextOf,
  holds,
  moves,
  type OpenBoxes,
  openBoxes,
  own,
  put,
  six,
  startBus,
  startNetworkd,
  startNetworkManager,
  who,
} from './controllers.ts'
import { type Box, type Program, speak } from './namespaces.ts'

let bench: Bench
let boxes: OpenBoxes

beforeEach(async () => {
  boxes = await openBoxes('swapman', { source: [], target: [] })
  bench = await openBench()
})
afterEach(async () => {
  await bench?.close()
  await boxes?.close()
})

const yaml = (renderer: string, last: number, more: readonly string[]) => `# kept by hand
network:
  version: 2
  renderer: ${renderer}
  ethernets:
    eth0:
      link-local: []
      addresses:
        - 10.77.0.${last}/24  # its own
        - fd00:77::${last}/64
${more.map((address) => `        - "${address}"\n`).join('')}      mtu: 1500
`

const profile = (last: number, four: string, six: string) => `[connection]
id=eth0
type=ethernet
interface-name=eth0

[ipv4]
address1=10.77.0.${last}/24
${four}method=manual

[ipv6]
address1=fd00:77::${last}/64
${six}method=manual
`

const stanzas = (last: number, moving: boolean) => `auto eth0
iface eth0 inet static
    address 10.77.0.${last}/24

iface eth0 inet6 static
    address fd00:77::${last}/64
${moving ? '\niface eth0 inet static\n    address 10.77.0.10/24\n\niface eth0 inet6 static\n    address fd00:77::a:10/64\n' : ''}`

interface Way {
  readonly path: string
  readonly kind: string
  readonly text: (last: number, moving: boolean) => string
  /** what it shows where the addresses were added, and where they were removed */
  readonly added: string
  readonly left: string
  readonly start: (box: Box) => Promise<Program>
}

/**
 * netplan's own generator, called alone: its files in /run/systemd/system make systemctl believe that systemd runs in
 * this box.
 */
const generator = `test ! -e /run/netplan.sh || exit 0
at=$(ls /usr/libexec/netplan/generate /lib/netplan/generate 2>/dev/null | head -1)
printf '#!/bin/sh\\n%s || exit 1\\nrm -rf /run/systemd/system\\n' "$at" > /run/netplan.sh
chmod 755 /run/netplan.sh
mount --bind /run/netplan.sh "$(readlink -f "$(command -v netplan)")"`

const netplan = (renderer: string, start: Way['start']): Way => ({
  path: '/etc/netplan/50-net.yaml',
  kind: 'netplan',
  text: (last, moving) => yaml(renderer, last, moving ? ['10.77.0.10/24', 'fd00:77::a:10/64'] : []),
  added: yaml(renderer, 12, ['10.77.0.10/24', 'fd00:77::a:10/64']).replace('"10.77.0.10/24"', '10.77.0.10/24'),
  left: yaml(renderer, 11, []),
  start: async (box) => {
    await box.ask('sh', '-ec', generator)
    await box.ask('netplan', 'generate')
    return start(box)
  },
})

const ways: Readonly<Record<string, Way>> = {
  'netplan with networkd': netplan('networkd', startNetworkd),
  'netplan with NetworkManager': netplan('NetworkManager', startNetworkManager),
  NetworkManager: {
    path: '/etc/NetworkManager/system-connections/eth0.nmconnection',
    kind: 'NetworkManager',
    text: (last, moving) =>
      moving ? profile(last, 'address2=10.77.0.10/24\n', 'address2=fd00:77::a:10/64\n') : profile(last, '', ''),
    added: profile(12, 'address2=10.77.0.10/24\n', 'address2=fd00:77::a:10/64\n'),
    left: profile(11, '', ''),
    start: startNetworkManager,
  },
  ifupdown: {
    path: '/etc/network/interfaces',
    kind: 'ifupdown',
    // With a netmask on the source.
    text: (last, moving) => stanzas(last, moving).replace('10.77.0.10/24', '10.77.0.10/255.255.255.0'),
    added: stanzas(12, true),
    left: `${stanzas(11, false)}\n`,
    // The real ifup, as networking.service calls it.
    start: async (box) => {
      await box.ask(
        'sh',
        '-ec',
        'cd /etc/network; mkdir -p if-pre-up.d if-up.d /run/network; rm -f /run/network/*; ifup -a',
      )
      return box.start('true')
    },
  },
}

const moved = [api.address, six.address]

describe.each(Object.entries(ways))('addresses kept by %s', (_name, way) => {
  test('move, stay after a boot, and come back', { timeout: 300_000 }, async () => {
    const { source, target, compute } = boxes
    const daemons: Program[] = []
    for (const [box, last] of [
      [source, 11],
      [target, 12],
    ] as const) {
      await startBus(box)
      await put(box, way.path, way.text(last, box === source))
      await box.ask('chmod', '600', way.path)
      daemons.push(await way.start(box))
      await expect
        .poll(() => holds(box), { timeout: 20_000 })
        .toEqual([...own(last), ...(box === source ? moved : [])].sort())
    }
    await Promise.all([speak(source, 5000, 'source'), speak(target, 5000, 'target')])
    const context = contextOf(boxes, bench.directory, [api, six])
    expect((await askManager(context.hosts('source'), 'eth0')).kind).toBe(way.kind)
    expect(await persistenceFindings(context)).toEqual([])

    const steps = [...holdSteps(context), ...moves(context)]
    const engine = await bench.engine({ hosts: context.hosts })
    await execute(steps, engine)
    for (const address of moved) expect(await who(compute, 5000, address)).toBe('target')
    expect(await source.ask('cat', way.path)).toBe(way.left)
    expect(await target.ask('cat', way.path)).toBe(way.added)
    expect(await target.ask('stat', '-c', '%a %U', way.path)).toBe('600 root\n')

    // As at boot: everything again from the files.
    for (const [index, box] of [source, target].entries()) {
      daemons[index]?.kill()
      await daemons[index]?.ended
      await box.ask('ip', 'addr', 'flush', 'dev', 'eth0')
      daemons[index] = await way.start(box)
    }
    await expect.poll(() => holds(source), { timeout: 20_000 }).toEqual(own(11).toSorted())
    await expect.poll(() => holds(target), { timeout: 20_000 }).toEqual([...own(12), ...moved].sort())
    // NetworkManager reconfigures everything when duplicate address detection finds a duplicate, as in the middle of a
    // move here.
    await expect
      .poll(() => target.ask('ip', '-o', 'addr', 'show', 'dev', 'eth0', 'tentative'), { timeout: 20_000 })
      .toBe('')

    await revertSteps(steps, engine)
    expect(await source.ask('cat', way.path)).toBe(way.text(11, true))
    expect(await target.ask('cat', way.path)).toBe(way.text(12, false))
    expect(await holds(source)).toEqual([...own(11), ...moved].sort())
    expect(await holds(target)).toEqual(own(12).toSorted())
  })
})
