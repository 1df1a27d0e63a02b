import type { CheckContext, Message } from '../ask/check.ts'
import { type Db, withDatabase } from '../hosts/db.ts'
import { text } from '../text/sql.ts'

/** Queries the source's server about all databases to be carried over (an SQL list); [] when there are none. */
export const onSource = async (
  { survey, hosts }: CheckContext,
  look: (db: Db, databases: string) => Promise<readonly Message[]>,
): Promise<readonly Message[]> => {
  const databases = survey.services.flatMap((service) => service.databases.map((one) => one.name))
  if (databases.length === 0) return []
  return withDatabase(hosts('source'), { readOnly: true }, (db) => look(db, databases.map(text).join(', ')))
}

/** A row with one column. */
export interface NameRow {
  readonly name: string
}
