import type { Step } from './step.ts'

interface Standing {
  /** ids, in the order of the plan */
  readonly done: readonly Step['id'][]
  readonly of: number
  readonly next: Pick<Step, 'id' | 'title'> | undefined
}

const shown = 8

/**
 * What an operator who has stopped a command wants to know: how far it is (the last steps by name; `swapctl status`
 * has all of them), and what comes next.
 */
export const stoppedText = (what: string, { done, of, next }: Standing, verb = 'done'): string =>
  [
    what,
    `${done.length} of ${of} steps are ${verb}${done.length === 0 ? '' : `: ${done.length > shown ? '..., ' : ''}${done.slice(-shown).join(', ')}`}`,
    ...(next === undefined ? [] : [`next: ${next.id}  ${next.title}`]),
  ].join('\n  ')

/** Rejects with what `why` says once the signal is there; never settles without one. */
export const whenAborted = (signal: AbortSignal | undefined, why: () => Error): Promise<never> =>
  new Promise((_, reject) => {
    if (signal?.aborted === true) reject(why())
    else signal?.addEventListener('abort', () => reject(why()), { once: true })
  })
