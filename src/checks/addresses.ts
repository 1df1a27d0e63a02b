import { block, type Check, type CheckContext, type Message } from '../ask/check.ts'
import { membersIn } from '../ask/members.ts'
import { ask, askMaybe, type Question } from '../ask/question.ts'
import type { MovingAddress } from '../config.ts'
import { askStrangers } from '../cutover/keepers/holders.ts'
import { persistenceFindings } from '../cutover/keepers/persist.ts'
import { sideOf } from '../hosts/host.ts'
import { reached } from '../hosts/sides.ts'
import type { Side } from '../survey.ts'

const inSection = (moving: MovingAddress, context: CheckContext): string =>
  `[address ${moving.name}] in ${context.config.file}`

/** Where each moving address is on both sides, from the survey only. */
const held: Check['ask'] = async (context) =>
  context.config.addresses.flatMap((moving) => {
    const { source, target } = context.survey
    const at = source.addresses.find((one) => one.address === moving.address)
    const taken = target.addresses.find((one) => one.address === moving.address && one.interface !== 'lo')
    return [
      ...(at === undefined ? [notHeld(moving, context)] : misplaced(moving, at, context)),
      ...(taken === undefined
        ? []
        : [
            block(
              `the target already holds ${moving.address} on ${taken.interface}`,
              `Remove it there: ip addr del ${moving.address}/${taken.prefix} dev ${taken.interface}`,
            ),
          ]),
      ...missing(source, 'source', moving.sourceInterface, context, moving),
      ...missing(target, 'target', moving.targetInterface, context, moving),
    ]
  })

const notHeld = (moving: MovingAddress, context: CheckContext): Message =>
  block(
    `the source does not hold ${moving.address}`,
    `Correct ${inSection(moving, context)}, or put the address back on the source`,
  )

const misplaced = (
  moving: MovingAddress,
  at: { readonly interface: string; readonly prefix: number },
  context: CheckContext,
): readonly Message[] => {
  if (at.interface === moving.sourceInterface && at.prefix === moving.prefix) return []
  if (at.interface === 'lo')
    return [
      block(
        `the source holds ${moving.address} on lo; an address there is not announced and cannot move`,
        `Put it on a network interface of the source first, and set that interface in ${inSection(moving, context)}`,
      ),
    ]
  return [
    block(
      `the source holds ${moving.address}/${at.prefix} on ${at.interface}, not ${moving.address}/${moving.prefix} on ${moving.sourceInterface}`,
      `Correct ${inSection(moving, context)}`,
    ),
  ]
}

const missing = (
  side: Side,
  name: 'source' | 'target',
  wanted: string,
  context: CheckContext,
  moving: MovingAddress,
): readonly Message[] => {
  const found = side.interfaces.find((one) => one.name === wanted)
  if (found?.up === true) return []
  const says = found === undefined ? `the ${name} has no interface ${wanted}` : `${wanted} of the ${name} is down`
  return [
    block(says, `It has ${side.interfaces.map((one) => one.name).join(', ')}: correct ${inSection(moving, context)}`),
  ]
}

/** Interfaces that do not answer ARP, with the flag that says so, from `ip link show`. */
export const silentLinks = (text: string): ReadonlyMap<string, string> =>
  new Map(
    [...text.matchAll(/^\d+: ([^:@\s]+)(?:@\S+)?: <([^>]*)>/gm)].flatMap(([, name = '', flags = '']) => {
      const flag = flags.split(',').find((one) => one === 'NOARP' || one === 'LOOPBACK')
      return flag === undefined ? [] : [[name, flag] as const]
    }),
  )

/** Where ARP is off, neighbours do not learn that another machine has the address. */
const announced: Check['ask'] = async (context) => {
  const links = { argv: ['ip', 'link', 'show'] as const, parse: silentLinks }
  const { hosts, config } = context
  const [source, target] = await Promise.all([ask(hosts('source'), links), ask(hosts('target'), links)])
  return config.addresses.flatMap((moving) =>
    [
      { side: 'source', name: moving.sourceInterface, flag: source.get(moving.sourceInterface) },
      { side: 'target', name: moving.targetInterface, flag: target.get(moving.targetInterface) },
    ].flatMap(({ side, name, flag }) =>
      flag === undefined
        ? []
        : [
            block(
              `${name} of the ${side} is ${flag}: ${moving.address} cannot be announced on it`,
              `Set a network interface in ${inSection(moving, context)}; the router must move an address behind a tunnel or on a loopback`,
            ),
          ],
    ),
  )
}

