import { type Reference, type Rows, text } from '../services/reference.ts'
import { name as identifier } from '../text/sql.ts'

/** Databases by repository; several where a service has more than one of a kind. */
export type Names = Readonly<Partial<Record<Rows['repo'], readonly string[]>>>

/** Maximum rows per rule: nobody reads more, and memory stays bounded. */
export const mostRows = 20_000

const literal = (name: string): string => `'${name.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

/** In a single pass, because a name may contain a $. */
const fill = (part: string, name: string): string =>
  part.replaceAll(/\$(name\b|(?=\.))/g, (_, quoted) => (quoted === '' ? identifier(name) : literal(name)))

const selects = (rows: Rows & { readonly id?: string }, names: Names): readonly string[] =>
  (names[rows.repo] ?? []).map((name) => {
    const columns = [...(rows.id === undefined ? [] : [`${text(rows.id)} AS id`]), `${text(rows.key)} AS k`]
    const where = rows.where === undefined ? '' : ` WHERE ${rows.where}`
    return fill(`SELECT ${columns.join(', ')} FROM ${rows.from}${where}`, name)
  })

/** Whether every database that a rule needs exists: an old release has no cells and no placement. */
export const isAskable = ({ rows, to }: Reference, names: Names): boolean =>
  [rows, ...to].every(({ repo }) => (names[repo] ?? []).length > 0)

/** Makes the server materialise the known keys once; by itself it may evaluate the subquery per row. */
export const gatherOnce = "SET SESSION optimizer_switch = 'in_to_exists=off,materialization=on'"

/** SQL for the broken rows; no rows when all is well. */
export const brokenSql = ({ rows, to }: Reference, names: Names): string => {
  const from = selects(rows, names).join(' UNION ALL ')
  const known = to.flatMap((one) => selects(one, names)).join(' UNION ALL ')
  const miss = known === '' ? '' : ` AND f.k NOT IN (SELECT t.k FROM (${known}) t WHERE t.k IS NOT NULL)`
  return `SELECT DISTINCT f.id AS id, f.k AS \`key\` FROM (${from}) f WHERE f.k IS NOT NULL${miss} ORDER BY f.id, f.k LIMIT ${mostRows + 1}`
}
