import { type Allowed, oldVersions } from '../allowed.ts'

/** What a database that came through the releases has otherwise than one made from nothing, and does no harm. */
export const glanceAllowed: readonly Allowed[] = [oldVersions('glance')]
