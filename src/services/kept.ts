import type { RepoName } from '../releases/repo.ts'

/** A kind of resource, and where its service stores it. Table and column names are those of the target's release. */
export interface Kept {
  readonly what: string
  /** the repository whose databases have it: servers are in every cell */
  readonly repo: RepoName
  readonly table: string
  /** SQL that identifies a resource on both sides; numeric ids are assigned anew */
  readonly id: string
  readonly name: string
  /** SQL for rows that exist for the user, not soft-deleted ones */
  readonly alive?: string
  readonly created?: string
  /** SQL for its machine */
  readonly on?: string
  readonly join?: string
}

/** A kind whose rows are soft-deleted by the column `deleted`. */
export const soft = (what: string, repo: RepoName, table: string, id: string, name: string): Kept => ({
  what,
  repo,
  table,
  id,
  name,
  alive: 't.deleted = 0',
  created: 't.created_at',
})
