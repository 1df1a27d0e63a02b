import type { Fixup } from '../../rewrite/fixup.ts'
import { removedAgents, staleServices } from '../../rewrite/stale.ts'

/** Bindings to a deleted agent go with it (ON DELETE CASCADE) and are scheduled anew. */
export const neutronFixups: readonly Fixup[] = [staleServices([removedAgents('agents', 'ports')])]
