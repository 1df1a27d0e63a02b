/** A kind of operation that a service may have under way, and how its database shows it. */
export interface Operation {
  readonly what: string
  readonly database: string
  readonly table: string
  readonly columns: readonly string[]
  /** selects id, name and state of everything still in progress */
  readonly sql: string
}
