import { isIPv6 } from 'node:net'
import { askLinks, type Holding, holdingOf, type NetworkLink } from '../../ask/addresses.ts'
import type { MovingAddress } from '../../config.ts'
import type { Context } from '../../context.ts'
import type { Action, Step } from '../../engine/step.ts'
import { refuse, SwapError } from '../../errors.ts'
import { askHolders } from '../keepers/holders.ts'
import { askManager, readersOf } from '../keepers/manager.ts'
import { confirms } from '../rollback/data.ts'
import { announceAction, type Place } from './announce.ts'
import { askSettings, setAction } from './settings.ts'
import { backToHold, letGo, takeBack, takeFromLoopback, yieldSoon } from './take.ts'

/**
 * Make before break, all addresses at once: the target takes and announces them, then the source lets go, and the
 * target announces once more, for machines that asked in between and got the source's answer. Every connect finds a
 * machine; in the other order a connect in the gap succeeds only 1 s later, when TCP resends its SYN.
 */
export const moveStep = (context: Context, after: readonly string[]): Step => ({
  id: 'cutover/move',
  phase: 'cutover',
  title: `Move ${context.config.addresses.map((it) => `${it.address}/${it.prefix}`).join(', ')} from the source to the target`,
  after,
  changes: ['source', 'target'],
  run: () => move(context),
  undo: () => moveBack(context),
  proof: async () => (await Promise.all(context.config.addresses.map((it) => proveMoved(context, it)))).join('; '),
})

/**
 * With the broadcast address that networkd and ifupdown also set: networkd removes and re-adds an address whose
 * attributes differ.
 */
export const placeOnTarget = ({ address, prefix, targetInterface }: MovingAddress): Place => ({
  address,
  prefix,
  device: targetInterface,
  ...(isIPv6(address) || prefix > 30 ? {} : { broadcast: '+' }),
})

const placeOnSource = (
  links: readonly NetworkLink[],
  { address, sourceInterface }: MovingAddress,
): Place | undefined => {
  const { held, interface: link } = holdingOf(links, address)
  if (held === undefined || link?.name !== sourceInterface) return undefined
  const { prefix, broadcast, label } = held
  return {
    address,
    prefix,
    device: sourceInterface,
    ...(broadcast === undefined ? {} : { broadcast }),
    ...(label === undefined ? {} : { label }),
  }
}

/** Throws SwapError (exit 2) when an address is not where the settings say. */
export const placesOnSource = (links: readonly NetworkLink[], addresses: readonly MovingAddress[]): readonly Place[] =>
  addresses.map((moving) => {
    const place = placeOnSource(links, moving)
    if (place !== undefined) return place
    throw refuse(
      'source',
      `${moving.address} is not on ${moving.sourceInterface}`,
      'Was it moved by hand? Check: swapctl status',
    )
  })

const move = async (context: Context): Promise<readonly Action[]> => {
  const { config, hosts } = context
  const armed = confirms(context)
  const managers = await Promise.all(config.addresses.map((it) => askManager(hosts('target'), it.targetInterface)))
  const links = await askLinks(hosts('source'))
  const there = config.addresses.map(placeOnTarget)
  const here = config.addresses.flatMap((moving) => placeOnSource(links, moving) ?? [])
  const promoting = promotions(links, here)
  return [
    takeFromLoopback(there, managers.flatMap(readersOf), armed),
    ...(promoting.length === 0 ? [] : [setAction('source', promoting)]),
    ...(here.length === 0 ? [] : [letGo(here, armed)]),
    announceAction('target', there, 3, 0.01),
  ]
}

/** The reverse: the source takes and announces the addresses, then the target holds them unannounced again. */
const moveBack = async (context: Context): Promise<readonly Action[]> => {
  const { config, hosts } = context
  const source = hosts('source')
  const links = await askLinks(source)
  const here = placesOnSource(links, config.addresses)
  const promoting = promotions(links, here)
  return [
    ...(confirms(context) ? [yieldSoon] : []),
    takeBack(here),
    backToHold(config.addresses.map(placeOnTarget)),
    announceAction('source', here, 3, 0.01),
    ...(promoting.length === 0 ? [] : [setAction('source', await askSettings(source, promoting))]),
  ]
}

/** Removing a primary address also removes the others of its network, unless the kernel is told to promote them. */
export const promotions = (links: readonly NetworkLink[], here: readonly Place[]): readonly string[] => [
  ...new Set(
    here
      .filter(({ address }) => !isIPv6(address) && holdingOf(links, address).held?.secondary === false)
      .map(({ device }) => `net/ipv4/conf/${device}/promote_secondaries=1`),
  ),
]

const proveMoved = async ({ hosts }: Context, moving: MovingAddress): Promise<string> => {
  const { address, sourceInterface, targetInterface } = moving
  const [source, target] = await Promise.all([askLinks(hosts('source')), askLinks(hosts('target'))])
  const wrong = misplaced(holdingOf(source, address), holdingOf(target, address), moving)
  if (wrong !== undefined) throw new SwapError(address, wrong, 'Find out what else changes the addresses')
  // No answer is not an answer yet: frames may be lost.
  const heard = () => askHolders(hosts('source'), address, sourceInterface)
  const first = await heard()
  const answers = first.length > 0 ? first : await heard()
  const strangers = answers.filter((mac) => !target.some((link) => link.mac === mac))
  if (strangers.length > 0)
    throw new SwapError(address, `is also claimed by ${strangers.join(', ')}`, 'Find that machine')
  if (answers.length === 0)
    throw new SwapError(
      address,
      `is on ${targetInterface} of the target, but the source hears no answer for it on ${sourceInterface}`,
      'Are both interfaces in one network? Check arp_ignore and the firewall of the target',
    )
  return `${address} on ${targetInterface} of the target, the only machine that answers for it`
}

const misplaced = (old: Holding, now: Holding, moving: MovingAddress): string | undefined => {
  if (old.interface !== undefined) return `is still on ${old.interface.name} of the source`
  if (now.interface?.name !== moving.targetInterface) return `is not on ${moving.targetInterface} of the target`
  return now.loopback ? 'is also still on the loopback of the target' : undefined
}
