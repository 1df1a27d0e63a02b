import { type Kept, soft } from '../kept.ts'

/** What a user keeps there: told when a revert gives it up. */
export const glanceKept: readonly Kept[] = [soft('image', 'glance', 'images', 't.id', 't.name')]

/** Tables that the service writes on its own account: heartbeats, recounted usage, refreshed caches, locks. A revert loses nothing by them. */
export const glanceOwn: readonly string[] = ['cached_images', 'node_reference']
