import type { RepoName } from '../releases/repo.ts'

/** What a compute holds of a service: running guests, open disks. */
export interface Held {
  readonly kind: 'guest' | 'disk'
  readonly repo: RepoName
  /**
   * SQL that selects `id` and `host` (the compute in the row, '' where it does not matter) of those among ? that the
   * database {} knows
   */
  readonly select: string
  /** the directory in which a compute keeps the files of all guests */
  readonly files?: string
}
