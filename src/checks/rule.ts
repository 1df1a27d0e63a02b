import type { Check, Said } from '../source/check.ts'

export type Side = 'source' | 'target'
export const sides: readonly Side[] = ['source', 'target']

/** Asks both sides at once. */
export const both = async (look: (side: Side) => Promise<readonly Said[]>): Promise<readonly Said[]> =>
  (await Promise.all(sides.map(look))).flat()

/** One line of a list of checks. */
export const rule = (id: string, level: Check['level'], title: string, source: string, ask: Check['ask']): Check => ({
  id,
  level,
  title,
  source,
  ask,
})
