import type { Context } from '../context.ts'

/** One thing that a preflight looks at. */
export interface Check {
  /** 'neutron/duplicate-agents': never renamed, operators accept it by name */
  readonly id: string
  readonly level: 'block' | 'warn'
  readonly title: string
  /** where the rule comes from: release note, migration file, bug, known failure number of the field */
  readonly source: string
  readonly remedy: string
  /** when it can be asked: both sides are there from the beginning, the databases too */
  readonly before: readonly ('prepare' | 'migrate')[]
  /** what was found, one line each; nothing when all is well */
  readonly look: (context: Context) => Promise<readonly string[]>
}
