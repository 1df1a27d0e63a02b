import type { Listed } from '../listing.ts'

/** The API lists only stacks of the admin's own project, and no nested ones. */
export const heatListed: readonly Listed[] = [
  {
    what: 'stacks',
    repo: 'heat',
    from: '$.stack s',
    columns: ['owner_id', 'tenant', 'action'],
    id: 's.id',
    where: 's.deleted_at IS NULL AND s.owner_id IS NULL AND s.tenant = @project',
    mark: 's.updated_at',
    members: { stack_name: 's.name', stack_status: "CONCAT(s.action, '_', s.status)" },
  },
]
