import type { Step } from './step.ts'

interface Standing {
  /** ids, in plan order */
  readonly done: readonly Step['id'][]
  readonly of: number
  readonly next: Pick<Step, 'id' | 'title'> | undefined
}

const shown = 8

/**
 * What an operator wants to know after stopping a command: how far it got (the last steps by name; `swapctl status`
 * lists all) and what comes next.
 */
export const stoppedText = (what: string, { done, of, next }: Standing, verb = 'done'): string =>
  [
    what,
    `${done.length} of ${of} steps are ${verb}${done.length === 0 ? '' : `: ${done.length > shown ? '..., ' : ''}${done.slice(-shown).join(', ')}`}`,
    ...(next === undefined ? [] : [`next: ${next.id}  ${next.title}`]),
  ].join('\n  ')

/** Rejects with the error of `why` once the signal is aborted; without a signal it never settles. */
export const whenAborted = (signal: AbortSignal | undefined, why: () => Error): Promise<never> =>
  new Promise((_, reject) => {
    if (signal?.aborted === true) reject(why())
    else signal?.addEventListener('abort', () => reject(why()), { once: true })
  })
