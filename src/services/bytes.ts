import type { RepoName } from '../releases/repo.ts'

/** Files of a service whose size and digest are in its rows: their content is compared. */
export interface Bytes {
  /** id of the proof: 'SERVICE/image-bytes', never renamed */
  readonly id: string
  /** what a row is, used before its name: 'image' */
  readonly what: string
  readonly repo: RepoName
  /** SQL for `id`, `size`, `value` (a file:// URL) and `checksum` (MD5, hexadecimal); {} is the database, {digest} as below */
  readonly sql: string
  /** a better digest, if this column exists: {digest} then stands for `sql`, which gives `algorithm` and `hash` */
  readonly digest: { readonly table: string; readonly column: string; readonly sql: string }
  /** a command that shows the row; ID is the row's */
  readonly look: string
}
