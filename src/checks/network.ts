import type { HostName } from '../hosts/host.ts'
import { block, type Check, type CheckContext, warn } from '../source/check.ts'
import { ask, askMaybe, type Question } from '../source/question.ts'
import { both, rule, sides } from './rule.ts'

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
          `${active.join(', ')} filters on the target`,
          "Let the APIs' ports, 3306, 5672 and 11211 pass as on the source",
        ),
      ]
}

const sessions: Check['ask'] = async (context) =>
  both(async (side) => {
    const most = await askMaybe(context.hosts(side), {
      argv: ['sshd', '-T'],
      parse: (text) => Number(/^maxsessions (\d+)$/m.exec(text)?.[1] ?? 10),
    })
    // A step has up to three programs at once on a machine.
    const needed = 3 * context.config.parallel
    return most === undefined || most >= Math.min(10, needed)
      ? []
      : [
          block(
            `sshd of the ${side} allows ${most} sessions on a connection`,
            `Allow ${needed} (MaxSessions in sshd_config), or set parallel = ${Math.max(1, Math.floor(most / 3))} in [swap]`,
          ),
        ]
  })

/** MTU by interface from `ip link`. Pure. */
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
            `${address} leaves ${sourceInterface} with an MTU of ${old} for ${targetInterface} with ${now}`,
            `Give both the same: ip link set ${targetInterface} mtu ${old} on the target, and in its configuration`,
          ),
        ]
  })
}

const computes = ({ config }: CheckContext): readonly HostName[] =>
  config.computes.map(({ name }) => `compute:${name}` as const)

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
        `${name} does not reach ${address}, which takes the part of an address of the source`,
        'Look at routes and firewalls between them',
      ),
    )
}

/** Ways between the machines. */
export const networkChecks: readonly Check[] = [
  rule('both/ssh-sessions', 'block', 'Sessions that sshd allows', 'sshd_config(5) MaxSessions', sessions),
  rule('target/firewall', 'warn', 'Firewall of the target', 'known failure P86', firewall),
  rule('address/mtu', 'block', 'MTU of the interfaces', 'known failure P82', mtu),
  rule('compute/path', 'warn', 'Ways from the computes', 'known failure P86', computePaths),
]
