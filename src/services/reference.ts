import type { Database } from './recipe.ts'

/** Living rows of one table, or of tables joined, in every database of a repository: nova's in all of its cells. */
export interface Rows {
  readonly repo: Database['repo']
  /** '$.ports p JOIN $.ml2_port_bindings b ON b.port_id = p.id': $ stands for the database */
  readonly from: string
  /** what one row is compared by: an expression, in '$name' the database's name as a text */
  readonly key: string
  readonly where?: string
}

/** Rows that point at others: every `key` of `rows` has to be a key of `to`. With no `to`, such rows must not be at all. */
export interface Reference {
  /** 'nova/volume': never renamed */
  readonly id: string
  /** each must be on the source and be migrated */
  readonly services: readonly string[]
  /** what a row is, before its name: 'instance' */
  readonly what: string
  readonly rows: Rows & {
    /** names the row; an expression */
    readonly id: string
  }
  readonly to: readonly Rows[]
  /** what a broken row means: 'names volume KEY, which cinder does not have' */
  readonly says: string
}

/** A row that leads nowhere. */
export interface Broken {
  readonly id: string
  readonly key: string
}

/** The host name by which the old controller's rows are known, and which no living row of a controller's may have. */
export const oldHost = '@swapctl_old'

/** Texts of two databases differ in charset and collation; numbers and texts may stand for each other. */
export const text = (expression: string): string =>
  `LEFT(CONVERT(${expression} USING utf8mb4), 255) COLLATE utf8mb4_general_ci`
