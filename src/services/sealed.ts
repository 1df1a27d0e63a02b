import type { RepoName } from '../releases/repo.ts'

/** Rows that only the service's own code can read, with a key from its settings. */
export interface Sealed {
  /** what they are, in the plural: "projects' keys" */
  readonly what: string
  readonly repo: RepoName
  /** SQL for the rows, each with an `id`; {table} stands for a table of the database */
  readonly sql: string
  /**
   * Python, run as the service's user with its own modules and settings. Reads the rows as a JSON list from stdin, and
   * prints {"opened": number, "closed": [[id, why], ...]}, or {"absent": why} if its modules are not there. Never prints
   * what it opens.
   */
  readonly program: string
  /** where the key is, for messages */
  readonly key: string
}
