import { expect } from 'vitest'
import type { MovingAddress } from '../../src/config.ts'
import { SwapError } from '../../src/errors.ts'
import type { Command, Hosts } from '../../src/hosts/host.ts'
import { api, type Controllers, put, startNetworkd } from './controllers.ts'
import { type Box, openNet } from './namespaces.ts'

export const six: MovingAddress = { ...api, name: 'six', address: 'fd00:77::10', prefix: 64 }

/** Configured by ifupdown on the source, by systemd-networkd on the target. */
export const interfaces = `auto lo eth0
iface lo inet loopback

iface eth0 inet static
    address 10.77.0.11/24

auto eth0:1
iface eth0:1 inet static
    address 10.77.0.10
    netmask 255.255.255.0

iface eth0 inet6 static
    address fd00:77::11/64

iface eth0 inet6 static
    address fd00:77::10/64
`
export const network =
  '[Match]\nName=eth0\n\n[Network]\nLinkLocalAddressing=no\nAddress=10.77.0.12/24\n\n[Address]\nAddress=fd00:77::12/64\nDuplicateAddressDetection=none\n'

export interface ArmedControllers extends Controllers {
  /** expires the timers: on the target now, on the source `after` seconds later */
  fire(after: number): Promise<void>
  /** timers armed from now on wait again */
  calm(): Promise<void>
  close(): Promise<void>
}

/** Both controllers, the operator's machine and a compute on one bridge, with IPv4 and IPv6. */
export const openControllers = async (name: string): Promise<ArmedControllers> => {
  const net = await openNet(name)
  try {
    const [source, target, operator, compute] = await Promise.all([
      net.box('source', ['10.77.0.11/24', '10.77.0.10/24', 'fd00:77::11/64', 'fd00:77::10/64']),
      net.box('target', ['10.77.0.12/24', 'fd00:77::12/64']),
      net.box('operator', ['10.77.0.2/24', 'fd00:77::2/64']),
      net.box('compute', ['10.77.0.13/24', 'fd00:77::13/64']),
    ])
    await put(source, '/etc/network/interfaces', interfaces)
    await put(target, '/etc/systemd/network/10-eth0.network', network)
    await Promise.all([startNetworkd(target), listen(source), listen(target)])
    const fire = async (after: number): Promise<void> => {
      await Promise.all([put(target, '/run/fire', '0\n'), put(source, '/run/fire', `${after}\n`)])
    }
    const calm = async (): Promise<void> => {
      await Promise.all([source, target].map((box) => box.ask('rm', '-f', '/run/fire')))
    }
    return { source, target, operator, compute, fire, calm, close: () => net.close() }
  } catch (error) {
    await net.close()
    throw error
  }
}

/** Whether a command changes something: an action's command has its step's mark, or writes or removes a file. */
const changes = ({ argv, mark }: Command): boolean => mark !== undefined || argv[3] === 'write' || argv[0] === 'rm'

export interface Cut {
  readonly hosts: Hosts
  /** the commands so far that changed something */
  readonly done: readonly Command[]
}

/**
 * The operator's machine loses both controllers after `most` commands that changed something: it gets no more answers.
 */
export const cutAfter = (hosts: Hosts, most: number): Cut => {
  const done: Command[] = []
  const lost = new SwapError('test', 'the connection is lost', 'Nothing')
  const cut: Hosts = (name) => {
    const host = hosts(name)
    return {
      ...host,
      run: async (command) => {
        if (done.length >= most) throw lost
        const answer = await host.run(command)
        if (!changes(command)) return answer
        done.push(command)
        if (done.length >= most) throw lost
        return answer
      },
    }
  }
  return { hosts: cut, done }
}

/** Maximum seconds in which both sides, or none, had an address. */
export interface Longest {
  readonly both: number
  readonly nobody: number
}

interface Change {
  readonly at: number
  readonly side: 'source' | 'target'
  readonly there: boolean
}

const changesOf = (text: string, side: Change['side'], address: string): readonly Change[] =>
  [...text.matchAll(/^\[(\S+?)\]\s*(Deleted )?\d+: eth0\s+inet6? ([0-9a-f.:]+)\//gm)]
    .filter((match) => match[3] === address)
    .map((match) => ({ at: Date.parse(match[1] ?? ''), side, there: match[2] === undefined }))

const monitored = '/run/monitored'

/** It is listening once it has seen an address that already exists. */
const listen = async (box: Box): Promise<void> => {
  box.start('sh', '-c', 'exec ip -ts monitor address >"$0"', monitored)
  const touch = 'ip addr replace 127.0.0.77/32 dev lo; grep -q 127.0.0.77 "$0"'
  await expect.poll(async () => (await box.run(['sh', '-c', touch, monitored])).code, { timeout: 20_000 }).toBe(0)
}

/**
 * From `began` (milliseconds since 1970), when the source had the address, according to the kernels' messages about
 * addresses.
 */
export const longestTimes = async (
  { source, target }: Controllers,
  address: string,
  began: number,
): Promise<Longest> => {
  const until = Date.now()
  const [one, other] = await Promise.all([source.ask('cat', monitored), target.ask('cat', monitored)])
  const all = [...changesOf(one, 'source', address), ...changesOf(other, 'target', address)]
    .filter(({ at }) => at >= began)
    .sort((a, b) => a.at - b.at)
  const has = { source: true, target: false }
  const longest = { both: 0, nobody: 0 }
  for (const [index, change] of all.entries()) {
    has[change.side] = change.there
    const lasted = ((all[index + 1]?.at ?? until) - change.at) / 1000
    if (has.source && has.target) longest.both = Math.max(longest.both, lasted)
    if (!has.source && !has.target) longest.nobody = Math.max(longest.nobody, lasted)
  }
  return longest
}
