import { type Kept, soft } from '../kept.ts'

export const glanceKept: readonly Kept[] = [soft('image', 'glance', 'images', 't.id', 't.name')]

export const glanceOwn: readonly string[] = ['cached_images', 'node_reference']
