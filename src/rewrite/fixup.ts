/** A row from the database: its key, the rule's columns, and other columns that it reads. */
export type Row = Readonly<Record<string, unknown>>

/** A fixup's parameters, as in plan and journal. Structured ones are JSON text. */
export type Args = Readonly<Record<string, string>>

export interface Where {
  readonly sql: string
  readonly params: readonly (string | number)[]
}

/** What a fixup does to one table. Tables and columns that a release does not have are skipped. */
export interface FixupTable {
  readonly table: string
  /** another table of the same database that identifies its service: both nova and cinder have `services` */
  readonly beside: string
  /** the primary key, one column */
  readonly key: string
  /** columns that `rewrite` may change; without any of them there is nothing to do */
  readonly columns: readonly string[]
  /** further columns that `rewrite` reads */
  readonly reads?: readonly string[]
  /** SQL that preselects candidates; `rewrite` decides */
  where(args: Args): Where
  /**
   * what a rewrite usually amounts to, as successive text replacements. If these give exactly what `rewrite` gives for
   * a row's only changed column, the server performs them and the new text need not be sent.
   */
  usual?(args: Args): readonly (readonly [from: string, to: string])[]
  /** the same object: leave the row; null: delete it */
  rewrite(row: Row, args: Args): Row | null
  /** its columns name addresses: a row that still names an old one afterwards is reported, whatever `note` returns */
  readonly addresses?: true
  /** what an operator must know about this row; counted per text */
  note?(row: Row, args: Args): string | undefined
  /** columns whose new values must not exist in another row: two live rows of one service would conflict */
  readonly unique?: readonly string[]
}

/** Rewrites rows that name the old controller. Pure apart from its tables. */
export interface Fixup {
  readonly name: string
  readonly title: string
  readonly tables: readonly FixupTable[]
  /** throws SwapError (exit 2) when the parameters are invalid */
  check(args: Args): void
}

/**
 * Matches text that contains `needle`, without LIKE's wildcards. A needle without letters is compared as bytes, ten
 * times faster than with a collation; no charset of OpenStack's tables spells digits differently.
 */
export const contains = (column: string, needles: readonly string[]): Where => ({
  sql:
    needles.length === 0 ? 'FALSE' : needles.map((needle) => `LOCATE(?, ${inBytes(column, needle)}) > 0`).join(' OR '),
  params: needles,
})

const inBytes = (column: string, needle: string): string =>
  /^[\d.:]+$/.test(needle) ? `CAST(${column} AS BINARY)` : column

export const anyOf = (...parts: readonly Where[]): Where => ({
  sql: parts.map((part) => `(${part.sql})`).join(' OR '),
  params: parts.flatMap((part) => part.params),
})
