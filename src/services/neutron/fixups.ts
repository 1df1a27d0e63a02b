import type { Fixup } from '../../rewrite/fixup.ts'
import { removedAgents, staleServices } from '../../rewrite/stale.ts'

/** Bindings to a deleted agent are deleted with it (ON DELETE CASCADE) and scheduled again. */
export const neutronFixups: readonly Fixup[] = [staleServices([removedAgents('agents', 'ports')])]
