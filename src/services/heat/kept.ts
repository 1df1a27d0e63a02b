import type { Kept } from '../kept.ts'

/** What users keep in heat: reported when a revert would lose it. */
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

/**
 * Tables that the service writes by itself: heartbeats, recounted usage, caches, locks. A revert loses nothing in them.
 */
export const heatOwn: readonly string[] = ['service', 'stack_lock', 'sync_point']
