import type { Listed } from '../listing.ts'

export const placementListed: readonly Listed[] = [
  {
    what: 'resource providers',
    repo: 'placement',
    from: '$.resource_providers r',
    columns: ['uuid'],
    id: 'r.uuid',
    members: { name: 'r.name' },
  },
]
