import type { RepoName } from '../releases/repo.ts'

/** A kind of resource, and where its service keeps it. Names of tables and columns are those of the target's release. */
export interface Kept {
  readonly what: string
  /** the line of schema revisions whose databases have it: servers are in every cell */
  readonly repo: RepoName
  readonly table: string
  /** SQL for what tells one from another on both sides: ids that are numbers are given anew */
  readonly id: string
  readonly name: string
  /** rows that are there for the user, not soft-deleted ones */
  readonly alive?: string
  readonly created?: string
  /** SQL for the machine it is on */
  readonly on?: string
  readonly join?: string
}

/** A kind whose rows are deleted by a mark in the column `deleted`. */
export const soft = (what: string, repo: RepoName, table: string, id: string, name: string): Kept => ({
  what,
  repo,
  table,
  id,
  name,
  alive: 't.deleted = 0',
  created: 't.created_at',
})
