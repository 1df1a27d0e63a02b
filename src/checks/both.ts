import type { CheckContext, Message } from '../ask/check.ts'
import type { SideMachine } from '../hosts/host.ts'
import { membersOf } from '../hosts/sides.ts'
import { sides } from './once.ts'

export type Side = (typeof sides)[number]

export const both = async (look: (side: Side) => Promise<readonly Message[]>): Promise<readonly Message[]> =>
  (await Promise.all(sides.map(look))).flat()

export const everySource = async (
  { config }: Pick<CheckContext, 'config'>,
  look: (name: SideMachine<'source'>) => Promise<readonly Message[]>,
): Promise<readonly Message[]> => (await Promise.all(membersOf(config, 'source').map(look))).flat()

export const everyMachine = async (
  { config }: Pick<CheckContext, 'config'>,
  look: (name: SideMachine) => Promise<readonly Message[]>,
): Promise<readonly Message[]> =>
  (await Promise.all([...membersOf(config, 'source'), ...membersOf(config, 'target')].map(look))).flat()
