import { isIPv6 } from 'node:net'
import type { MovingAddress } from '../config.ts'
import type { Context } from '../context.ts'
import { refuse, SwapError } from '../errors.ts'
import type { Host } from '../host.ts'
import { ask } from '../source/question.ts'
import type { Action, Step } from '../step.ts'
import { addAction, alone, askLinks, attributes, dropAction, type Holding, holdingOf } from './addresses.ts'
import { announceAction, askHolders, takeAction } from './announce.ts'

/**
 * Make before break: the target takes and announces the address, only then the source lets go, and the target announces
 * once more, for those who asked in between and were answered by the source. No connect finds nobody (in the other order
 * those that fall into the gap are answered 1 s later, when TCP sends its SYN again).
 */
export const moveStep = (context: Context, moving: MovingAddress, after: readonly string[]): Step => ({
  id: `cutover/move-${moving.name}`,
  phase: 'cutover',
  title: `Move ${moving.address}/${moving.prefix} from ${moving.sourceInterface} of the source to ${moving.targetInterface} of the target`,
  after,
  run: () => move(context, moving),
  undo: () => moveBack(context, moving),
  proof: () => proveMoved(context, moving),
})

/** The same broadcast address as networkd and ifupdown would set: networkd takes an address that differs off and on again. */
const usual = (moving: MovingAddress): readonly string[] =>
  isIPv6(moving.address) ? ['nodad'] : moving.prefix < 31 ? ['brd', '+'] : []

const move = async ({ hosts }: Context, moving: MovingAddress): Promise<readonly Action[]> => {
  const { address, targetInterface } = moving
  return [
    takeAction('target', moving, targetInterface, { attributes: usual(moving), fromLoopback: true }),
    ...(await letSourceGo(hosts('source'), moving)),
    announceAction('target', address, targetInterface, 3, 0.01),
  ]
}

/** Removing a primary address removes the others of its network too, unless the kernel is told to promote them. */
const letSourceGo = async (source: Host, moving: MovingAddress): Promise<readonly Action[]> => {
  const { address, prefix, sourceInterface } = moving
  const { held } = holdingOf(await askLinks(source), address)
  const drop = dropAction('source', address, prefix, sourceInterface)
  return held === undefined || held.secondary || isIPv6(address) ? [drop] : [promote(sourceInterface), drop]
}

const promote = (device: string): Action => ({
  kind: 'exec',
  on: 'source',
  argv: ['sysctl', '-q', '-w', `net/ipv4/conf/${device}/promote_secondaries=1`],
  limit: 20,
})

/** The mirror: the source takes and announces, then the target goes back to holding it where nobody sees it. */
const moveBack = async ({ hosts }: Context, moving: MovingAddress): Promise<readonly Action[]> => {
  const { address, sourceInterface, targetInterface } = moving
  const { held, interface: link } = holdingOf(await askLinks(hosts('source')), address)
  if (held === undefined || link?.name !== sourceInterface)
    throw refuse('source', `${address} is not on ${sourceInterface}`, 'Was it moved by hand? See swapctl status')
  const options = { attributes: attributes(held), fromLoopback: false }
  return [
    takeAction('source', { address, prefix: held.prefix }, sourceInterface, options),
    addAction('target', address, alone(address), 'lo'),
    dropAction('target', address, moving.prefix, targetInterface),
    announceAction('source', address, sourceInterface, 3, 0.01),
    ...(held.secondary || isIPv6(address) ? [] : [await promoteAsBefore(hosts('source'), sourceInterface)]),
  ]
}

const promoteAsBefore = async (source: Host, device: string): Promise<Action> => {
  const name = `net/ipv4/conf/${device}/promote_secondaries`
  const value = await ask(source, { argv: ['sysctl', '-n', name], parse: (text) => text.trim() })
  return { kind: 'exec', on: 'source', argv: ['sysctl', '-q', '-w', `${name}=${value}`], limit: 20 }
}

const proveMoved = async ({ hosts }: Context, moving: MovingAddress): Promise<string> => {
  const { address, sourceInterface, targetInterface } = moving
  const [source, target] = await Promise.all([askLinks(hosts('source')), askLinks(hosts('target'))])
  const old = holdingOf(source, address)
  const now = holdingOf(target, address)
  const wrong = misplaced(old, now, moving)
  if (wrong !== undefined) throw new SwapError(address, wrong, 'See what changes the addresses besides swapctl')
  const answers = await askHolders(hosts('source'), address, sourceInterface)
  const strangers = answers.filter((mac) => !target.some((link) => link.mac === mac))
  if (strangers.length > 0)
    throw new SwapError(address, `is answered for by ${strangers.join(', ')} too`, 'Find that machine')
  return `${address} on ${targetInterface} of the target, which alone answers for it${answers.length === 0 ? ' (not asked on the network)' : ''}`
}

const misplaced = (old: Holding, now: Holding, moving: MovingAddress): string | undefined => {
  if (old.interface !== undefined) return `is still on ${old.interface.name} of the source`
  if (now.interface?.name !== moving.targetInterface) return `is not on ${moving.targetInterface} of the target`
  return now.loopback ? 'is still on the loopback of the target too' : undefined
}
