import type { Check, CheckContext } from '../ask/check.ts'
import type { About } from '../engine/about.ts'

/** A check with one kind of finding: one line each, with the same remedy. */
export interface HostCheck extends About {
  /** the findings; empty when all is well */
  readonly look: (context: CheckContext) => Promise<readonly string[]>
}

export const asCheck = ({ look, ...about }: HostCheck): Check => ({
  ...about,
  ask: async (context) => (await look(context)).map((says) => ({ level: about.level, says, remedy: about.remedy })),
})
