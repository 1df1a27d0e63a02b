import type { Database } from './recipe.ts'

/** How a column's value becomes what the API shows. */
export type Shown =
  | 'text'
  | 'flag'
  | 'number'
  /** lines, as GROUP_CONCAT with a line end makes them */
  | 'list'
  /** lines of 'key=value' */
  | 'pairs'
  /** a member of the JSON in the column: 'json:name' */
  | `json:${string}`
  /** the part of a list that the list of this name has: 'among:servers' */
  | `among:${string}`

export interface Member {
  /** an expression; $ stands for the database */
  readonly sql: string
  /** 'text' when absent */
  readonly as?: Shown
}

/** Where the database has what an API lists: what changes after the listing and before the freeze is read there. */
export interface Listed {
  /** the `what` of the recipe's list */
  readonly what: string
  readonly repo: Database['repo']
  /** '$.instances i': $ stands for the database, the first table has the columns below */
  readonly from: string
  /** these must exist: a release without them keeps it elsewhere */
  readonly columns: readonly string[]
  /** one that a newer release has instead */
  readonly unless?: string
  /** what the API names a thing by */
  readonly id: string
  readonly where?: string
  /** changes whenever the row does: a status that came and went is seen by it */
  readonly mark?: string
  /** by the names that the API has; what is not here is not known of a row that changed */
  readonly members: Readonly<Record<string, Member | string>>
}

/** Lines of a subselect, in the order in which they were made. */
export const linesOf = (expression: string, rest: string, order: string): Member => ({
  sql: `(SELECT GROUP_CONCAT(${expression} ORDER BY ${order} SEPARATOR '\\n') FROM ${rest})`,
  as: 'list',
})
