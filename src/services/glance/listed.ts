import type { Listed } from '../listing.ts'

const image = {
  what: 'images',
  repo: 'glance',
  from: '$.images i',
  id: 'i.id',
  mark: 'i.updated_at',
} as const

const members = {
  name: 'i.name',
  status: 'i.status',
  checksum: 'i.checksum',
  size: { sql: 'i.size', as: 'number' },
} as const

/** The API omits hidden images, and community images without members. */
export const glanceListed: readonly Listed[] = [
  {
    ...image,
    columns: ['visibility', 'os_hidden'],
    where: "i.deleted = 0 AND i.os_hidden = 0 AND i.visibility <> 'community'",
    members: { ...members, visibility: 'i.visibility' },
  },
  {
    ...image,
    columns: ['visibility'],
    unless: 'os_hidden',
    where: "i.deleted = 0 AND i.visibility <> 'community'",
    members: { ...members, visibility: 'i.visibility' },
  },
  {
    ...image,
    columns: ['is_public'],
    unless: 'visibility',
    where: 'i.deleted = 0',
    members: { ...members, visibility: "IF(i.is_public, 'public', 'private')" },
  },
]
