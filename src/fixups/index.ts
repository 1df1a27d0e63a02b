import { refuse } from '../errors.ts'
import type { Fixup } from '../rewrite/fixup.ts'
import { services } from '../services/index.ts'
import { cellMappings } from './cell-mappings.ts'

/**
 * Fixups of the same name in several services become one rule with all their tables, which are told apart by `beside`.
 */
const merged = (all: readonly Fixup[]): Readonly<Record<string, Fixup>> => {
  const found: Record<string, Fixup> = {}
  for (const fixup of all) {
    const known = found[fixup.name]
    found[fixup.name] = known === undefined ? fixup : { ...known, tables: [...known.tables, ...fixup.tables] }
  }
  return found
}

/** Every fixup, by its name in plans, journals and recipes. */
export const fixups: Readonly<Record<string, Fixup>> = merged([
  cellMappings,
  ...services.flatMap((service) => service.fixups ?? []),
])

/** Throws SwapError (exit 2) when there is no such rule. */
export const fixupNamed = (name: string): Fixup => {
  const fixup = fixups[name]
  if (fixup) return fixup
  throw refuse('fixup', `no such fixup: '${name}'`, `Fixups: ${Object.keys(fixups).join(', ')}`)
}
