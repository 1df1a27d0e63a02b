import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { MovingAddress } from '../../src/config.ts'
import type { Context } from '../../src/context.ts'
import { foreignConnections } from '../../src/cutover/handover/connections.ts'
import { fenceSteps } from '../../src/cutover/handover/fence.ts'
import { askStopped } from '../../src/cutover/handover/fence-proof.ts'
import { holdSteps } from '../../src/cutover/handover/hold.ts'
import { askHolders } from '../../src/cutover/keepers/holders.ts'
import { whereAreAddresses } from '../../src/cutover/outage/status.ts'
import { revertSteps } from '../../src/engine/revert.ts'
import { execute, fallen, renew } from '../../src/engine/run.ts'
import { exec } from '../../src/engine/step.ts'
import { type Bench, openBench } from '../engine.ts'
import { api, connects, contextOf as controllers, moves, put, startNetworkd, who } from './controllers.ts'
import { type Box, call, type Net, openNet, speak } from './namespaces.ts'

const storage: MovingAddress = { ...api, name: 'storage', address: '10.77.0.20' }

const interfaces = `# kept by hand
auto lo eth0
iface lo inet loopback

iface eth0 inet static
    address 10.77.0.11/24
    up ip addr add 10.77.0.20/24 dev eth0
    down ip addr del 10.77.0.20/24 dev eth0

auto eth0:1
iface eth0:1 inet static
    address 10.77.0.10
    netmask 255.255.255.0
`
const network = '[Match]\nName=eth0\n\n[Network]\nLinkLocalAddressing=no\nAddress=10.77.0.12/24\n'

let net: Net
let bench: Bench
let source: Box
let target: Box
let operator: Box
let compute: Box

beforeEach(async () => {
  net = await openNet(`swapcut${process.pid}`)
  bench = await openBench()
  ;[source, target, operator, compute] = await Promise.all([
    net.box('source', ['10.77.0.11/24', '10.77.0.10/24', '10.77.0.20/24']),
    net.box('target', ['10.77.0.12/24']),
    net.box('operator', ['10.77.0.2/24']),
    net.box('compute', ['10.77.0.13/24']),
  ])
  await put(source, '/etc/network/interfaces', interfaces)
  await put(target, '/etc/systemd/network/10-eth0.network', network)
  await startNetworkd(target)
})

afterEach(async () => {
  await bench?.close()
  await net?.close()
})

const contextOf = (addresses: readonly MovingAddress[]): Context =>
  controllers({ source, target, operator, compute }, bench.directory, addresses)

/** A machine's network state and all files that swapctl might write. */
const state = async (box: Box): Promise<string> => {
  const said = await Promise.all([
    box.ask('sh', '-c', 'ip -o -4 addr | sort -k4'),
    box.ask('sh', '-c', 'sysctl -a 2>/dev/null | grep -E "arp_(ignore|announce)|promote_sec" | sort'),
    box.ask('nft', 'list', 'ruleset'),
    box.ask(
      'sh',
      '-c',
      'cd /etc; find network systemd swapctl -printf "%p %m %U:%G\\n" 2>/dev/null | sort; find network systemd -type f | sort | xargs sha256sum',
    ),
  ])
  return said.join('\n')
}

