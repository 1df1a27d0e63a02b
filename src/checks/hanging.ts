import { askLinks, linkOf, type NetworkLink } from '../ask/addresses.ts'
import { block, type Check, type Message, warn } from '../ask/check.ts'
import { ask, lines, type Question } from '../ask/question.ts'
import type { MovingAddress } from '../config.ts'
import { names } from '../cutover/same-address.ts'

/** Attributes of an address other than address, prefix, broadcast and label: swapctl would not restore them. */
export const oddities = (text: string, address: string): readonly string[] => {
  const all = text.split('\n')
  return all.flatMap((line, index) => {
    const [, own = '', rest = ''] = /^\s+inet6? ([0-9a-f.:]+)(.*)$/.exec(line) ?? []
    if (own === '' || !names(own, address)) return []
    const [, valid = 'forever', preferred = 'forever'] =
      /valid_lft (\S+) preferred_lft (\S+)/.exec(all[index + 1] ?? '') ?? []
    return [...flagsOf(rest), ...lifetimes(valid, preferred, rest)]
  })
}

const flagsOf = (rest: string): readonly string[] => {
  const [, scope = 'global'] = /\bscope (\S+)/.exec(rest) ?? []
  const [, peer] = /\bpeer (\S+)/.exec(rest) ?? []
  return [
    ...(peer === undefined ? [] : [`has the peer ${peer}`]),
    ...(scope === 'global' ? [] : [`has the scope ${scope}`]),
    ...['mngtmpaddr', 'temporary', 'home'].filter((flag) => rest.split(' ').includes(flag)).map((it) => `is ${it}`),
  ]
}

const lifetimes = (valid: string, preferred: string, rest: string): readonly string[] => {
  if (valid !== 'forever') return [`is valid for ${valid} only: DHCP or a router assigns it`]
  return preferred === 'forever' && !/\bdeprecated\b/.test(rest) ? [] : [`is deprecated (preferred_lft ${preferred})`]
}

/**
 * Lines of `ip route show table all` that vanish with the address: the kernel drops routes whose source address is
 * gone.
 */
export const routesBy = (text: string, address: string): readonly string[] =>
  lines(text)
    .map((line) => line.trim())
    .filter((line) => !/^(local|broadcast|anycast|multicast) |\btable local\b|\bproto kernel\b/.test(line))
    .filter((line) => [...line.matchAll(/\b(?:src|from) (\S+)/g)].some(([, by = '']) => names(by, address)))

/** What `ip rule show` says about an address, without priority: 'from 10.20.0.10 lookup 100'. */
export const rulesOf = (text: string, address: string): readonly string[] =>
  lines(text)
    .map((line) => line.replace(/^\d+:\s*/, '').trim())
    .filter((line) => line.split(/\s+/).some((word) => names(word, address)))

const output = (...argv: readonly [string, ...string[]]): Question<string> => ({ argv, parse: (text) => text })
const family = ({ address }: MovingAddress): string => (address.includes(':') ? '-6' : '-4')

/** Secondary addresses of this one: one of them becomes primary when it is removed, and stays so after its return. */
export const followers = (all: readonly NetworkLink[], { address, sourceInterface, prefix }: MovingAddress) => {
  const link = linkOf(all, sourceInterface)
  const held = link?.addresses.find((one) => one.address === address)
  if (held === undefined || held.secondary || address.includes(':')) return []
  const network = (text: string): number =>
    Math.floor(text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) / 2 ** (32 - prefix))
  return (link?.addresses ?? [])
    .filter((one) => one.secondary && one.prefix === prefix && network(one.address) === network(address))
    .map((one) => one.address)
}

const hanging: Check['ask'] = async ({ config, hosts }) => {
  const source = hosts('source')
  const [text, links] = await Promise.all([ask(source, output('ip', 'addr', 'show')), askLinks(source)])
  const found = await Promise.all(
    config.addresses.map(async (moving): Promise<readonly Message[]> => {
      const [routes, rules, there] = await Promise.all([
        ask(source, output('ip', family(moving), 'route', 'show', 'table', 'all')),
        ask(source, output('ip', family(moving), 'rule', 'show')),
        ask(hosts('target'), output('ip', family(moving), 'rule', 'show')),
      ])
      const known = rulesOf(there, moving.address)
      return [
        ...oddities(text, moving.address).map((what) => odd(moving, what)),
        ...routesBy(routes, moving.address).map((line) => byRoute(moving, line)),
        ...rulesOf(rules, moving.address)
          .filter((rule) => !known.includes(rule))
          .map((rule) => byRule(moving, rule)),
        ...first(moving, followers(links, moving)),
      ]
    }),
  )
  return found.flat()
}

const odd = ({ address, prefix, sourceInterface }: MovingAddress, what: string): Message =>
  block(
    `${address} on ${sourceInterface} of the source ${what}: swapctl would not set it like this on the target, nor on the source after a revert`,
    `Make it a plain address on the source, now and in its configuration. For a lifetime: ip addr change ${address}/${prefix} dev ${sourceInterface} valid_lft forever preferred_lft forever; otherwise: ip addr del and add`,
  )

const byRoute = ({ address }: MovingAddress, line: string): Message =>
  block(
    `a route of the source uses ${address} as its source address; it would vanish with the address and a revert would not restore it: ${line}`,
    `Change the route, now and in its configuration (ip route replace with another src, or none); add a route on the target if it needs one`,
  )

const byRule = ({ address }: MovingAddress, rule: string): Message =>
  block(
    `the source has a routing rule for ${address}, the target has not: ${rule}`,
    `Add the same rule on the target, with its table, now and in its configuration (ip rule add ${rule}), or delete it on the source`,
  )

const first = ({ address, sourceInterface }: MovingAddress, others: readonly string[]): readonly Message[] =>
  others.length === 0
    ? []
    : [
        warn(
          `${address} is the first address of its network on ${sourceInterface} of the source: once it has moved, and after a revert until the next boot, the source sends its own packets from ${others[0]}`,
          `Check that database grants and firewalls that allow the source by address also allow ${others[0]}`,
        ),
      ]

export const hangingChecks: readonly Check[] = [
  {
    id: 'address/hanging',
    level: 'block',
    title: 'No route, rule or lifetime depends on a moving address',
    source: 'ip-address(8), ip-route(8), ip-rule(8): lifetimes, scope, peer, and routes and rules that name an address',
    why: 'The route or rule would vanish with the address, and a revert would not bring it back.',
    remedy: 'Make it a plain address, and remove it from routes and rules, now and in their configuration.',
    before: ['prepare', 'migrate', 'cutover'],
    ask: hanging,
  },
]
