import type { Context } from '../context.ts'
import type { About } from '../engine/about.ts'
import type { Entry } from '../engine/journal.ts'
import type { Finding } from '../engine/step.ts'
import { SwapError } from '../errors.ts'

export interface CheckContext extends Context {
  /** the operator allows the target's service databases to be dropped */
  readonly recreate: boolean
  /** the journal says that this swap has claimed its target before */
  readonly claimed: boolean
  /** what the journal holds, where a check goes by it */
  readonly entries?: readonly Entry[]
}

/** One thing that has to be right before anything is changed: a line in one of the lists of checks. Asks, never changes. */
export interface Check extends About {
  readonly ask: (context: CheckContext) => Promise<readonly Message[]>
}

/** A finding, before it is known which check it belongs to. */
export type Message = Omit<Finding, 'id'>

export const block = (says: string, remedy: string): Message => ({ level: 'block', says, remedy })
export const warn = (says: string, remedy: string): Message => ({ level: 'warn', says, remedy })

/** Seconds that a check may take, the turns of the others at the same database among them. */
const patience = 300

/**
 * Asks every check, side by side, and gives what all of them found, in the order of the list. One that cannot be asked, or
 * does not end, blocks: nobody knows what it would have said.
 */
export const askChecks = async (
  checks: readonly Check[],
  context: CheckContext,
  seconds: number = patience,
): Promise<readonly Finding[]> => {
  const answers = await Promise.all(
    checks.map((check) => within(check, context, seconds).catch((error) => [failed(check, error)])),
  )
  return checks.flatMap(({ id }, index) => (answers[index] ?? []).map((said) => ({ ...said, id })))
}

const within = async (check: Check, context: CheckContext, seconds: number): Promise<readonly Message[]> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const remedy = 'Find out why the machine or its MariaDB is slow, then run swapctl check again'
    timer = setTimeout(() => reject(new SwapError(check.id, `no answer after ${seconds} s`, remedy)), seconds * 1000)
  })
  try {
    return await Promise.race([check.ask(context), late])
  } finally {
    clearTimeout(timer)
  }
}

const failed = (check: Check, error: unknown): Message => {
  if (error instanceof SwapError) return block(`${check.title}: ${error.where}: ${error.message}`, error.next)
  return block(
    `${check.title}: ${String(error)}`,
    'This is a bug in swapctl: report it; the other checks are not affected',
  )
}
