import type { Check, CheckContext } from '../ask/check.ts'
import type { About } from '../engine/about.ts'

/** A check that finds one kind of thing: each finding is one line, and the remedy is the same for all of them. */
export interface HostCheck extends About {
  /** what was found; nothing when all is well */
  readonly look: (context: CheckContext) => Promise<readonly string[]>
}

export const asCheck = ({ look, ...about }: HostCheck): Check => ({
  ...about,
  ask: async (context) => (await look(context)).map((says) => ({ level: about.level, says, remedy: about.remedy })),
})
