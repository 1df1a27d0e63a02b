import { type Kept, soft } from '../kept.ts'

/** What users keep in glance: reported when a revert would lose it. */
export const glanceKept: readonly Kept[] = [soft('image', 'glance', 'images', 't.id', 't.name')]

/**
 * Tables that the service writes by itself: heartbeats, recounted usage, caches, locks. A revert loses nothing in them.
 */
export const glanceOwn: readonly string[] = ['cached_images', 'node_reference']
