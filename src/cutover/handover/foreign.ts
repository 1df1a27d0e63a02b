import type { Context } from '../../context.ts'
import { nothing, type Step } from '../../engine/step.ts'
import { SwapError } from '../../errors.ts'
import { type Connection, connectionText, foreignConnections } from './connections.ts'
import { sshPorts } from './fence-rules.ts'

const ownAddresses = ({ survey, config }: Context): readonly string[] =>
  survey.source.addresses
    .map((it) => it.address)
    .filter((address) => !/^(127\.|::1$)/.test(address) && !config.addresses.some((it) => it.address === address))

/** Connections from the old controller to the new one, except ssh. */
export const askForeign = (context: Context): Promise<readonly Connection[]> =>
  foreignConnections(context.hosts('target'), ownAddresses(context), sshPorts(context))

/**
 * Services left running on the old controller would follow the address: nothing there may talk to the new controller.
 */
export const foreignStep = (context: Context, after: readonly string[]): Step => ({
  id: 'cutover/strangers',
  phase: 'cutover',
  title: 'Check that nothing on the old controller is connected to the new queue, database or cache',
  after,
  changes: [],
  run: nothing,
  undo: nothing,
  proof: async () => {
    const found = await askForeign(context)
    if (found.length > 0)
      throw new SwapError(
        'target',
        `connected from the old controller: ${found.map(connectionText).join(', ')}`,
        'Find the programs on the source (ss -tnp) and stop them',
      )
    return `no connection from ${ownAddresses(context).join(', ')}`
  },
})
