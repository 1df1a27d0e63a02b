import type { Database } from './recipe.ts'

/** Live rows of one table or of joined tables, in every database of a repository: for nova in all its cells. */
export interface Rows {
  readonly repo: Database['repo']
  /** '$.ports p JOIN $.ml2_port_bindings b ON b.port_id = p.id': $ stands for the database */
  readonly from: string
  /** SQL expression by which a row is compared; '$name' is the database's name as text */
  readonly key: string
  readonly where?: string
}

/** Rows that refer to others: every `key` of `rows` must be a key of `to`. Without `to`, such rows must not exist. */
export interface Reference {
  /** 'nova/volume': never renamed */
  readonly id: string
  /** each must be on the source and be migrated */
  readonly services: readonly string[]
  /** what a row is, used before its name: 'instance' */
  readonly what: string
  readonly rows: Rows & {
    /** SQL expression that names the row */
    readonly id: string
  }
  readonly to: readonly Rows[]
  /** what a broken row means: 'names volume KEY, which cinder does not have' */
  readonly says: string
}

/** A row with a dangling reference. */
export interface Broken {
  readonly id: string
  readonly key: string
}

/** The old controller's host name in rows; no live row of a controller may have it. */
export const oldHost = '@swapctl_old'

/** Converts to a common charset and collation: databases differ in both, and numbers may be compared with texts. */
export const text = (expression: string): string =>
  `LEFT(CONVERT(${expression} USING utf8mb4), 255) COLLATE utf8mb4_general_ci`
