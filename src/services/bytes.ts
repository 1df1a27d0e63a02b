import type { RepoName } from '../releases/repo.ts'

/** Files of a service of which its rows know size and digest: what they hold is compared. */
export interface Bytes {
  /** of the proof: 'SERVICE/image-bytes', never renamed */
  readonly id: string
  /** what a row is, before its name: 'image' */
  readonly what: string
  readonly repo: RepoName
  /** SQL for `id`, `size`, `value` (a file:// URL) and `checksum` (MD5, hexadecimal); {} is the database, {digest} as below */
  readonly sql: string
  /** a better digest, where there is a column of this name: what {digest} is then, with `algorithm` and `hash` */
  readonly digest: { readonly table: string; readonly column: string; readonly sql: string }
  /** what an operator looks at; ID is the row's */
  readonly look: string
}
