import { withDatabase } from '../hosts/db.ts'
import type { Blocker } from '../releases/blocker.ts'
import { blockers } from '../releases/blockers/index.ts'
import { askBlockers } from '../releases/blockers.ts'
import { findRelease } from '../releases/release.ts'
import type { Check, Said } from '../source/check.ts'
import { besideOf } from '../source/databases.ts'

/** Asked of every database of its line on whose way through the hops the migration lies. */
const askFor =
  (blocker: Blocker): Check['ask'] =>
  async ({ survey, hosts }) => {
    const found = survey.services.flatMap(({ databases }) =>
      databases.filter(({ repo, hops }) => repo === blocker.repo && hops.length > 0).map((one) => ({ one, databases })),
    )
    if (found.length === 0) return []
    return withDatabase(hosts('source'), { readOnly: true }, async (db) => {
      const said: Said[] = []
      for (const { one, databases } of found) {
        const where = { repo: one.repo, revision: one.revision, database: one.name, beside: besideOf(databases) }
        const chain = one.hops.map((hop) => findRelease(hop))
        said.push(...(await askBlockers(db, where, chain, [blocker])))
      }
      return said
    })
  }

/** Every migration known to refuse or lose rows, asked of the source before the window (known failure P22). */
export const migrationChecks: readonly Check[] = blockers.map((blocker) => ({
  id: blocker.id,
  level: blocker.level,
  title: `Migration that stops at ${blocker.rows}`,
  source: blocker.source,
  ask: askFor(blocker),
}))
