import type { Allowed } from '../schema-compare.ts'

export const allowedDifferences: readonly Allowed[] = []
