import { block, type Check, warn } from '../ask/check.ts'
import { ask, type Question } from '../ask/question.ts'
import { computes, sides } from './once.ts'

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
