import { askLinks } from '../../ask/addresses.ts'
import type { Context } from '../../context.ts'
import { type Action, exec, type Step } from '../../engine/step.ts'
import { refuse, SwapError } from '../../errors.ts'
import { type Argv, quote, type SideMachine } from '../../hosts/host.ts'
import { idOn, membersOf, said } from '../../hosts/sides.ts'
import { programText } from '../../text/program.ts'
import { askHeld, type Held } from '../keepers/held.ts'
import { askHolders } from '../keepers/holders.ts'
import { managing, managingAgain } from '../keepers/pacemaker.ts'
import type { Vrrp } from '../keepers/vrrp.ts'
import { announcing, type Place, places } from './announce.ts'
import { placesOnSource } from './move.ts'

const takeOverId = 'cutover/take-over'

const holdOnLoopback = programText('loopback-hold.sh', import.meta.url)
const letLoopbackGo = programText('loopback-go.sh', import.meta.url)
const stop = programText('vrrp-stop.sh', import.meta.url)
const start = programText('vrrp-start.sh', import.meta.url)
const add = programText('add.sh', import.meta.url)

/**
 * Hands the addresses from keepalived or pacemaker to swapctl. keepalived is stopped on the other machines first, so
 * that none of them is elected when the first machine's stops, and masked, so that none starts at boot. pacemaker is
 * told once for the whole cluster and leaves the addresses where they are.
 */
export const takeOverSteps = (context: Context, after: readonly string[]): readonly Step[] => {
  const [first, ...others] = membersOf(context.config, 'source') as [SideMachine, ...SideMachine[]]
  const ids = others.map((name) => idOn(takeOverId, context.config, name))
  return [
    ...others.map((name) => stopStep(context, name, after, false)),
    stopStep(context, first, [...after, ...ids], true),
  ]
}

const stopStep = (context: Context, name: SideMachine, after: readonly string[], first: boolean): Step => ({
  id: idOn(takeOverId, context.config, name),
  phase: 'cutover',
  title: first
    ? `Stop the manager of the addresses on ${said(name)} and keep the addresses there`
    : `Stop the manager of the addresses on ${said(name)}`,
  after,
  changes: [name],
  run: async () => {
    const { vrrp, resources } = await askStoppable(context, name)
    const managers = first ? resources.map(({ id }) => exec(name, ...managing(id, 'false'))) : []
    if (vrrp === undefined) return managers
    return [...managers, ...(first ? [takeOver(name, vrrp, await askPlaces(context, name))] : halt(name, vrrp))]
  },
  undo: async () => {
    const { vrrp, resources } = await askStoppable(context, name)
    const managers = first ? resources.flatMap((one) => managingAgain(one).map((argv) => willing(name, argv))) : []
    if (vrrp === undefined) return managers
    return [...(first ? giveBack(name, vrrp, await askPlaces(context, name)) : wake(name, vrrp)), ...managers]
  },
  proof: async () => {
    const { vrrp, resources } = await askHeld(context.hosts(name), context.config.addresses)
    if (vrrp !== undefined)
      throw new SwapError(
        name,
        'a keepalived that sets the addresses is running',
        `Find out what starts it: systemctl status ${vrrp.unit}`,
      )
    const [still] = first ? resources : []
    if (still !== undefined)
      throw new SwapError(
        name,
        `pacemaker still manages ${still.id}`,
        `Find out why: crm_resource --resource ${still.id} --query-xml`,
      )
    return first ? proveHeld(context, name) : `nothing sets the addresses on ${said(name)}`
  },
})

/** The last of these steps: whoever waits for it waits for all of them. */
export const takenOver: readonly string[] = [takeOverId]

const askStoppable = async ({ config, hosts }: Context, name: SideMachine): Promise<Held> => {
  const held = await askHeld(hosts(name), config.addresses)
  if (held.vrrp?.refused === undefined) return held
  throw refuse(
    name,
    `keepalived sets the addresses and cannot be stopped: ${held.vrrp.refused}`,
    'swapctl check tells what to do',
  )
}

const askPlaces = async ({ config, hosts }: Context, name: SideMachine): Promise<readonly Place[]> =>
  placesOnSource(await askLinks(hosts(name)), config.addresses)

/**
 * One program, which continues if the connection breaks. The loopback has the addresses before keepalived removes them
 * from the interface, so the machine never stops answering for them.
 */
const takeOver = (on: SideMachine, { unit }: Vrrp, all: readonly Place[]): Action =>
  announcing(
    on,
    [holdOnLoopback, `unit=${quote(unit)}`, stop, add, letLoopbackGo].join('\n'),
    ['vrrp', ...places(all)],
    120,
  )

/** Seconds until a backup elects itself: three intervals and part of one (RFC 5798, 6.1: Master_Down_Interval). */
const electionOf = ({ interval }: Vrrp): number => Math.ceil(interval * 4) + 2

/**
 * A manager that does not start again must not stop the rollback: the machine has the addresses without it, and the
 * failure is reported.
 */
const willing = (on: SideMachine, argv: Argv): Action => ({ kind: 'exec', on, argv, limit: 120, mayRefuse: true })

const giveBack = (on: SideMachine, vrrp: Vrrp, all: readonly Place[]): readonly Action[] => {
  const election = electionOf(vrrp)
  const words = ['vrrp', ...places(all)]
  const program = [
    `unit=${quote(vrrp.unit)} election=${election}`,
    start,
    `if test -n "$late"; then\n${add}\nfi`,
    letLoopbackGo,
    'test -z "$late" || { echo "$unit has not set the addresses, which are set without it: journalctl -u $unit" >&2; exit 1; }',
  ].join('\n')
  return [
    { kind: 'exec', on, argv: ['sh', '-ec', holdOnLoopback, ...words], limit: 30 },
    exec(on, 'systemctl', 'unmask', '--quiet', vrrp.unit),
    { ...announcing(on, program, words, election * 3 + 120), mayRefuse: true },
  ]
}

const halt = (on: SideMachine, { unit }: Vrrp): readonly Action[] => [
  { kind: 'exec', on, argv: ['systemctl', 'stop', unit], limit: 120 },
  exec(on, 'systemctl', 'mask', '--quiet', unit),
]

const wake = (on: SideMachine, { unit }: Vrrp): readonly Action[] => [
  exec(on, 'systemctl', 'unmask', '--quiet', unit),
  willing(on, ['systemctl', 'start', unit]),
]

/**
 * A cluster member missing from the settings is elected when the others are gone, and then answers for the addresses as
 * well.
 */
const proveHeld = async ({ config, hosts }: Context, name: SideMachine): Promise<string> => {
  const links = await askLinks(hosts(name))
  placesOnSource(links, config.addresses)
  for (const { address, sourceInterface } of config.addresses) {
    const others = await askHolders(hosts(name), address, sourceInterface)
    if (others.length > 0)
      throw new SwapError(
        address,
        `is also claimed by ${others.join(', ')}: a member of its VRRP group without a [source] section`,
        'Add that machine to the settings. Until then: swapctl revert',
      )
  }
  return `${config.addresses.map(({ address }) => address).join(', ')}: on ${said(name)}, the only machine that answers for them`
}