describe('the fence', () => {
  test('cuts the target off from the source, lets ssh and everyone else through, and is gone after the undo', async () => {
    const context = contextOf([api])
    await Promise.all([speak(source, 3306, 'source'), speak(source, 22, 'ssh'), speak(target, 5672, 'target')])
    const before = [await state(source), await state(target)]
    expect(await connects(target, '10.77.0.11', 3306)).toBe(true)
    const steps = fenceSteps(context)
    const engine = await bench.engine({ hosts: context.hosts })
    await execute(steps.slice(0, 1), engine)
    // The source's fence alone is enough: the target has none yet.
    expect(await connects(target, '10.77.0.11', 3306)).toBe(false)
    await execute(steps, engine)
    expect(await connects(target, '10.77.0.11', 3306)).toBe(false)
    expect(await connects(target, api.address, 3306)).toBe(false)
    expect(await connects(source, '10.77.0.12', 5672)).toBe(false)
    expect(await connects(target, '10.77.0.11', 22)).toBe(true)
    expect(await connects(operator, '10.77.0.11', 3306)).toBe(true)
    expect(await connects(compute, api.address, 3306)).toBe(true)
    expect(await askStopped(context.hosts('source'))).toBeGreaterThan(0)
    expect(await askStopped(context.hosts('target'))).toBeGreaterThan(0)
    expect(bench.told.join('\n')).toMatch(
      /the target reaches none of 10\.77\.0\.11 at 3306; the operator's machine reaches all of them/,
    )
    const standing = () => Promise.all(steps.map((step) => step.stands?.()))
    expect(await standing()).toEqual([true, true])
    await source.ask('nft', 'flush', 'table', 'inet', 'swapctl_fence')
    expect(await standing()).toEqual([false, true])
    await renew(await fallen(steps, engine), engine)
    expect(await standing()).toEqual([true, true])
    expect(await connects(target, '10.77.0.11', 3306)).toBe(false)
    await revertSteps(steps, engine)
    expect([await state(source), await state(target)]).toEqual(before)
    expect(await connects(target, '10.77.0.11', 3306)).toBe(true)
  })

  test('kills existing connections', async () => {
    const context = contextOf([api])
    await speak(source, 3306, 'source')
    const client = target.start(
      'python3',
      '-c',
      'import socket,time; s=socket.create_connection(("10.77.0.11",3306)); s.recv(9); time.sleep(4); s.sendall(b"x"*9); time.sleep(9); s.sendall(b"y")',
    )
    await expect.poll(() => foreignConnections(context.hosts('source'), ['10.77.0.12'], [22])).toHaveLength(1)
    await execute(fenceSteps(context), await bench.engine({ hosts: context.hosts }))
    expect((await client.ended).code).not.toBe(0)
  })

  test('fails its proof when the target can still connect', async () => {
    const context = contextOf([api])
    await speak(source, 3306, 'source')
    const [step] = fenceSteps(context)
    await expect(step?.proof?.()).rejects.toThrow('the target still reaches 10.77.0.11 at 3306')
  })

  test('does the same with iptables where the source has no nft', async () => {
    const context = contextOf([api])
    await source.ask(
      'sh',
      '-ec',
      'mkdir /run/bin; printf "#!/bin/sh\nexit 1\n" > /run/bin/nft; chmod 755 /run/bin/nft; mount --bind /run/bin/nft "$(command -v nft)"',
    )
    await speak(source, 3306, 'source')
    const engine = await bench.engine({ hosts: context.hosts })
    const steps = fenceSteps(context).slice(0, 1)
    await execute(steps, engine)
    expect(await connects(target, '10.77.0.11', 3306)).toBe(false)
    expect(await connects(operator, '10.77.0.11', 3306)).toBe(true)
    expect(await askStopped(context.hosts('source'))).toBeGreaterThan(0)
    for (const change of ['-D INPUT -j swapctl_fence', '-F swapctl_fence', '-F']) {
      expect(await steps[0]?.stands?.()).toBe(true)
      await source.ask('sh', '-ec', `iptables ${change}`)
      expect(await steps[0]?.stands?.()).toBe(false)
      await renew(await fallen(steps, engine), engine)
      expect(await connects(target, '10.77.0.11', 3306)).toBe(false)
    }
    await revertSteps(steps, engine)
    expect(await connects(target, '10.77.0.11', 3306)).toBe(true)
    expect(await source.ask('sh', '-c', 'iptables -S')).not.toContain('swapctl')
  })
})

