import type { RepoName } from '../releases/repo.ts'

/** Where a service records which agents on other machines report to it. The columns have not changed since Grizzly. */
export interface Register {
  readonly repo: RepoName
  readonly table: string
  /** the column with the time of the last report (UTC) */
  readonly seen: string
  /** SQL that selects the relevant rows */
  readonly where: string
}
