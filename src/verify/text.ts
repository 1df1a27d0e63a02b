import type { Difference } from './difference.ts'

/** 'nova.instances: says', and how to look at it on a line of its own. */
export const differenceText = ({ where, says, look }: Difference): string => `${where}: ${says}\n      look: ${look}`
