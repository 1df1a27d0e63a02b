import type { Kept } from '../kept.ts'

export const heatKept: readonly Kept[] = [
  {
    what: 'stack',
    repo: 'heat',
    table: 'stack',
    id: 't.id',
    name: 't.name',
    alive: 't.deleted_at IS NULL AND t.owner_id IS NULL',
    created: 't.created_at',
  },
]

export const heatOwn: readonly string[] = ['service', 'stack_lock', 'sync_point']
