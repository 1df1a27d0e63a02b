import type { Check, CheckContext } from '../../source/check.ts'

/** Something about a machine that is read without changing it: what is found is one line each, the rest is data. */
export interface HostCheck {
  /** 'target/port-taken': never renamed, operators accept it by name */
  readonly id: string
  readonly level: Check['level']
  readonly title: string
  /** where the rule comes from: manual page, release note, bug, known failure number of the field */
  readonly source: string
  readonly remedy: string
  /** what was found; nothing when all is well */
  readonly look: (context: CheckContext) => Promise<readonly string[]>
}

export const asCheck = ({ id, level, title, source, remedy, look }: HostCheck): Check => ({
  id,
  level,
  title,
  source,
  ask: async (context) => (await look(context)).map((says) => ({ level, says, remedy })),
})
