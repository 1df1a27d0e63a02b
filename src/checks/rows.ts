import type { Check, CheckContext, Message } from '../ask/check.ts'
import { count } from '../hops/count.ts'
import { withDatabase } from '../hosts/db.ts'
import { findRelease, releaseNamed } from '../releases/release.ts'
import { rowData } from '../services/index.ts'
import type { RowCheck } from '../services/row-check.ts'
import type { Survey } from '../survey.ts'

/** Databases by repository, over all services: nova_cell0 and nova share one, and the cell comes last. */
const places = (survey: Survey): Readonly<Record<string, string>> =>
  Object.fromEntries(survey.services.flatMap(({ databases }) => databases.map(({ repo, name }) => [repo, name])))

/** Runs a query on every database of its repository. Missing columns are not a finding. */
export const askRows = async (
  check: RowCheck,
  { config, survey, hosts }: CheckContext,
): Promise<readonly Message[]> => {
  if (check.since !== undefined && findRelease(config.release).index < releaseNamed(check.since).index) return []
  const found = survey.services.flatMap(({ databases }) => databases.filter(({ repo }) => repo === check.repo))
  if (found.length === 0) return []
  return withDatabase(hosts('source'), { readOnly: true }, async (db) => {
    const said: Message[] = []
    for (const { name } of found) {
      const answer = await count(db, check.asks, { ...places(survey), '': name })
      if (answer === undefined || answer.rows === 0) continue
      const { level, remedy } = check
      said.push({ level, says: `${name}: ${answer.rows} ${check.rows} (${answer.examples.join(', ')})`, remedy })
    }
    return said
  })
}

/** Rows of the source's databases that an operator should look at before they are carried over. */
export const rowChecks: readonly Check[] = rowData.map((check) => {
  const { repo, rows, asks, since, ...about } = check
  return { ...about, ask: (context) => askRows(check, context) }
})
