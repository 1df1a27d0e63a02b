import type { Context } from '../context.ts'
import { SwapError } from '../errors.ts'
import type { Host } from '../hosts/host.ts'
import { listeners } from '../source/facts.ts'
import { ask, askMaybe } from '../source/question.ts'
import { askOpen, type Door } from './connections.ts'
import { moving, sshPorts, stopped, table } from './fence-rules.ts'

/** Packets that each side's fence has stopped so far; undefined where there is no fence. */
export const askStopped = async (host: Host): Promise<number | undefined> =>
  (await askMaybe(host, { argv: ['nft', 'list', 'table', 'inet', table], parse: stopped })) ??
  (await askMaybe(host, { argv: ['iptables', '-nvxL', table], parse: stopped }))

/** What the source really serves on its own addresses, and so what the fence has to keep shut. */
const askDoors = async (context: Context): Promise<readonly Door[]> => {
  const own = context.survey.source.addresses.filter(
    (it) => it.interface !== 'lo' && !it.address.startsWith('fe80') && !moving(context).includes(it.address),
  )
  const heard = await ask(context.hosts('source'), listeners)
  return own
    .flatMap(({ address }) =>
      heard.filter((it) => it.address === '*' || it.address === address).map(({ port }) => ({ address, port })),
    )
    .filter((door) => !sshPorts(context).includes(door.port))
    .filter((door, index, all) => all.findIndex((it) => it.address === door.address && it.port === door.port) === index)
}

/** Tried for real: each door of the source from the target, and the same doors from the operator's machine. */
export const proveFenced = async (context: Context, side: 'source' | 'target'): Promise<string> => {
  const { hosts, config } = context
  const doors = await askDoors(context)
  const ssh = { address: config.source.host, port: config.source.port }
  const before = (await askStopped(hosts(side))) ?? 0
  const [reached, allowed] = await Promise.all([
    askOpen(hosts('target'), doors),
    askOpen(hosts('local'), [...doors, ssh]),
  ])
  if (reached.length > 0)
    throw new SwapError(side, `the target still reaches ${text(reached)}`, `Look at: nft list table inet ${table}`)
  const count = (await askStopped(hosts(side))) ?? 0
  const others = allowed.filter((door) => door !== ssh)
  return [
    doors.length === 0 ? 'the source serves nothing on its own addresses' : `the target reaches none of ${text(doors)}`,
    others.length === 0 ? undefined : `the operator's machine ${reaches(others, doors)}`,
    `${count - before} packets stopped on the ${side}`,
  ]
    .filter((line) => line !== undefined)
    .join('; ')
}

const reaches = (others: readonly Door[], doors: readonly Door[]): string =>
  others.length === doors.length ? 'reaches all of them' : `reaches ${text(others)}`

/** '10.20.0.11, 10.30.0.11 at 3306, 5672': addresses that share their ports are told together. */
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
