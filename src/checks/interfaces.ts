import { lines, type Question } from '../ask/question.ts'
import type { Context } from '../context.ts'
import { askHolders } from '../cutover/keepers/holders.ts'
import { firstOf } from '../hosts/sides.ts'
import { some } from '../text/some.ts'
import type { HostCheck } from './host-check.ts'
import { once } from './once.ts'

export interface LinkState {
  readonly mtu: number
  /** the bond, bridge or VRF it belongs to */
  readonly master?: string
  /** the link is down */
  readonly noCarrier: boolean
}

/** Interfaces by name, from `ip link show` in its old and new format. */
export const linksOf = (text: string): ReadonlyMap<string, LinkState> =>
  new Map(
    lines(text).flatMap((line): readonly [string, LinkState][] => {
      const match = /^\d+: ([^:@\s]+)(?:@[^:\s]+)?: <([^>]*)>.* mtu (\d+)/.exec(line)
      const master = / master (\S+)/.exec(line)?.[1]
      return match === null
        ? []
        : [
            [
              match[1] ?? '',
              {
                mtu: Number(match[3]),
                noCarrier: (match[2] ?? '').split(',').includes('NO-CARRIER'),
                ...(master === undefined ? {} : { master }),
              },
            ],
          ]
    }),
  )

const links: Question<ReadonlyMap<string, LinkState>> = { argv: ['ip', 'link', 'show'], parse: linksOf }

const linksAt = async (context: Context, side: 'source' | 'target'): Promise<ReadonlyMap<string, LinkState>> =>
  (await once(context, side, links)) ?? new Map()

const onTarget = async (
  context: Context,
  says: (link: LinkState, name: string) => string | undefined,
): Promise<readonly string[]> => {
  const there = await linksAt(context, 'target')
  const names = [...new Set(context.config.addresses.map((one) => one.targetInterface))]
  return names.flatMap((name) => {
    const link = there.get(name)
    const said = link === undefined ? undefined : says(link, name)
    return said === undefined ? [] : [said]
  })
}

/** An address on a port of a bridge or bond gets no traffic; on a member of a VRF it does. */
const enslaved = async (context: Context): Promise<readonly string[]> => {
  const vrfs = await once(context, 'target', { argv: ['ip', 'link', 'show', 'type', 'vrf'], parse: linksOf })
  return onTarget(context, ({ master }, name) =>
    master === undefined || vrfs?.has(master) === true
      ? undefined
      : `${name} of the target is a port of ${master}: nobody could reach an address on it`,
  )
}

const duplicate = async (context: Context): Promise<readonly string[]> => {
  const { survey, hosts, config } = context
  const found = await Promise.all(
    survey.target.addresses
      .filter(({ address }) => address === firstOf(config, 'target').host)
      .map(async ({ address, interface: name }) => {
        const own = new Set(survey.target.interfaces.map(({ mac }) => mac))
        const others = (await askHolders(hosts('target'), address, name)).filter((mac) => !own.has(mac))
        return others.length === 0 ? [] : [`${address}, an address of the target, is also claimed by ${some(others)}`]
      }),
  )
  return found.flat()
}

export const interfaceChecks: readonly HostCheck[] = [
  {
    id: 'target/enslaved-interface',
    level: 'block',
    title: "The target's interfaces are not ports of a bridge or bond",
    source: 'ip-link(8), master: a port of a bridge or bond receives no packets for itself',
    why: 'Nobody could reach an address on such a port.',
    remedy: 'Set the bridge or bond itself as target_interface in [address NAME]',
    look: enslaved,
  },
  {
    id: 'target/carrier',
    level: 'block',
    title: "The target's interfaces have a link",
    source: 'netdevice(7), NO-CARRIER',
    why: 'Nobody could reach the addresses after the cutover.',
    remedy: 'Check the cable, the switch port or the other end of the pair',
    look: (context) =>
      onTarget(context, ({ noCarrier }, name) => (noCarrier ? `${name} of the target has no carrier` : undefined)),
  },
  {
    id: 'target/own-address',
    level: 'block',
    title: "No other machine uses the target's address",
    source: 'RFC 5227: address conflict detection',
    why: 'ssh could reach the other machine, and swapctl would change that machine.',
    remedy: 'Find the other machine by its MAC address and give one of the two another address',
    look: duplicate,
  },
]
