import { refuse } from '../errors.ts'
import { cellMappings } from './cell-mappings.ts'
import { cinderHost } from './cinder-host.ts'
import type { Fixup } from './fixup.ts'
import { iscsiPortal } from './iscsi-portal.ts'
import { keystoneEndpoints } from './keystone-endpoints.ts'
import { staleServices } from './stale-services.ts'

/** Every rule, by the name it has in plans, journals and recipes. */
export const fixups: Readonly<Record<string, Fixup>> = Object.fromEntries(
  [cellMappings, iscsiPortal, cinderHost, keystoneEndpoints, staleServices].map((fixup) => [fixup.name, fixup]),
)

/** Throws SwapError (exit 2) when there is no such rule. */
export const fixupNamed = (name: string): Fixup => {
  const fixup = fixups[name]
  if (fixup) return fixup
  throw refuse('fixup', `there is no fixup '${name}'`, `There are: ${Object.keys(fixups).join(', ')}`)
}
