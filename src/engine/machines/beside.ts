import { SwapError } from '../../errors.ts'
import { type HostName, isSide } from '../../hosts/host.ts'
import { perform, type Tools } from '../perform.ts'
import type { Action } from '../step.ts'
import type { Setting } from './command.ts'
import { machinesOf } from './leftovers.ts'

/** Machines other than both sides and the operator's own, such as computes. No step depends on them. */
export const besides = (machines: readonly HostName[]): readonly HostName[] => machines.filter((name) => !isSide(name))

/**
 * Performs an action. If it acts only on machines of neither side, a failure stops nothing: resolves with what is left
 * to do there. For every other action throws SwapError as `perform` does.
 */
export const performOrLeave = async (action: Action, tools: Tools, setting: Setting): Promise<string | undefined> => {
  try {
    await perform(action, tools, setting)
    return undefined
  } catch (error) {
    if (!(error instanceof SwapError) || machinesOf([action]).some(isSide)) throw error
    return `${error.where}: ${error.message}. ${error.next}`
  }
}
