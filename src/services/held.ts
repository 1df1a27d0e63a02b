import type { RepoName } from '../releases/repo.ts'

/** What a compute holds of a service: guests that run there, disks that it has open. */
export interface Held {
  readonly kind: 'guest' | 'disk'
  readonly repo: RepoName
  /** SQL for `id` and `host` (the compute by the row, '' where it does not matter) of those among ? that the database {} knows */
  readonly select: string
  /** where a compute keeps the files of a guest: the directory of all of them */
  readonly files?: string
}
