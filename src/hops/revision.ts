import type { RepoName } from '../releases/repo.ts'
import { repoNamed } from '../services/index.ts'
import { type Asker, name, text } from '../text/sql.ts'

/**
 * A database's schema revision, one word per version row, in this order:
 * - alembic rows unchanged, sorted: ['5c85685d616d', 'I38991de2b4']. Rows that sqlalchemy-migrate left are then history
 * and not shown (nova, cinder, glance and heat keep them).
 * - otherwise migrate_version: the number of the service's own repository, then every other one with its name: ['109',
 * 'contract 79', 'data_migrate 79', 'expand 79']
 * - tables but no version row: ['unversioned havana'] when the tables reveal the release, else ['unversioned']
 * - no table: []
 */
export type Revision = readonly string[]

/** Content of a database's version tables; `things` are its tables and columns ('ports', 'ports.id'). */
export interface VersionRows {
  readonly migrate: readonly { readonly repository: string; readonly version: number }[]
  readonly alembic: readonly string[]
  readonly things: ReadonlySet<string>
}

const unversioned = (repo: RepoName, things: ReadonlySet<string>): Revision => {
  if (things.size === 0) return []
  const sign = repoNamed(repo).unversioned
  const told = sign?.has.every((thing) => things.has(thing)) && !sign.lacks.some((thing) => things.has(thing))
  return [told ? `unversioned ${sign?.release}` : 'unversioned']
}

/** The revision in this notation. */
export const revisionOf = (repo: RepoName, rows: VersionRows): Revision => {
  if (rows.alembic.length > 0) return [...rows.alembic].sort()
  const words = repoNamed(repo).migrate
  const numbers = rows.migrate.map((row) => `${words[row.repository] ?? row.repository} ${row.version}`.trim()).sort()
  return numbers.length > 0 ? numbers : unversioned(repo, rows.things)
}

/**
 * Tables ('ports') and columns ('ports.id') of a database, or of some of its tables. Asking first makes a missing table
 * an answer rather than an error.
 */
export const askThings = async (
  db: Asker,
  database: string,
  tables?: readonly string[],
): Promise<ReadonlySet<string>> => {
  const only = tables ? ` AND TABLE_NAME IN (${tables.map(text).join(', ')})` : ''
  const where = `TABLE_SCHEMA = ${text(database)}${only}`
  const rows = await db.rows(`SELECT TABLE_NAME AS t, COLUMN_NAME AS c FROM information_schema.COLUMNS WHERE ${where}`)
  return new Set(rows.flatMap(({ t, c }) => [String(t), `${t}.${c}`]))
}

/** Reads a database's revision; [] for a database that does not exist or is empty. */
export const askRevision = async (db: Asker, repo: RepoName, database: string): Promise<Revision> => {
  const things = await askThings(db, database)
  const rows = async (table: string, columns: string) =>
    things.has(table) ? db.rows(`SELECT ${columns} FROM ${name(database, table)}`) : []
  const migrate = await rows('migrate_version', '`repository_id` AS r, `version` AS v')
  const alembic = await rows('alembic_version', '`version_num` AS v')
  return revisionOf(repo, {
    migrate: migrate.map(({ r, v }) => ({ repository: String(r), version: Number(v) })),
    alembic: alembic.map(({ v }) => String(v)),
    things,
  })
}
