import { type Db, withDatabase } from '../hosts/db.ts'
import { text } from '../releases/sql.ts'
import type { CheckContext, Said } from '../source/check.ts'

/** Asks the source's server about all databases that will be carried (an SQL list); nothing when there are none. */
export const onSource = async (
  { survey, hosts }: CheckContext,
  look: (db: Db, databases: string) => Promise<readonly Said[]>,
): Promise<readonly Said[]> => {
  const databases = survey.services.flatMap((service) => service.databases.map((one) => one.name))
  if (databases.length === 0) return []
  return withDatabase(hosts('source'), { readOnly: true }, (db) => look(db, databases.map(text).join(', ')))
}

export const some = (names: readonly string[]): string =>
  `${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`

/** A row of one column. */
export interface Named {
  readonly name: string
}
