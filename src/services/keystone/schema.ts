import { type Allowed, oldVersions } from '../allowed.ts'

/** Harmless differences between a database upgraded through the releases and one created from scratch. */
export const keystoneAllowed: readonly Allowed[] = [oldVersions('keystone')]
