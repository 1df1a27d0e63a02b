import { type Allowed, oldVersions } from '../allowed.ts'

export const keystoneAllowed: readonly Allowed[] = [oldVersions('keystone')]
