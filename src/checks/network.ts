import { block, type Check, warn } from '../ask/check.ts'
import { ask, askMaybe, type Question } from '../ask/question.ts'
import { forwardingRemedy } from '../hosts/db.ts'
import { firstOf } from '../hosts/sides.ts'
import { parseSshConfig } from '../hosts/ssh-config.ts'
import { both } from './both.ts'
import { computes, sides } from './once.ts'

/** sshd's settings for root by lower-case name, from `sshd -T`. */
const sshdSettings: Question<ReadonlyMap<string, string>> = {
  argv: ['sshd', '-T', '-C', 'user=root,host=localhost,addr=127.0.0.1'],
  parse: parseSshConfig,
}

/** MariaDB is reached through its socket; the target's is tried only once prepare has begun. */
const forwarding: Check['ask'] = async ({ config, hosts }) =>
  both(async (side) => {
    // Where sudo is used a program of its own goes between.
    if (firstOf(config, side).become !== undefined) return []
    const settings = await askMaybe(hosts(side), sshdSettings)
    const allowed = settings?.get('allowstreamlocalforwarding') ?? 'yes'
    const closed = settings?.get('disableforwarding') === 'yes' || !['yes', 'all', 'local'].includes(allowed)
    return closed
      ? [block(`sshd of the ${side} does not forward connections to unix sockets`, forwardingRemedy(side))]
      : []
  })

/** MTU per interface, from `ip link`. */
export const parseMtu = (text: string): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...text.matchAll(/^\d+: ([^:@\s]+)(?:@\S+)?: .* mtu (\d+)/gm)].map((match) => [match[1], Number(match[2])]),
  )

const mtu: Check['ask'] = async ({ config, hosts }) => {
  const question: Question<Readonly<Record<string, number>>> = { argv: ['ip', 'link', 'show'], parse: parseMtu }
  const [source = {}, target = {}] = await Promise.all(sides.map((side) => ask(hosts(side), question)))
  return config.addresses.flatMap(({ address, sourceInterface, targetInterface }) => {
    const [old, now] = [source[sourceInterface], target[targetInterface]]
    return old === undefined || now === undefined || old === now
      ? []
      : [
          block(
            `${address} moves from ${sourceInterface} with MTU ${old} to ${targetInterface} with MTU ${now}`,
            `Give both the same: ip link set ${targetInterface} mtu ${old} on the target, and in its configuration`,
          ),
        ]
  })
}

const computePaths: Check['ask'] = async (context) => {
  const wanted = context.config.counterparts.map((pair) => pair.target)
  const found = await Promise.all(
    computes(context).flatMap((name) =>
      wanted.map(async (address) => {
        const { code } = await context.hosts(name).run({ argv: ['ping', '-c', '2', '-W', '2', address], limit: 20 })
        return code === 1 ? { name, address } : undefined
      }),
    ),
  )
  return found
    .filter((one) => one !== undefined)
    .map(({ name, address }) =>
      warn(
        `${name} cannot reach ${address}, the counterpart of an address of the source`,
        'Check routes and firewalls between them',
      ),
    )
}

export const networkChecks: readonly Check[] = [
  {
    id: 'both/ssh-forwarding',
    level: 'block',
    title: 'sshd forwards connections to MariaDB',
    source: 'sshd_config(5), AllowStreamLocalForwarding and DisableForwarding',
    why: 'swapctl could not read or write the databases.',
    remedy: 'Allow AllowStreamLocalForwarding in sshd_config, or remove DisableForwarding.',
    ask: forwarding,
  },

  {
    id: 'address/mtu',
    level: 'block',
    title: 'The MTU is the same on both sides of each moving address',
    source: 'https://docs.openstack.org/neutron/latest/admin/config-mtu.html',
    why: 'Large packets would be lost after the cutover while small ones arrive.',
    remedy: 'Give both interfaces the same MTU, now and in their configuration.',
    ask: mtu,
  },
  {
    id: 'compute/path',
    level: 'warn',
    title: "Computes reach the target's addresses",
    source: 'https://docs.openstack.org/install-guide/firewalls-default-ports.html',
    why: 'The computes could not use the new controller after the cutover.',
    remedy: 'Fix routes and firewalls between the compute and the target.',
    ask: computePaths,
  },
]
