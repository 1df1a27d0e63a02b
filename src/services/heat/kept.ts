import type { Kept } from '../kept.ts'

/** What a user keeps there: told when a revert gives it up. */
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

/** Tables that the service writes on its own account: heartbeats, recounted usage, refreshed caches, locks. A revert loses nothing by them. */
export const heatOwn: readonly string[] = ['service', 'stack_lock', 'sync_point']
