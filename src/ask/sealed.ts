import { SwapError } from '../errors.ts'
import { askThings } from '../hops/revision.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Host } from '../hosts/host.ts'
import { pythonWith } from '../hosts/python.ts'
import type { Recipe } from '../services/recipe.ts'
import type { Sealed } from '../services/sealed.ts'
import { fill } from '../text/sql.ts'

/** What a service's own code on one machine can open of what it has sealed. */
export interface Opened {
  readonly opened: number
  /** ids of rows that it cannot read, and its error's name */
  readonly closed: readonly (readonly [id: string, why: string])[]
}

/** Seconds for all rows together. */
const limit = 300

/** The tables of the query: a database that lacks one has nothing sealed. */
const tablesOf = ({ sql }: Sealed): readonly string[] => [
  ...new Set([...sql.matchAll(/\{(\w+)\}/g)].map(([, table = '']) => table)),
]

/**
 * Opens with the service's own code and settings on `host` what its database there holds. undefined: its modules are not
 * there. Throws SwapError when the program fails. What is opened stays in that program.
 */
export const askSealed = async (
  host: Host,
  { user }: Pick<Recipe, 'user'>,
  sealed: Sealed,
  database: string,
): Promise<Opened | undefined> => {
  const rows = await withDatabase(host, { readOnly: true }, async (db) => {
    const things = await askThings(db, database, tablesOf(sealed))
    if (!tablesOf(sealed).every((table) => things.has(table))) return []
    return db.rows<object>(fill(sealed.sql, { '': database }))
  })
  if (rows.length === 0) return { opened: 0, closed: [] }
  const argv = ['runuser', '-u', user, '--', 'sh', '-c', pythonWith(sealed.program), 'opens'] as const
  const { code, stdout, stderr } = await host.run({ argv, stdin: JSON.stringify(rows), limit })
  if (code !== 0)
    throw new SwapError(
      host.name,
      `reading ${sealed.what} with the code of ${user} ended with ${code}: ${stderr.trim().split('\n').at(-1)}`,
      `Check that ${user} may read its settings there, then run the same command again`,
    )
  const answer = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Opened | { readonly absent: string }
  return 'absent' in answer ? undefined : answer
}
