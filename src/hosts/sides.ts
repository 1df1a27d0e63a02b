import type { Config, Machine, SideMachines } from '../config.ts'
import type { HostName, SideMachine, SideName } from './host.ts'

type Sides = Readonly<Record<SideName, SideMachines>>

/**
 * The first machine of a side: what all machines of a side have in common is read there, what is done once is done
 * there.
 */
export const firstOf = (config: Sides, side: SideName): Machine => config[side].machines[0]

/** A machine of a side as steps, actions and the journal name it: 'source' for a plain [source], else 'source:ctl1'. */
export const nameOn = <Side extends SideName>(side: Side, { name }: Pick<Machine, 'name'>): SideMachine<Side> =>
  name === side ? side : `${side}:${name}`

export const firstName = <Side extends SideName>(config: Sides, side: Side): SideMachine<Side> =>
  nameOn(side, firstOf(config, side))

export const membersOf = <Side extends SideName>(config: Sides, side: Side): readonly SideMachine<Side>[] =>
  config[side].machines.map((machine) => nameOn(side, machine))

/** A machine's own name: 'ctl1' of 'source:ctl1', 'cmp1' of 'compute:cmp1', 'source' of 'source'. */
export const ownName = (name: HostName): string => name.slice(name.indexOf(':') + 1)

/** The section of the settings that describes a machine: 'source', 'source ctl1', 'compute cmp1'. */
export const sectionOf = (name: HostName): string => name.replace(':', ' ')

/** The machines reached by ssh, with the names that the operator reads. */
export const reached = (
  config: Pick<Config, 'source' | 'target' | 'computes'>,
): readonly { readonly name: SideMachine | `compute:${string}`; readonly machine: Machine }[] => [
  ...(['source', 'target'] as const).flatMap((side) =>
    config[side].machines.map((machine) => ({ name: nameOn(side, machine), machine })),
  ),
  ...config.computes.map((machine) => ({ name: `compute:${machine.name}` as const, machine })),
]

/** A machine of a side in words: 'the source', 'ctl2 of the source'. */
export const said = (name: SideMachine): string => {
  const [side = '', own] = name.split(/:(.*)/s)
  return own === undefined ? `the ${side}` : `${own} of the ${side}`
}

/**
 * The id of a step that is listed once for each machine of a side: 'SERVICE/stop' for the first, 'SERVICE/stop@ctl2'
 * for another.
 */
export const idOn = (id: string, config: Sides, name: SideMachine): string => {
  const at = membersOf(config, name.startsWith('source') ? 'source' : 'target').indexOf(name)
  return at <= 0 ? id : `${id}@${ownName(name)}`
}

/** The ids of a step that is listed once for each machine of the side. */
export const idsOn = (id: string, config: Sides, side: SideName): readonly string[] =>
  membersOf(config, side).map((name) => idOn(id, config, name))
