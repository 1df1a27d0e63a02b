import type { Reference } from '../references-rule.ts'
import { cinder } from './cinder.ts'
import { neutron } from './neutron.ts'
import { nova } from './nova.ts'
import { glance, heat, keystone, placement } from './others.ts'

/** What rows of one service say of rows of another, or of their own where no foreign key holds them. */
export const references: readonly Reference[] = [
  ...nova,
  ...cinder,
  ...neutron,
  ...placement,
  ...glance,
  ...heat,
  ...keystone,
]
