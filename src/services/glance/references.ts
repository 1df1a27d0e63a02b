import { owned } from '../keystone/owned.ts'
import { instances } from '../nova/references.ts'
import type { Reference } from '../reference.ts'

export const glanceReferences: readonly Reference[] = [
  {
    id: 'glance/image-location',
    services: ['glance'],
    what: 'image',
    rows: {
      repo: 'glance',
      from: '$.images',
      id: 'id',
      key: 'id',
      where: "deleted = 0 AND status = 'active' AND size > 0",
    },
    to: [{ repo: 'glance', from: '$.image_locations', key: 'image_id', where: 'deleted = 0' }],
    says: 'is active and has no location: it has no bytes',
  },
  {
    id: 'glance/instance-image',
    services: ['nova', 'glance'],
    what: 'instance',
    rows: { ...instances, id: 'uuid', key: 'image_ref', where: "deleted = 0 AND image_ref <> ''" },
    to: [{ repo: 'glance', from: '$.images', key: 'id' }],
    says: 'was made from image KEY, of which glance has no row, not even a deleted one',
  },
  owned('glance', 'image', {
    repo: 'glance',
    from: '$.images',
    id: 'id',
    key: 'owner',
    where: "deleted = 0 AND owner <> ''",
  }),
]
