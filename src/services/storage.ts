import type { RepoName } from '../releases/repo.ts'

/** What a service keeps on the controller beside its databases and settings. */
export type Storage = FileStorage | LvmStorage

/** A question to a database; in the SQL {images} is a table of it. Asked only where the database has all of `needs`. */
export interface Rows {
  readonly repo: RepoName
  readonly needs: readonly string[]
  readonly sql: string
}

/**
 * A tree of files, copied with owner and mode. Whether both controllers have the very same tree (a share that both mount)
 * is no matter of data: migrate finds it out, and leaves such a tree alone.
 */
export interface FileStorage {
  readonly kind: 'file'
  /** where it is when no option says otherwise */
  readonly path: string
  readonly owner: string
  readonly secret?: boolean
  /** options of the service's first config file that name its directory, or several, each with ':PRIORITY' after it */
  readonly options: readonly (readonly [section: string, name: string])[]
  /** an option that lists sections by type, 'fast:file, slow:rbd': those of this type have the option `name` each */
  readonly sections?: {
    readonly by: readonly [section: string, name: string]
    readonly type: string
    readonly name: string
  }
  /** the option whose value (absent: '') says that the service cannot work without files there, and what they are */
  readonly filled?: { readonly what: string; readonly when: readonly [section: string, name: string, value: RegExp] }
  /** rows `it` of a database that say which files there must be: 'file://' URLs, or the SHA-1 of what is in them */
  readonly expects?: Rows & { readonly as: 'url' | 'sha1'; readonly what: string }
  /** rows `it` (what) and `n` (how many) that lie in no file: not carried */
  readonly others?: Rows
}

/** Logical volumes, one for each row; copied byte for byte into a group of the same name. */
export interface LvmStorage {
  readonly kind: 'lvm'
  readonly repo: RepoName
  /** the option that lists the sections of the backends; the options of a lone one are in [DEFAULT] */
  readonly backends: readonly [section: string, name: string]
  /** the section of what all backends have in common */
  readonly common: string
  /** the commands by which an operator deletes a volume whose data is lost */
  readonly discard: string
  /** drivers that keep volumes in LVM */
  readonly driver: RegExp
  /** names of the options, the newest first, and what is meant where none of them is set */
  readonly options: {
    readonly driver: readonly [names: readonly string[], value: string]
    readonly group: readonly [names: readonly string[], value: string]
    readonly helper: readonly [names: readonly string[], value: string]
    /** of one backend, before that of [DEFAULT] */
    readonly host: readonly string[]
  }
  /**
   * Selects `id` (in the name of its volume) and `made` (1: there has to be one). {hosts} stands for the hosts of the
   * backends, 'src@lvm', one after another.
   */
  readonly ids: readonly string[]
}
