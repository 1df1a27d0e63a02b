import { isIPv6 } from 'node:net'
import type { Context } from '../../context.ts'

export const table = 'swapctl_fence'

/** A fence: blocks all TCP between `peers` and this machine, except ssh. */
export interface Fence {
  readonly hook: 'input' | 'output'
  readonly peers: readonly string[]
  /** ports that stay open in both directions: the sshd ports of all machines of both sides */
  readonly open: readonly number[]
}

/** The ports that swapctl's own connections use. */
export const sshPorts = ({ config }: Context): readonly number[] => [
  ...new Set([...config.source.machines, ...config.target.machines].map(({ port }) => port)),
]

export const moving = ({ config }: Context): readonly string[] => config.addresses.map((it) => it.address)

const set = (items: readonly (string | number)[]): string => `{ ${items.join(', ')} }`

/**
 * The ruleset for `nft -f -`: one transaction that replaces the table if it exists. The source drops packets, to reveal
 * nothing; the target rejects its own programs' connections, so that none of them hangs. Priority -200 comes before any
 * site rule.
 */
export const nftRules = ({ hook, peers, open }: Fence): string => {
  const side = hook === 'input' ? 'saddr' : 'daddr'
  const verdict = hook === 'input' ? 'drop' : 'reject with tcp reset'
  const device = hook === 'input' ? 'iifname' : 'oifname'
  const rule = (family: string, addresses: readonly string[]): readonly string[] =>
    addresses.length === 0 ? [] : [`    ${family} ${side} ${set(addresses)} meta l4proto tcp counter ${verdict}`]
  return [
    removal.trimEnd(),
    `table inet ${table} {`,
    `  chain ${hook} {`,
    `    type filter hook ${hook} priority -200; policy accept;`,
    `    ${device} "lo" accept`,
    // Separate rules: nft 1.0.6 merges "sport != 22 dport != 22" into one comparison, which then also matches ssh.
    `    tcp dport ${set(open)} accept`,
    `    tcp sport ${set(open)} accept`,
    ...rule(
      'ip',
      peers.filter((it) => !isIPv6(it)),
    ),
    ...rule('ip6', peers.filter(isIPv6)),
    '  }',
    '}',
    '',
  ].join('\n')
}

/** Declaring the table first makes the deletion succeed whether it exists or not. */
export const removal = `table inet ${table}\ndelete table inet ${table}\n`

/**
 * The same for `iptables-restore --noflush` on a source without nft, for IPv4 or IPv6 as `peers` are. Declaring the
 * chain empties it; the caller adds the jump to it once.
 */
export const iptablesRules = ({ peers, open }: Fence): string =>
  [
    '*filter',
    `:${table} - [0:0]`,
    `-A ${table} -i lo -j RETURN`,
    ...open.flatMap((port) => [
      `-A ${table} -p tcp --dport ${port} -j RETURN`,
      `-A ${table} -p tcp --sport ${port} -j RETURN`,
    ]),
    ...peers.map((peer) => `-A ${table} -s ${peer} -p tcp -j DROP`),
    'COMMIT',
    '',
  ].join('\n')

/** Packets blocked so far, from `nft list table` or `iptables -nvxL CHAIN`. */
export const stopped = (text: string): number => {
  const nft = [...text.matchAll(/counter packets (\d+) /g)].map((match) => Number(match[1]))
  const iptables = [...text.matchAll(/^\s*(\d+)\s+\d+\s+DROP\s/gm)].map((match) => Number(match[1]))
  return [...nft, ...iptables].reduce((sum, count) => sum + count, 0)
}

/** Peers that no blocking rule names, by `nft list table` or `iptables -nvxL CHAIN`. */
export const unblocked = (text: string, peers: readonly string[]): readonly string[] => {
  const rules = text
    // nft wraps a long set.
    .replace(/,\s*\n\s*/g, ', ')
    .split('\n')
    .filter((line) => /\bcounter packets \d+ .*(?:drop|reject)|^\s*\d+\s+\d+\s+DROP\s/.test(line))
  const named = new Set(
    rules.flatMap((line) => line.split(/[\s,{}]+/).map((word) => word.replace(/\/(?:32|128)$/, ''))),
  )
  return peers.filter((peer) => !named.has(peer))
}
