import { type Check, warn } from '../ask/check.ts'
import { ask, lines } from '../ask/question.ts'
import type { Context } from '../context.ts'
import { some } from '../text/some.ts'
import type { HostCheck } from './host-check.ts'
import { once } from './once.ts'

const firewall: Check['ask'] = async ({ hosts }) => {
  const names = ['ufw.service', 'firewalld.service']
  const states = await ask(hosts('target'), {
    argv: ['systemctl', 'is-active', ...names],
    codes: [1, 3, 4],
    parse: (text) => text.trim().split('\n'),
  })
  const active = names.filter((_, index) => states[index] === 'active')
  return active.length === 0
    ? []
    : [
        warn(
          `${active.join(', ')} filters packets on the target`,
          "Allow the APIs' ports, 3306, 5672 and 11211 as on the source",
        ),
      ]
}

/**
 * Chains at the input hook that accept only what a rule names, by their policy or by a last rule that drops or rejects
 * everything. From `nft list ruleset`; swapctl's own tables are ignored.
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

/** A rule without conditions that refuses everything. */
const lastWord = /^(counter (packets \d+ bytes \d+ )?)?(drop|reject( with .*)?)$/

const packetFilter = async (context: Context): Promise<readonly string[]> => {
  const nft = await once(context, 'target', { argv: ['nft', 'list', 'ruleset'], parse: closedChains })
  const legacy = await once(context, 'target', {
    argv: ['iptables-legacy', '-S', 'INPUT'],
    parse: (text) => (/^-P INPUT DROP$/m.test(text) ? ['iptables INPUT'] : []),
  })
  const found = [...(nft ?? []), ...(legacy ?? [])]
  return found.length === 0 ? [] : [`the target's firewall has no rule that lets these in (${some(found)})`]
}

export const firewallChecks: readonly Check[] = [
  {
    id: 'target/firewall',
    level: 'warn',
    title: 'No firewall service runs on the target',
    source: 'https://docs.openstack.org/install-guide/firewalls-default-ports.html',
    why: 'Clients and computes might not reach the new controller.',
    remedy: "Open the services' ports on the target as on the source.",
    ask: firewall,
  },
]

/** Packet filter rules from any source. */
export const packetFilterChecks: readonly HostCheck[] = [
  {
    id: 'target/packet-filter',
    level: 'warn',
    title: 'Packet filter rules on the target let the services through',
    source: 'https://docs.openstack.org/install-guide/firewalls-default-ports.html',
    why: 'Clients and computes could not reach the new controller.',
    remedy: "Allow the APIs' ports, 3306, 5672, 11211 and 3260 on the target as on the source",
    look: packetFilter,
  },
]
