import { existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'

/** Milliseconds between two looks for the operator's files. */
const every = 200

export const readyId = 'cutover/ready'

export interface ReadyOptions {
  /** as long as this file exists, swapctl waits before the move */
  readonly postponeFile?: string
  /** aborted: waiting ends */
  readonly signal?: AbortSignal
  /** called when the wait is over */
  readonly ready?: () => Promise<unknown>
}

/** Waits before the move for as long as the operator's file exists. The rollback timers start after it. */
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
  /** aborted when the file appears */
  readonly signal: AbortSignal
  dispose(): void
}

/** Looks for a file until disposed. `late`: tells whether the file no longer has an effect. */
export const watchPanic = (path: string | undefined, late: () => boolean): Panic => {
  const controller = new AbortController()
  const look = (): void => {
    if (path !== undefined && !late() && existsSync(path)) controller.abort()
  }
  const timer = setInterval(look, every)
  look()
  return { signal: controller.signal, dispose: () => clearInterval(timer) }
}
