import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'

/** How often the operator's files are looked for, in milliseconds. */
const every = 200

export const readyId = 'cutover/ready'

export interface ReadyOptions {
  /** as long as this file is there, swapctl waits in front of the move */
  readonly postponeFile?: string
  /** aborted: whatever waits stops waiting */
  readonly signal?: AbortSignal
  /** called when it is postponed no longer */
  readonly ready?: () => Promise<unknown>
}

/** Everything is ready; the operator says by a file when not yet. The time that both sides are given begins after it. */
export const readyStep = (after: readonly string[], options: ReadyOptions): Step => ({
  id: readyId,
  phase: 'cutover',
  title: 'Wait before the move while the operator postpones it',
  after,
  changes: [],
  run: nothing,
  undo: nothing,
  proof: async (progress) => {
    const says = await whilePostponed(options, progress)
    await options.ready?.()
    return says
  },
})

const whilePostponed = async (
  { postponeFile, signal }: ReadyOptions,
  progress?: (text: string) => void,
): Promise<string> => {
  if (postponeFile === undefined || !existsSync(postponeFile)) return 'not postponed'
  const began = Date.now()
  while (existsSync(postponeFile)) {
    if (signal?.aborted === true)
      throw new SwapError('cutover', 'stopped while postponed; nothing was moved', 'Run the same command again')
    progress?.(`everything is ready; postponed while ${postponeFile} exists`)
    await sleep(every)
  }
  return `postponed for ${((Date.now() - began) / 1000).toFixed(0)} s`
}

export interface Panic {
  /** aborted when the file was seen */
  readonly signal: AbortSignal
  dispose(): void
}

/** Looks for a file until disposed. `late` tells that it does not matter any more. */
export const watchPanic = (path: string | undefined, late: () => boolean): Panic => {
  const controller = new AbortController()
  const look = (): void => {
    if (path !== undefined && !late() && existsSync(path)) controller.abort()
  }
  const timer = setInterval(look, every)
  look()
  return { signal: controller.signal, dispose: () => clearInterval(timer) }
}
