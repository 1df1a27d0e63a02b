import type { Recipe } from '../services/recipe.ts'
import type { ListedRow, ListedRows } from './listed-rows.ts'

/** What the APIs list: for 'servers' etc., by id, the members that the swap must not change. */
export type Listing = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** A listing, with the database rows from before and after it was made. */
export interface Taken {
  readonly listing: Listing
  readonly before: ListedRows
  readonly after: ListedRows
}

export interface Followed {
  readonly listing: Listing
  /** what differed from the listing: 'servers b97f... changed', or new, or gone */
  readonly changes: readonly string[]
}

type Thing = Readonly<Record<string, unknown>>

const same = (a: ListedRow | undefined, b: ListedRow | undefined): boolean => JSON.stringify(a) === JSON.stringify(b)

/** Whether there is no sign that values outside the database have changed. */
const sameMark = (old: ListedRow | undefined, row: ListedRow): boolean => old !== undefined && old.mark === row.mark

/**
 * The members, in the recipe's order, of a resource whose row has changed. Where the API shows a value other than its
 * column and the column has not changed, the API's value stays; members that no column tells are left out and not
 * compared.
 */
const thingOf = (
  listed: Thing | undefined,
  old: ListedRow | undefined,
  row: ListedRow,
  fields: readonly string[],
): Thing => {
  const of = (field: string): readonly (readonly [string, unknown])[] => {
    const shown = listed !== undefined && field in listed && sameMark(old, row) ? [[field, listed[field]] as const] : []
    if (!(field in row.members)) return shown
    const unchanged = JSON.stringify(old?.members[field]) === JSON.stringify(row.members[field])
    return unchanged && shown.length > 0 ? shown : [[field, row.members[field]]]
  }
  return Object.fromEntries(fields.flatMap(of))
}

/** ' changed', and what is no longer known about it. */
const changedText = (thing: Thing, fields: readonly string[], how: string): string => {
  const unknown = fields.filter((field) => !(field in thing))
  return unknown.length === 0 ? how : `${how} (${unknown.join(', ')} unknown, not compared)`
}

const followList = (
  listed: Readonly<Record<string, unknown>>,
  rows: { readonly before: Readonly<Record<string, ListedRow>>; readonly after: Readonly<Record<string, ListedRow>> },
  now: Readonly<Record<string, ListedRow>>,
  fields: readonly string[],
) => {
  const things: Record<string, unknown> = {}
  const changed: string[] = []
  const still = (id: string) => same(rows.before[id], now[id]) && same(rows.after[id], now[id])
  for (const [id, thing] of Object.entries(listed)) {
    const row = now[id]
    const seen = rows.before[id] ?? rows.after[id]
    // An id without a row in any table comes from elsewhere (LDAP users) and stays as listed.
    if (row === undefined && seen === undefined) things[id] = thing
    else if (row === undefined) changed.push(`${id} gone`)
    else if (still(id)) things[id] = thing
    else {
      const now = thingOf(
        thing as Thing,
        same(rows.before[id], rows.after[id]) ? rows.before[id] : undefined,
        row,
        fields,
      )
      things[id] = now
      if (JSON.stringify(now) !== JSON.stringify(thing)) changed.push(`${id} ${changedText(now, fields, 'changed')}`)
    }
  }
  for (const [id, row] of Object.entries(now)) {
    // A row that existed but was not listed is one that the API does not show.
    if (id in listed || (still(id) && rows.before[id] !== undefined)) continue
    const made = thingOf(undefined, undefined, row, fields)
    things[id] = made
    changed.push(`${id} ${changedText(made, fields, 'new')}`)
  }
  return { things, changed }
}

/**
 * Updates a listing with what has changed in the databases since: the APIs are closed, so the databases decide.
 * Unchanged resources stay as the API showed them, and so do lists without a known table.
 */
export const follow = ({ listing, before, after }: Taken, now: ListedRows, recipes: readonly Recipe[]): Followed => {
  const items = recipes.flatMap(({ inventory }) => inventory)
  const changes: string[] = []
  const followed = Object.entries(listing).map(([what, listed]) => {
    const item = items.find((one) => one.what === what)
    const rows = now[what]
    if (item === undefined || rows === undefined) return [what, listed] as const
    const fields = [...item.fields, ...(item.secrets ?? [])]
    const { things, changed } = followList(
      listed,
      { before: before[what] ?? {}, after: after[what] ?? {} },
      rows,
      fields,
    )
    changes.push(...changed.map((text) => `${what} ${text}`))
    return [what, things] as const
  })
  return { listing: Object.fromEntries(followed), changes }
}
