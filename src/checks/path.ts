import { isIPv4 } from 'node:net'
import type { CheckContext } from '../ask/check.ts'
import { lines } from '../ask/question.ts'
import type { HostName } from '../hosts/host.ts'
import { python } from '../hosts/python.ts'
import { programText } from '../text/program.ts'
import type { HostCheck } from './host-check.ts'
import { computes, once } from './once.ts'

/**
 * Sends unfragmented echo requests, with Python because not every machine has ping: a small one, and if that is
 * answered, some as large as the path should allow. If routers report the limit (ICMP 3/4) TCP adapts in time: reported
 * as such, not as lost.
 */
const program = programText('path.py', import.meta.url)

interface End {
  readonly address: string
  /** of the interface that has the address */
  readonly mtu: number
}

const mtus = { argv: ['ip', 'link', 'show'] as const, parse: (text: string) => text }

/** A side's own addresses on the interfaces between which addresses move. */
const endsOf = async (context: CheckContext, side: 'source' | 'target'): Promise<readonly End[]> => {
  const { config, survey } = context
  const moving = new Set(config.addresses.map(({ address }) => address))
  const names = new Set(config.addresses.map((one) => (side === 'source' ? one.sourceInterface : one.targetInterface)))
  const links = (await once(context, side, mtus)) ?? ''
  return survey[side].addresses
    .filter((one) => names.has(one.interface) && isIPv4(one.address) && !moving.has(one.address))
    .map((one) => ({
      address: one.address,
      mtu: Number(new RegExp(`^\\d+: ${one.interface}(?:@\\S+)?: .* mtu (\\d+)`, 'm').exec(links)?.[1] ?? 1500),
    }))
}

const lost = async (context: CheckContext, from: HostName, to: readonly End[]): Promise<readonly string[]> => {
  if (to.length === 0) return []
  const words = to.flatMap(({ address, mtu }) => [address, String(mtu)])
  const found = await once(context, from, {
    argv: ['sh', '-ec', `${python} "$@"`, 'path', ...words],
    stdin: program,
    parse: lines,
  })
  return (found ?? []).map((line) => {
    const [address, size] = line.split(' ')
    return `packets of ${size} bytes from ${from} to ${address} are lost without an error to the sender; small ones arrive`
  })
}

const look = async (context: CheckContext): Promise<readonly string[]> => {
  const [source, target] = await Promise.all([endsOf(context, 'source'), endsOf(context, 'target')])
  const found = await Promise.all([
    lost(context, 'source', target),
    lost(context, 'target', source),
    ...computes(context).map((name) => lost(context, name, target)),
  ])
  return found.flat()
}

export const pathChecks: readonly HostCheck[] = [
  {
    id: 'both/path-mtu',
    level: 'block',
    title: 'Packets of the full MTU arrive between the machines',
    source: 'RFC 2923, 2.1: a path MTU black hole',
    why: 'Connections would open and then hang.',
    remedy:
      'Set the same MTU on the switch ports, tunnels and interfaces in between, or let ICMP type 3 code 4 pass: connections would open and then hang',
    look,
  },
]
