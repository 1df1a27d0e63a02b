import { withDatabase } from '../../hosts/db.ts'
import { count } from '../../releases/count.ts'
import type { Check, CheckContext, Said } from '../../source/check.ts'
import type { Survey } from '../../survey.ts'
import { cinderRows } from './cinder.ts'
import { linkRows } from './links.ts'
import { neutronRows } from './neutron.ts'
import { novaRows } from './nova.ts'
import { otherRows } from './others.ts'
import { pendingRows } from './pending.ts'
import type { RowCheck } from './row-check.ts'
import { serviceRows } from './services.ts'

export const rowData: readonly RowCheck[] = [
  ...novaRows,
  ...cinderRows,
  ...neutronRows,
  ...otherRows,
  ...serviceRows,
  ...linkRows,
  ...pendingRows,
]

/** Databases by their line of revisions, over all services: nova_cell0 and nova are of one line, and the cell comes last. */
const places = (survey: Survey): Readonly<Record<string, string>> =>
  Object.fromEntries(survey.services.flatMap(({ databases }) => databases.map(({ repo, name }) => [repo, name])))

/** Asks one question of every database of its line. Columns that a schema does not have are no finding. */
export const askRows = async (check: RowCheck, { survey, hosts }: CheckContext): Promise<readonly Said[]> => {
  const found = survey.services.flatMap(({ databases }) => databases.filter(({ repo }) => repo === check.repo))
  if (found.length === 0) return []
  return withDatabase(hosts('source'), { readOnly: true }, async (db) => {
    const said: Said[] = []
    for (const { name } of found) {
      const answer = await count(db, check.asks, { ...places(survey), '': name })
      if (answer === undefined || answer.rows === 0) continue
      const { level, remedy } = check
      said.push({ level, says: `${name}: ${answer.rows} ${check.rows} (${answer.examples.join(', ')})`, remedy })
    }
    return said
  })
}

/** Rows of the source's databases that somebody should look at before they are carried over. */
export const rowChecks: readonly Check[] = rowData.map((check) => ({
  id: check.id,
  level: check.level,
  title: check.title,
  source: check.source,
  ask: (context) => askRows(check, context),
}))
