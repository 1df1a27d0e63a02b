/** A row as the database gave it: the key, the columns of the table's rule, what else it reads. */
export type Row = Readonly<Record<string, unknown>>

/** A fixup's parameters, as they stand in the plan and the journal. Structured ones are JSON text. */
export type Args = Readonly<Record<string, string>>

export interface Where {
  readonly sql: string
  readonly params: readonly (string | number)[]
}

/** What one fixup does to one table. Tables and columns that a release does not have are skipped. */
export interface FixupTable {
  readonly table: string
  /** a table that only the meant service's database has: `services` is in nova's and in cinder's */
  readonly beside: string
  /** the primary key, one column */
  readonly key: string
  /** what `rewrite` may change; a release that has none of them has nothing to do */
  readonly columns: readonly string[]
  /** what `rewrite` also looks at */
  readonly reads?: readonly string[]
  /** the candidates, roughly: `rewrite` decides */
  where(args: Args): Where
  /**
   * What a rewrite usually comes to, as texts to be replaced one after the other. Where `rewrite` makes of a row's only changed
   * column exactly what these make of it, the server replaces them by itself and the new text need not be sent.
   */
  usual?(args: Args): readonly (readonly [from: string, to: string])[]
  /** The same object: leave the row. null: delete it. */
  rewrite(row: Row, args: Args): Row | null
  /** its columns name addresses: a row that still names an old one afterwards is noted, whatever `note` says of it */
  readonly addresses?: true
  /** what an operator must know of this row; counted per text */
  note?(row: Row, args: Args): string | undefined
  /** columns whose new values no other row may already carry: two live rows of one service would quarrel */
  readonly unique?: readonly string[]
}

/** Rewrites rows that name the old controller. Pure but for the tables it names. */
export interface Fixup {
  readonly name: string
  readonly title: string
  readonly tables: readonly FixupTable[]
  /** throws SwapError (exit 2) when the parameters make no sense */
  check(args: Args): void
}

/**
 * Text that holds `needle`, without LIKE's special characters. What has no letters is looked for by its bytes, which takes a tenth of
 * the time that a collation takes; no charset that OpenStack's tables have had spells digits otherwise.
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
