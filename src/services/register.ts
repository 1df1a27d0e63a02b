import type { RepoName } from '../releases/repo.ts'

/** Where a service keeps who reports to it from other machines. The columns are the same from Grizzly to now. */
export interface Register {
  readonly repo: RepoName
  readonly table: string
  /** the column of the last report (UTC) */
  readonly seen: string
  /** SQL: which rows count */
  readonly where: string
}
