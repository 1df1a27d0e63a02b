import { type Allowed, oldVersions } from '../allowed.ts'

export const glanceAllowed: readonly Allowed[] = [oldVersions('glance')]
