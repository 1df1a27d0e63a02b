/** An operation that a service may have under way, and how its database tells. */
export interface Operation {
  readonly what: string
  readonly database: string
  readonly table: string
  readonly columns: readonly string[]
  /** selects id, name and state of what is still being worked on */
  readonly sql: string
}
