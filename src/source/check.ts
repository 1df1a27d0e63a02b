import type { Context } from '../context.ts'
import type { Finding } from '../engine/step.ts'
import { SwapError } from '../errors.ts'

export interface CheckContext extends Context {
  /** the operator allows the target's service databases to be dropped */
  readonly recreate: boolean
  /** the journal says that this swap has claimed its target before */
  readonly claimed: boolean
}

/** One thing that has to be right before anything is changed: a line in one of the lists of checks. Asks, never changes. */
export interface Check {
  /** 'target/disk': names its findings; never renamed */
  readonly id: string
  /** the worst it can find */
  readonly level: Finding['level']
  readonly title: string
  /** where the rule comes from: release note, code, bug, or what it protects */
  readonly source: string
  readonly ask: (context: CheckContext) => Promise<readonly Said[]>
}

/** A finding, before it is known which check it belongs to. */
export type Said = Omit<Finding, 'id'>

export const block = (says: string, remedy: string): Said => ({ level: 'block', says, remedy })
export const warn = (says: string, remedy: string): Said => ({ level: 'warn', says, remedy })

/** Asks every check, side by side, and gives what all of them found, in the order of the list; one that cannot be asked blocks. */
export const askChecks = async (checks: readonly Check[], context: CheckContext): Promise<readonly Finding[]> => {
  const answers = await Promise.all(checks.map((check) => check.ask(context).catch((error) => [failed(check, error)])))
  return checks.flatMap(({ id }, index) => (answers[index] ?? []).map((said) => ({ id, ...said })))
}

const failed = (check: Check, error: unknown): Said => {
  if (!(error instanceof SwapError)) throw error
  return block(`${check.title}: ${error.where}: ${error.message}`, error.next)
}
