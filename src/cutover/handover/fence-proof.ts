import { isIPv6 } from 'node:net'
import { hears, listeners } from '../../ask/facts.ts'
import { memberIn } from '../../ask/members.ts'
import { ask, askMaybe } from '../../ask/question.ts'
import type { Context } from '../../context.ts'
import { SwapError } from '../../errors.ts'
import type { Host, SideMachine } from '../../hosts/host.ts'
import { firstOf } from '../../hosts/sides.ts'
import { askOpen, type Door } from './connections.ts'
import { type Fence, moving, sshPorts, stopped, table, unblocked } from './fence-rules.ts'

/** Packets stopped by this machine's fence so far; undefined without a fence. */
export const askStopped = async (host: Host): Promise<number | undefined> =>
  (await askMaybe(host, { argv: ['nft', 'list', 'table', 'inet', table], parse: stopped })) ??
  (await askMaybe(host, { argv: ['iptables', '-nvxL', table], parse: stopped }))

/**
 * Whether a fence blocks each of its peers: a table or chain without its rules, or to which nothing jumps, is none.
 * Reads only.
 */
export const askStands = async (host: Host, fence: Fence): Promise<boolean> => {
  const nft = await askMaybe(host, { argv: ['nft', 'list', 'table', 'inet', table], parse: (text) => text })
  if (nft !== undefined) return new RegExp(`hook ${fence.hook} `).test(nft) && unblocked(nft, fence.peers).length === 0
  for (const [tool, peers] of [
    ['iptables', fence.peers.filter((peer) => !isIPv6(peer))],
    ['ip6tables', fence.peers.filter(isIPv6)],
  ] as const) {
    if (peers.length === 0) continue
    const chain = await askMaybe(host, { argv: [tool, '-nvxL', table], parse: (text) => text })
    const jump = await askMaybe(host, { argv: [tool, '-C', 'INPUT', '-j', table], parse: () => true })
    if (chain === undefined || jump === undefined || unblocked(chain, peers).length > 0) return false
  }
  return true
}

/** What a machine of the source serves on its own addresses, which the fence must block. */
const askDoors = async (context: Context, name: SideMachine): Promise<readonly Door[]> => {
  const own = memberIn(context.survey, context.config, name).side.addresses.filter(
    (it) => it.interface !== 'lo' && !it.address.startsWith('fe80') && !moving(context).includes(it.address),
  )
  const heard = await ask(context.hosts(name), listeners)
  return own
    .flatMap(({ address }) => heard.filter((it) => hears(it, address)).map(({ port }) => ({ address, port })))
    .filter((door) => !sshPorts(context).includes(door.port))
    .filter((door, index, all) => all.findIndex((it) => it.address === door.address && it.port === door.port) === index)
}

/**
 * Tests the fence of one machine: connects from the target to each port of these source machines, and to the same ports
 * from the operator's machine.
 */
export const proveFenced = async (
  context: Context,
  side: SideMachine,
  sources: readonly SideMachine[],
): Promise<string> => {
  const { hosts, config } = context
  const doors = (await Promise.all(sources.map((name) => askDoors(context, name)))).flat()
  const { host, port } = firstOf(config, 'source')
  const ssh = { address: host, port }
  const before = (await askStopped(hosts(side))) ?? 0
  const [reached, allowed] = await Promise.all([
    askOpen(hosts('target'), doors),
    askOpen(hosts('local'), [...doors, ssh]),
  ])
  if (reached.length > 0)
    throw new SwapError(side, `the target still reaches ${text(reached)}`, `Check: nft list table inet ${table}`)
  const count = (await askStopped(hosts(side))) ?? 0
  const others = allowed.filter((door) => door !== ssh)
  return [
    doors.length === 0
      ? "no service listens on the source's own addresses"
      : `the target reaches none of ${text(doors)}`,
    others.length === 0 ? undefined : `the operator's machine ${reaches(others, doors)}`,
    `${count - before} packets dropped on the ${side}`,
  ]
    .filter((line) => line !== undefined)
    .join('; ')
}

const reaches = (others: readonly Door[], doors: readonly Door[]): string =>
  others.length === doors.length ? 'reaches all of them' : `reaches ${text(others)}`

/** '10.20.0.11, 10.30.0.11 at 3306, 5672': groups addresses with the same ports. */
const text = (doors: readonly Door[]): string => {
  const ports = new Map<string, number[]>()
  for (const { address, port } of doors) ports.set(address, [...(ports.get(address) ?? []), port])
  const byPorts = new Map<string, string[]>()
  for (const [address, all] of ports) {
    const key = all.toSorted((a, b) => a - b).join(', ')
    byPorts.set(key, [...(byPorts.get(key) ?? []), address])
  }
  return [...byPorts].map(([key, addresses]) => `${addresses.join(', ')} at ${key}`).join(' and ')
}