describe('the hold', () => {
  test('gives the target its final address while the network still reaches the source', async () => {
    const context = contextOf([api, storage])
    await Promise.all([speak(source, 5000, 'source'), speak(target, 5000, 'target')])
    const before = await state(target)
    const steps = holdSteps(context)
    const calls = await call(compute, api.address, 5000)
    const engine = await bench.engine({ hosts: context.hosts })
    await execute(steps, engine)
    expect(await who(target, 5000)).toBe('target')
    // A machine without a cache entry asks, and the target stays silent.
    await compute.ask('ip', 'neigh', 'flush', 'all')
    expect(await who(compute, 5000)).toBe('source')
    const macs = await askHolders(context.hosts('local'), api.address, 'eth0')
    expect(macs).toEqual([(await source.ask('cat', '/sys/class/net/eth0/address')).trim()])
    expect(await target.ask('cat', '/etc/systemd/system/swapctl-hold.service')).toContain('ExecStart=sysctl')
    expect(await whereAreAddresses(context.hosts, context.config)).toMatchObject([
      { name: 'api', source: 'interface', target: 'loopback' },
      { name: 'storage', source: 'interface', target: 'loopback' },
    ])
    await revertSteps(steps, engine)
    const seen = await calls.end()
    expect(seen.failed).toEqual([])
    expect(Object.keys(seen.answers)).toEqual(['source'])
    expect(await state(target)).toBe(before)
  })

  test('is refused when a third machine answers for the address', async () => {
    await compute.ask('ip', 'addr', 'add', '10.77.0.10/24', 'dev', 'eth0')
    const context = contextOf([api])
    await expect(execute(holdSteps(context), await bench.engine({ hosts: context.hosts }))).rejects.toThrow(
      'is also claimed by',
    )
    expect(await target.ask('ip', '-o', 'addr', 'show', 'dev', 'lo')).not.toContain('10.77.0.10')
  })

  test('fails its proof when the target answers for its held address', async () => {
    const context = contextOf([api])
    const [step] = holdSteps(context)
    await target.ask('ip', 'addr', 'add', '10.77.0.10/32', 'dev', 'lo')
    await expect(step?.proof?.()).rejects.toThrow(/^the target \(.* already answers for /)
  })
})

describe('the cutover', () => {
  test('moves two addresses without a failed connect, and its undo restores both machines', async () => {
    const context = contextOf([api, storage])
    await Promise.all([speak(source, 5000, 'source'), speak(target, 5000, 'target')])
    const before = [await state(source), await state(target)]
    const migrate = [...fenceSteps(context), ...holdSteps(context)]
    const cutover = moves(context)
    const engine = await bench.engine({ hosts: context.hosts })
    await execute(migrate, engine)
    const calls = await Promise.all([call(compute, api.address, 5000), call(operator, storage.address, 5000)])
    await execute(cutover, engine)
    const there = await Promise.all(calls.map((one) => one.end()))
    for (const seen of there) {
      expect(seen.failed).toEqual([])
      expect(seen.cut.length).toBeLessThan(2)
      expect(seen.answers['source']).toBeGreaterThan(0)
      expect(seen.answers['target']).toBeGreaterThan(0)
      expect(seen.slowest).toBeLessThan(900)
    }
    expect(await who(compute, 5000)).toBe('target')
    expect(await source.ask('cat', '/etc/network/interfaces')).toBe(
      '# kept by hand\nauto lo eth0\niface lo inet loopback\n\niface eth0 inet static\n    address 10.77.0.11/24\n\n',
    )
    expect(await target.ask('cat', '/etc/systemd/network/10-eth0.network')).toBe(
      `${network}Address=10.77.0.10/24\nAddress=10.77.0.20/24\n`,
    )
    expect((await target.run(['test', '-e', '/etc/systemd/system/swapctl-hold.service'])).code).toBe(1)
    const back = await call(compute, api.address, 5000)
    await revertSteps([...migrate, ...cutover], engine)
    const seen = await back.end()
    expect(seen.failed).toEqual([])
    expect(seen.cut.length).toBeLessThan(2)
    expect(await who(compute, 5000)).toBe('source')
    expect([await state(source), await state(target)]).toEqual(before)
  })

  test('continues after a move interrupted while both sides had the address, and undoes it', async () => {
    const context = contextOf([api])
    await Promise.all([speak(source, 5000, 'source'), speak(target, 5000, 'target')])
    const before = [await state(source), await state(target)]
    const steps = [...fenceSteps(context), ...holdSteps(context), ...moves(context)]
    const engine = await bench.engine({ hosts: context.hosts })
    const broken = steps.map((step) =>
      step.id === 'cutover/move'
        ? { ...step, run: async () => [...(await step.run()).slice(0, 1), exec('source', 'false')] }
        : step,
    )
    await expect(execute(broken, engine)).rejects.toThrow('false exited 1')
    expect(await whereAreAddresses(context.hosts, context.config)).toMatchObject([
      { source: 'interface', target: 'interface', says: expect.stringContaining('BOTH') },
    ])
    await execute(steps, engine)
    expect(await who(compute, 5000)).toBe('target')
    expect(await whereAreAddresses(context.hosts, context.config)).toMatchObject([
      { source: 'absent', target: 'interface' },
    ])
    await revertSteps(steps, engine)
    expect(await who(compute, 5000)).toBe('source')
    expect([await state(source), await state(target)]).toEqual(before)
  })

  test('moves an IPv6 address, and back', async () => {
    const six = { ...api, name: 'six', address: 'fd00:77::10', prefix: 64 }
    for (const [box, last] of [
      [source, '11'],
      [source, '10'],
      [target, '12'],
      [compute, '13'],
    ] as const)
      await box.ask('ip', 'addr', 'add', `fd00:77::${last}/64`, 'dev', 'eth0', 'nodad')
    const named = `${interfaces}\niface eth0 inet6 static\n    address fd00:77::10/64\n`
    await put(source, '/etc/network/interfaces', named)
    const context = contextOf([six])
    await Promise.all([speak(source, 5000, 'source'), speak(target, 5000, 'target')])
    const engine = await bench.engine({ hosts: context.hosts })
    const steps = [...fenceSteps(context), ...holdSteps(context), ...moves(context)]
    const calls = await call(compute, six.address, 5000)
    await execute(steps, engine)
    expect(await who(compute, 5000, six.address)).toBe('target')
    expect(await target.ask('cat', '/etc/systemd/network/10-eth0.network')).toContain('Address=fd00:77::10/64')
    await revertSteps(steps, engine)
    expect(await who(compute, 5000, six.address)).toBe('source')
    expect(await source.ask('cat', '/etc/network/interfaces')).toBe(named)
    const seen = await calls.end()
    expect(seen.failed).toEqual([])
    expect(Object.keys(seen.answers).sort()).toEqual(['source', 'target'])
  })

  test('kills the half-open connections of a compute at once', async () => {
    const context = contextOf([api])
    await Promise.all([speak(source, 5672, 'source'), speak(target, 5672, 'target')])
    const agent = compute.start(
      'python3',
      '-c',
      'import socket; s=socket.create_connection(("10.77.0.10",5672)); print(s.recv(9).decode()); print(repr(s.recv(9)))',
    )
    await expect.poll(() => foreignConnections(context.hosts('compute:cmp1'), [api.address], [22])).toHaveLength(1)
    const engine = await bench.engine({ hosts: context.hosts })
    await execute([...fenceSteps(context), ...holdSteps(context), ...moves(context)], engine)
    expect((await agent.ended).stderr).toMatch(/Connection (reset|aborted|abort)|ECONNABORTED|Software caused/)
    expect(await foreignConnections(context.hosts('compute:cmp1'), [api.address], [22])).toEqual([])
  })

  test('keeps programs left running on the old controller away from the new queue', async () => {
    const context = contextOf([api])
    await speak(target, 5672, 'target')
    const engine = await bench.engine({ hosts: context.hosts })
    await execute([...fenceSteps(context), ...holdSteps(context), ...moves(context)], engine)
    expect(await who(compute, 5672)).toBe('target')
    expect(await connects(source, api.address, 5672)).toBe(false)
  })

  test('moves a primary address without the other addresses of its network', async () => {
    await source.ask(
      'sh',
      '-ec',
      'ip addr flush dev eth0; for it in 10 11 20; do ip addr add "10.77.0.$it/24" brd + dev eth0; done; sysctl -qw net.ipv4.conf.all.promote_secondaries=0 net.ipv4.conf.eth0.promote_secondaries=0',
    )
    const context = contextOf([api])
    const engine = await bench.engine({ hosts: context.hosts })
    const steps = [...holdSteps(context), ...moves(context)]
    await execute(steps, engine)
    expect(await source.ask('ip', '-o', 'addr', 'show', 'dev', 'eth0')).toMatch(
      /10\.77\.0\.11\/24.*\n.*10\.77\.0\.20\/24/,
    )
    await revertSteps(steps, engine)
    expect(await source.ask('ip', '-o', 'addr', 'show', 'dev', 'eth0')).toContain('10.77.0.10/24')
    expect(await source.ask('sysctl', '-n', 'net.ipv4.conf.eth0.promote_secondaries')).toBe('0\n')
  })
})
