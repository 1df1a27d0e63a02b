import { fileSystems } from '../ask/facts.ts'
import { ask } from '../ask/question.ts'
import type { Context } from '../context.ts'
import { refuse } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Recipe } from '../services/recipe.ts'
import { readable } from '../text/units.ts'
import { databasesOf } from '../verify/schema-tried.ts'

/** The rows, and what the server writes while it loads them and rebuilds tables. */
const factor = 2

/** Bytes of MariaDB's own files in a database without rows. */
const least = 50e6

/** Refuses (exit code 2) when the copies of these services do not fit where the target's MariaDB keeps its data. */
export const refuseFull = async (context: Context, recipes: readonly Recipe[]): Promise<void> => {
  const databases = recipes.flatMap((recipe) => databasesOf(context, recipe).map((one) => one.name))
  if (databases.length === 0) return
  const [now] = await withDatabase(context.hosts('source'), { readOnly: true }, (db) =>
    db.rows<{ bytes: string | number | null }>(
      `SELECT SUM(data_length + index_length) AS bytes FROM information_schema.tables WHERE table_schema IN (${databases.map(() => '?').join(', ')})`,
      databases,
    ),
  )
  const needed = Number(now?.bytes ?? 0) * factor + least
  const target = context.hosts('target')
  const [kept] = await withDatabase(target, { readOnly: true }, (db) =>
    db.rows<{ path: string }>('SELECT @@datadir AS path'),
  )
  const [system] = await ask(target, fileSystems([kept?.path ?? '/var/lib/mysql']))
  const free = system?.free ?? 0
  if (needed <= free) return
  throw refuse(
    'target',
    `a rehearsal of ${databases.join(', ')} needs ${readable(needed)} in ${kept?.path}, and ${readable(free)} are free on ${system?.mount}`,
    'Free space there, or rehearse fewer services at a time: swapctl rehearse --service NAME. Nothing was changed',
  )
}
