import type { Context } from '../context.ts'
import type { About } from '../engine/about.ts'
import type { Entry } from '../engine/journal.ts'
import type { Finding } from '../engine/step.ts'
import { SwapError } from '../errors.ts'

export interface CheckContext extends Context {
  /** the operator allows swapctl to drop service databases on the target */
  readonly recreate: boolean
  /** the journal says that this swap has already claimed its target */
  readonly claimed: boolean
  /** the journal, for checks that depend on it */
  readonly entries?: readonly Entry[]
}

/** A condition that must hold before anything is changed; an entry in one of the lists of checks. Reads only. */
export interface Check extends About {
  readonly ask: (context: CheckContext) => Promise<readonly Message[]>
}

/** A finding without the id of its check. */
export type Message = Omit<Finding, 'id'>

export const block = (says: string, remedy: string): Message => ({ level: 'block', says, remedy })
export const warn = (says: string, remedy: string): Message => ({ level: 'warn', says, remedy })

/** Seconds for one check, including the wait for others that query the same database. */
const patience = 300

/**
 * Runs all checks in parallel and returns their findings in list order. A check that fails or does not end is a
 * blocking finding, because its result is unknown.
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