/** Two machines with the address, or one other than the source: the target would compete with it. */
const foreign: Check['ask'] = async (context) => {
  const { config, survey, hosts } = context
  const found = await Promise.all(
    config.addresses.map(async (moving): Promise<readonly Message[]> => {
      const up = [
        [survey.source, moving.sourceInterface],
        [survey.target, moving.targetInterface],
      ] as const
      if (!up.every(([side, name]) => side.interfaces.some((one) => one.name === name && one.up))) return []
      return (await askStrangers(hosts, moving, survey.source.interfaces)).map((mac) =>
        block(
          `${moving.address} is already in use: ${mac} answers for it and is not an interface of the source`,
          `Find that machine and remove the address from it, or correct ${inSection(moving, context)}`,
        ),
      )
    }),
  )
  return found.flat()
}

/** swapctl's own ssh connections must not use an address that is about to move, nor pass through a machine of the swap. */
const way: Check['ask'] = async (context) => {
  const { config, hosts } = context
  const moving = new Set(config.addresses.map((one) => one.address))
  const found = await Promise.all(
    reached(config).map(async ({ name, machine }) => {
      // Other checks report a compute that does not answer; it must not hold up a cutover.
      const asked = askMaybe(hosts(name), sshAddresses)
      const [from, by = machine.host] =
        (await (sideOf(name) === undefined ? asked.catch(() => undefined) : asked)) ?? []
      const owner = from === undefined || machine.jump === undefined ? undefined : ownerOf(context, from)
      return [
        ...(moving.has(by)
          ? [
              block(
                `ssh reaches ${name} by ${by}, an address that moves`,
                `Set host of ${name} in ${config.file} to an address that stays`,
              ),
            ]
          : []),
        ...(owner === undefined
          ? []
          : [
              block(
                `ssh reaches ${name} through ${from}, an address of ${owner}`,
                `Set jump of ${name} in ${config.file} to a machine that has no part in the swap`,
              ),
            ]),
      ]
    }),
  )
  return found.flat()
}

/** The machine of the swap that has this address; what comes from a loopback address comes from the machine itself. */
const ownerOf = ({ config, survey }: CheckContext, address: string): string | undefined => {
  if (/^(?:127\.|::1$)/.test(address)) return 'that machine itself'
  const own = membersIn(survey, config).find(({ side }) => side.addresses.some((one) => one.address === address))?.name
  return own ?? reached(config).find(({ machine }) => machine.host === address)?.name
}

/** Both ends of this ssh connection: the address it comes from, and the local one. */
const sshAddresses: Question<readonly string[]> = {
  argv: ['printenv', 'SSH_CONNECTION'],
  parse: (text) => {
    const [from = '', , by = ''] = text.trim().split(' ')
    return [from, by]
  },
}

export const addressChecks: readonly Check[] = [
  {
    id: 'address/held',
    level: 'block',
    title: 'The source holds each moving address on the interface named',
    source: 'RFC 5227: an address belongs to one machine',
    why: 'The cutover would remove an address from the wrong interface, or find none to move.',
    remedy: 'Fix [address NAME] in the settings, or put the address back on the source.',
    ask: held,
  },
  {
    id: 'address/announce',
    level: 'block',
    title: 'A moving address can be announced on its interfaces',
    source: 'netdevice(7), IFF_NOARP; RFC 5227 and RFC 4861: announcements reach the hosts on the link',
    why: 'Neighbours would keep sending packets to the old controller after the cutover.',
    remedy: 'Set an Ethernet interface in [address NAME]; the router must move an address behind a tunnel.',
    ask: announced,
  },
  {
    id: 'address/foreign',
    level: 'block',
    title: 'No other machine uses a moving address',
    source: 'RFC 5227: address conflict detection',
    why: 'Two machines would hold the address after the cutover, and clients would reach one or the other.',
    remedy: 'Find the machine by its MAC address and remove the address there.',
    ask: foreign,
  },
  {
    id: 'address/persistence',
    level: 'block',
    title: 'swapctl can change where moving addresses are configured at boot',
    source: 'netplan(5), interfaces(5), NetworkManager(8): configured addresses are set again at each boot',
    why: 'The old controller would take the addresses back at its next boot.',
    remedy: 'Move the configuration of the address to a file that swapctl can edit, as the finding says.',
    before: ['prepare', 'migrate', 'cutover'],
    ask: persistenceFindings,
  },
  {
    id: 'address/ssh',
    level: 'block',
    title: 'ssh reaches each machine at an address that stays',
    source: 'sshd(8): a connection ends when its address leaves the machine',
    why: 'swapctl would lose its connection in the middle of the cutover.',
    remedy: 'Set host of that machine in the settings to an address that does not move.',
    before: ['prepare', 'migrate', 'cutover'],
    ask: way,
  },
]
