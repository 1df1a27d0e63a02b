import { SwapError } from '../../errors.ts'
import { type HostName, isSide } from '../../hosts/host.ts'
import { perform, type Tools } from '../perform.ts'
import type { Action } from '../step.ts'
import type { Setting } from './command.ts'
import { machinesOf } from './leftovers.ts'

/** Machines that are neither side nor this one: a step needs none of them. */
export const besides = (machines: readonly HostName[]): readonly HostName[] => machines.filter((name) => !isSide(name))

/**
 * Performs an action. One that acts only on machines beside the two sides stops nothing when it fails: resolves with
 * what is left to do there then. Throws SwapError as `perform` does for every other.
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
