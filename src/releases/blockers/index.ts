import type { Blocker } from '../blocker.ts'
import { cinderBlockers } from './cinder.ts'
import { neutronBlockers } from './neutron.ts'
import { novaApiBlockers, novaBlockers } from './nova.ts'
import { otherBlockers } from './others.ts'

/** Every migration known to refuse or lose rows. */
export const blockers: readonly Blocker[] = [
  ...novaBlockers,
  ...novaApiBlockers,
  ...cinderBlockers,
  ...neutronBlockers,
  ...otherBlockers,
]
