import type { RepoName } from '../releases/repo.ts'

/** Data of a service on the controller besides databases and settings. */
export type Storage = FileStorage | LvmStorage

/** A query; {images} in it is a table of the database. Run only where the database has all of `needs`. */
export interface Rows {
  readonly repo: RepoName
  readonly needs: readonly string[]
  readonly sql: string
}

/**
 * A file tree, copied with owner and mode. Whether both controllers mount the same share is not stated here: migrate
 * finds out, and leaves such a tree alone.
 */
export interface FileStorage {
  readonly kind: 'file'
  /** the default path */
  readonly path: string
  readonly owner: string
  readonly secret?: boolean
  /** files that are large and stay as they are: `stage` copies them ahead of the freeze */
  readonly ahead?: true
  /** options in the service's first config file that name the directory, or several, each with ':PRIORITY' */
  readonly options: readonly (readonly [section: string, name: string])[]
  /** an option that lists sections by type, 'fast:file, slow:rbd': each section of this type has the option `name` */
  readonly sections?: {
    readonly by: readonly [section: string, name: string]
    readonly type: string
    readonly name: string
  }
  /** the option whose value (absent: '') says that the service cannot work without files there, and what they are */
  readonly filled?: { readonly what: string; readonly when: readonly [section: string, name: string, value: RegExp] }
  /** rows that say which files must exist (`it`): 'file://' URLs, or the SHA-1 of their content */
  readonly expects?: Rows & { readonly as: 'url' | 'sha1'; readonly what: string }
  /** rows `it` (what) and `n` (how many) of data that is in no file: not copied */
  readonly others?: Rows
}

/** Logical volumes, one per row; copied byte by byte into a group of the same name. */
export interface LvmStorage {
  readonly kind: 'lvm'
  readonly repo: RepoName
  /** the option that lists the backends' sections; a single backend uses [DEFAULT] */
  readonly backends: readonly [section: string, name: string]
  /** the section of options common to all backends */
  readonly common: string
  /** the commands with which an operator deletes a volume whose data is lost */
  readonly discard: string
  /** drivers that keep volumes in LVM */
  readonly driver: RegExp
  /** option names, newest first, and the default */
  readonly options: {
    readonly driver: readonly [names: readonly string[], value: string]
    readonly group: readonly [names: readonly string[], value: string]
    readonly helper: readonly [names: readonly string[], value: string]
    /** of one backend; takes precedence over that of [DEFAULT] */
    readonly host: readonly string[]
  }
  /**
   * Selects `id` (part of its volume's name) and `made` (1: the volume must exist). {hosts} stands for the backends'
   * hosts, 'src@lvm', comma-separated.
   */
  readonly ids: readonly string[]
}
