import type { Context } from '../../context.ts'
import { askHolders } from '../../cutover/holders.ts'
import { lines, type Question } from '../../source/question.ts'
import type { HostCheck } from './host-check.ts'
import { once, sides, some } from './once.ts'

export interface Link {
  readonly mtu: number
  /** the bond, bridge or VRF it belongs to */
  readonly master?: string
  /** nothing at the other end of the wire */
  readonly noCarrier: boolean
}

/** Interfaces by name, from `ip link show`, old and new. Pure. */
export const linksOf = (text: string): ReadonlyMap<string, Link> =>
  new Map(
    lines(text).flatMap((line): readonly [string, Link][] => {
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

const links: Question<ReadonlyMap<string, Link>> = { argv: ['ip', 'link', 'show'], parse: linksOf }

const linksAt = async (context: Context, side: 'source' | 'target'): Promise<ReadonlyMap<string, Link>> =>
  (await once(context, side, links)) ?? new Map()

const onTarget = async (
  context: Context,
  says: (link: Link, name: string) => string | undefined,
): Promise<readonly string[]> => {
  const there = await linksAt(context, 'target')
  const names = [...new Set(context.config.addresses.map((one) => one.targetInterface))]
  return names.flatMap((name) => {
    const link = there.get(name)
    const said = link === undefined ? undefined : says(link, name)
    return said === undefined ? [] : [said]
  })
}

/** An address on a port of a bridge or bond is not answered for; a VRF is no such thing. */
const enslaved = async (context: Context): Promise<readonly string[]> => {
  const vrfs = await once(context, 'target', { argv: ['ip', 'link', 'show', 'type', 'vrf'], parse: linksOf })
  return onTarget(context, ({ master }, name) =>
    master === undefined || vrfs?.has(master) === true
      ? undefined
      : `${name} of the target is a part of ${master}: an address on it would not be reached`,
  )
}

const duplicate = async (context: Context): Promise<readonly string[]> => {
  const { survey, hosts, config } = context
  const found = await Promise.all(
    survey.target.addresses
      .filter(({ address }) => address === config.target.host)
      .map(async ({ address, interface: name }) => {
        const own = new Set(survey.target.interfaces.map(({ mac }) => mac))
        const others = (await askHolders(hosts('target'), address, name)).filter((mac) => !own.has(mac))
        return others.length === 0 ? [] : [`${address}, the target's own, is also answered for by ${some(others)}`]
      }),
  )
  return found.flat()
}

/**
 * Chains at the input hook that let in only what a rule names: by their policy, or by a last rule that drops or rejects
 * everything. `nft list ruleset`; swapctl's own tables are no obstacle. Pure.
 */
export const closedChains = (text: string): readonly string[] =>
  text.split(/^(?=table )/m).flatMap((table) => {
    const name = /^table (\S+ \S+) \{/.exec(table)?.[1]
    if (name === undefined || name.includes('swapctl')) return []
    return table.split(/^(?=\s+chain )/m).flatMap((chain) => {
      const rules = lines(chain).map((line) => line.trim())
      const closed = rules.some(
        (rule) =>
          /^type filter hook input .*policy drop;/.test(rule) || (/ hook input /.test(chain) && lastWord.test(rule)),
      )
      const own = /^chain (\S+) \{/.exec(rules[0] ?? '')?.[1]
      return own !== undefined && closed ? [`${name} ${own}`] : []
    })
  })

/** A rule that asks for nothing and refuses everything. */
const lastWord = /^(counter (packets \d+ bytes \d+ )?)?(drop|reject( with .*)?)$/

const firewall = async (context: Context): Promise<readonly string[]> => {
  const nft = await once(context, 'target', { argv: ['nft', 'list', 'ruleset'], parse: closedChains })
  const legacy = await once(context, 'target', {
    argv: ['iptables-legacy', '-S', 'INPUT'],
    parse: (text) => (/^-P INPUT DROP$/m.test(text) ? ['iptables INPUT'] : []),
  })
  const found = [...(nft ?? []), ...(legacy ?? [])]
  return found.length === 0 ? [] : [`the target's firewall drops what no rule lets in (${some(found)})`]
}

export interface Server {
  readonly port: number
  readonly program: string
}

/** Listening sockets with the program that has each: `ss -ltnp`. Pure. */
export const serversOf = (text: string): readonly Server[] =>
  lines(text).flatMap((line) => {
    const match = /^LISTEN\s+\d+\s+\d+\s+\S+:(\d+)\s.*users:\(\("([^"]+)"/.exec(line)
    return match === null ? [] : [{ port: Number(match[1]), program: match[2] ?? '' }]
  })

const servers: Question<readonly Server[]> = { argv: ['ss', '-l', '-t', '-n', '-p'], parse: serversOf }

const serversAt = async (context: Context, side: 'source' | 'target'): Promise<readonly Server[]> =>
  (await once(context, side, servers)) ?? []

/** What a controller of packages listens with: these the packages of the target bring along themselves. */
const usual =
  /^(mariadbd|mysqld|beam|epmd|memcached|apache2|httpd|uwsgi|tgtd|keystone|glance|placement|nova|neutron|cinder|heat)/

/** Ports at which a controller's services are expected: their defaults, and what the source's own listen at. */
const ports = new Set([3306, 4369, 5000, 5672, 8000, 8004, 8774, 8775, 8776, 8778, 9292, 9696, 11211, 25672])

const taken = async (context: Context): Promise<readonly string[]> => {
  const [source, target] = await Promise.all(sides.map((side) => serversAt(context, side)))
  const wanted = new Set([...ports, ...(source ?? []).filter((one) => usual.test(one.program)).map((one) => one.port)])
  const held = (target ?? []).filter(
    (one) => wanted.has(one.port) && !usual.test(one.program) && !/^(inetd|systemd)/.test(one.program),
  )
  return [
    ...new Set(held.map(({ port, program }) => `${program} of the target has port ${port}, which a service needs`)),
  ]
}

/** Servers that stand before the APIs: none of them is carried. */
const fronts = /^(haproxy|nginx|stunnel|stunnel4|hitch|pound|varnishd|traefik|envoy|keepalived)$/

const before = async (context: Context): Promise<readonly string[]> => {
  const found = (await serversAt(context, 'source')).filter((one) => fronts.test(one.program))
  const programs = [...new Set(found.map((one) => one.program))]
  return programs.map((program) => {
    const at = [...new Set(found.filter((one) => one.program === program).map((one) => one.port))]
    return `${program} on the source listens at ${some(at.map(String), 8)}, and swapctl does not carry it`
  })
}

/** Ways between the machines, and what stands in them. */
export const networkChecks: readonly HostCheck[] = [
  {
    id: 'target/enslaved-interface',
    level: 'block',
    title: 'Interfaces that can have an address',
    source: 'ip-link(8), master: a port of a bridge or bond receives nothing for itself',
    remedy: 'Name the bridge or bond itself as target_interface in [address NAME]',
    look: enslaved,
  },
  {
    id: 'target/carrier',
    level: 'block',
    title: 'Interfaces that are wired',
    source: 'netdevice(7), NO-CARRIER',
    remedy: 'Look at the cable, the switch port or the other end of the pair',
    look: (context) =>
      onTarget(context, ({ noCarrier }, name) => (noCarrier ? `${name} of the target has no carrier` : undefined)),
  },
  {
    id: 'target/own-address',
    level: 'block',
    title: "The target's own address is its own",
    source: 'RFC 5227; known failure P93',
    remedy: 'Find the other machine by its MAC address and give one of the two another address',
    look: duplicate,
  },
  {
    id: 'target/packet-filter',
    level: 'warn',
    title: 'Firewall of the target',
    source: 'known failure P86',
    remedy: "Let the APIs' ports, 3306, 5672, 11211 and 3260 pass on the target as on the source",
    look: firewall,
  },
  {
    id: 'target/port-taken',
    level: 'block',
    title: 'Ports of the services are free',
    source: 'known failure P100',
    remedy: 'Stop that program on the target, or have it listen at another port',
    look: taken,
  },
  {
    id: 'source/front',
    level: 'warn',
    title: 'Servers before the APIs',
    source: 'known failures P99 and P100',
    remedy: 'Set it up on the target after prepare, with the same ports and certificates, before migrate',
    look: before,
  },
]
