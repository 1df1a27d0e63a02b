import { addAction, alone, askLinks, dropAction, holdingOf, linkOf, type NetworkLink } from '../../ask/addresses.ts'
import { silentText } from '../../ask/beside.ts'
import { askMaybe } from '../../ask/question.ts'
import type { MovingAddress } from '../../config.ts'
import type { Context } from '../../context.ts'
import type { Action, Step } from '../../engine/step.ts'
import { refuse, SwapError } from '../../errors.ts'
import type { Argv, Host, Hosts } from '../../hosts/host.ts'
import { idsOn } from '../../hosts/sides.ts'
import { askHolders, askStrangers } from '../keepers/holders.ts'
import { type BootUnit, beforeOf, enableUnit, forgetUnit, unitPath } from '../keepers/unit.ts'
import { askNeighbours, computesOf } from './neighbours.ts'
import { askSettings, setAction } from './settings.ts'

export const holdUnitName = 'swapctl-hold'

/**
 * One step of `migrate`: the target holds every moving address on its loopback, so that its services reach themselves
 * at the final address while the network still reaches the source.
 */
export const holdSteps = (context: Context): readonly Step[] => [
  {
    id: 'hold/addresses',
    phase: 'migrate',
    title: `Put ${context.config.addresses.map((it) => it.address).join(', ')} on the target's loopback, unannounced`,
    after: [...idsOn('fence/source', context.config, 'source'), 'fence/target'],
    changes: ['target'],
    run: () => hold(context),
    undo: () => letGo(context),
    proof: () => proveHeld(context),
  },
]

/**
 * Kernel settings that stop a machine from answering ARP for an address on its loopback (arp_ignore 1) and from using
 * one as the sender of its own ARP requests (arp_announce 2). Source: Linux, Documentation/networking/ip-sysctl.
 */
export const quietSettings = (addresses: readonly MovingAddress[]): readonly string[] =>
  [...new Set(['all', ...addresses.map((moving) => moving.targetInterface)])].flatMap((device) => [
    `net/ipv4/conf/${device}/arp_ignore=1`,
    `net/ipv4/conf/${device}/arp_announce=2`,
  ])

/** The settings come first: the kernel answers for an address on the loopback as soon as it exists. */
const holdCommands = (addresses: readonly MovingAddress[]): readonly Argv[] => [
  ['sysctl', '-q', '-w', ...quietSettings(addresses).filter((it) => it.startsWith('net/ipv4/conf/all/'))],
  ...addresses.map((it): Argv => ['ip', 'addr', 'replace', `${it.address}/${alone(it.address)}`, 'dev', 'lo']),
]

export const holdUnit = (addresses: readonly MovingAddress[], before: readonly string[]): BootUnit => ({
  name: holdUnitName,
  says: 'Addresses of the old controller, unannounced until the cutover',
  commands: holdCommands(addresses),
  before,
})

const hold = async ({ config, hosts }: Context): Promise<readonly Action[]> => {
  const target = hosts('target')
  await Promise.all(config.addresses.map((moving) => refuseConflict(hosts, moving)))
  const settings = quietSettings(config.addresses)
  // The unit comes first, because it records the old settings: an interrupted hold has already changed them.
  return [
    ...enableUnit(
      'target',
      holdUnit(config.addresses, (await askBefore(target)) ?? (await askSettings(target, settings))),
    ),
    setAction('target', settings),
    ...config.addresses.map((it) => addAction('target', it.address, alone(it.address), 'lo')),
  ]
}

/** The settings before the hold, as recorded in its unit on the target; undefined: there is no hold. */
export const askBefore = async (target: Host): Promise<readonly string[] | undefined> => {
  const text = await askMaybe(target, { argv: ['cat', unitPath(holdUnitName)], parse: (found) => found })
  return text === undefined ? undefined : beforeOf(text)
}

const letGo = async ({ config, hosts }: Context): Promise<readonly Action[]> => {
  const target = hosts('target')
  const all = await askLinks(target)
  const before = await askSettings(target, quietSettings(config.addresses))
  return [
    ...config.addresses
      .filter((it) => !holdingOf(all, it.address).loopback)
      .map((it) => dropAction('target', it.address, alone(it.address), 'lo')),
    setAction('target', before),
    forgetUnit('target', holdUnitName),
  ]
}

/** A third machine with the address would compete with the target after the cutover. */
const refuseConflict = async (hosts: Hosts, moving: MovingAddress): Promise<void> => {
  const own = await askLinks(hosts('source'))
  const held = holdingOf(own, moving.address)
  if (held.interface?.name !== moving.sourceInterface)
    throw refuse(
      `source, ${moving.sourceInterface}`,
      `${moving.address} is missing${held.interface === undefined ? '' : `, but on ${held.interface.name}`}`,
      `Fix [address ${moving.name}] in the settings, or put the address back on the source`,
    )
  if (linkOf(await askLinks(hosts('target')), moving.targetInterface) === undefined)
    throw refuse('target', `there is no interface ${moving.targetInterface}`, `Fix [address ${moving.name}]`)
  const strangers = await askStrangers(hosts, moving, own)
  if (strangers.length > 0)
    throw refuse(
      moving.address,
      `is also claimed by ${strangers.join(', ')}, which is not the source`,
      'Find that machine and remove the address from it',
    )
}

/** Proves that the target has the addresses and that only the source answers for them. */
const proveHeld = async (context: Context): Promise<string> => {
  const { config, hosts } = context
  const [target, source] = await Promise.all([askLinks(hosts('target')), askLinks(hosts('source'))])
  const said = await Promise.all(config.addresses.map((moving) => proveQuiet(context, moving, target, source)))
  return said.join('; ')
}

/**
 * A machine does not receive its own request. So the source asks whether anyone else answers, the target whether anyone
 * does.
 */
const proveQuiet = async (
  { config, hosts }: Context,
  moving: MovingAddress,
  target: readonly NetworkLink[],
  source: readonly NetworkLink[],
): Promise<string> => {
  const { address, sourceInterface, targetInterface } = moving
  if (!holdingOf(target, address).loopback)
    throw new SwapError('target', `${address} is not on the loopback`, 'Find out what removed it')
  const [others, answers, neighbours] = await Promise.all([
    askHolders(hosts('source'), address, sourceInterface),
    askHolders(hosts('target'), address, targetInterface),
    askNeighbours(hosts, computesOf(config), address),
  ])
  const { found: sending, silent } = neighbours
  const leak = [...others, ...sending.map(({ mac }) => mac)].filter((mac) => target.some((link) => link.mac === mac))
  if (leak.length > 0)
    throw new SwapError(
      'target',
      `the target (${leak[0]}) already answers for ${address}`,
      'Check net.ipv4.conf.*.arp_ignore on the target; swapctl revert removes the address from it',
    )
  const seen = answers.map((mac) => source.find((link) => link.mac === mac)?.name ?? mac)
  const asked = ['both sides', ...sending.map((neighbour) => neighbour.host)].join(', ')
  const unasked = silent.map((one) => `; ${silentText(one)}`).join('')
  return `${address} on the target's loopback, claimed only by ${seen.join(' and ') || 'no machine asked'} of the source (seen from ${asked}${unasked})`
}
