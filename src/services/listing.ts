import type { Database } from './recipe.ts'

/** How a column's value is converted to what the API shows. */
export type Shown =
  | 'text'
  | 'flag'
  | 'number'
  /** lines joined by GROUP_CONCAT with a line feed */
  | 'list'
  /** lines of 'key=value' */
  | 'pairs'
  /** a member of JSON in the column: 'json:name' */
  | `json:${string}`
  /** the entries that the list of this name also has: 'among:servers' */
  | `among:${string}`

export interface Member {
  /** an SQL expression; $ stands for the database */
  readonly sql: string
  /** 'text' when absent */
  readonly as?: Shown
}

/** Where the database holds what an API lists: changes between the listing and the freeze are read from there. */
export interface Listed {
  /** `what` of the recipe's list */
  readonly what: string
  readonly repo: Database['repo']
  /** '$.instances i': $ stands for the database; the first table must have `columns` */
  readonly from: string
  /** must exist: a release without them stores the list elsewhere */
  readonly columns: readonly string[]
  /** a column that a newer release has instead */
  readonly unless?: string
  /** SQL for the id in the API */
  readonly id: string
  readonly where?: string
  /** SQL that changes whenever the row does: reveals a status that came and went */
  readonly mark?: string
  /** by API name; members missing here are unknown for a changed row */
  readonly members: Readonly<Record<string, Member | string>>
}

/** The lines of a subselect, in order of creation. */
export const linesOf = (expression: string, rest: string, order: string): Member => ({
  sql: `(SELECT GROUP_CONCAT(${expression} ORDER BY ${order} SEPARATOR '\\n') FROM ${rest})`,
  as: 'list',
})
