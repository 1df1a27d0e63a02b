import type { Difference } from './difference.ts'

/** 'nova.instances: says', with the command to look at it on a second line. */
export const differenceText = ({ where, says, look }: Difference): string => `${where}: ${says}\n      look: ${look}`
