import { askRunning } from '../cost/guests.ts'
import { withDatabase } from '../hosts/db.ts'
import { askThings } from '../releases/revision.ts'
import { name } from '../releases/sql.ts'
import type { Database } from '../services/recipe.ts'
import { block, type Check, type CheckContext, warn } from '../source/check.ts'
import { rule } from './rule.ts'

const databasesOf = ({ survey }: CheckContext, repo: Database['repo']): readonly string[] =>
  survey.services.flatMap(({ databases }) => databases.filter((one) => one.repo === repo).map((one) => one.name))

/** Until stein placement's tables were nova_api's own; no release since reads them there. */
const split: Check['ask'] = async (context) => {
  const [database] = databasesOf(context, 'nova_api')
  if (database === undefined || databasesOf(context, 'placement').length > 0) return []
  return withDatabase(context.hosts('source'), { readOnly: true }, async (db) => {
    if (!(await askThings(db, database, ['resource_providers'])).has('resource_providers')) return []
    const [row] = await db.rows<{ n: string }>(`SELECT COUNT(*) AS n FROM ${name(database, 'resource_providers')}`)
    return Number(row?.n) === 0
      ? []
      : [
          block(
            `${row?.n} resource providers are in ${database}, and placement has no database of its own`,
            "Split placement off on the old controller first: placement's own guide, upgrade/to-stein, mysql-migrate-db.sh",
          ),
        ]
  })
}

/** Uuids that no living row of nova's has. */
const strays = async (context: CheckContext, uuids: readonly string[]): Promise<readonly string[]> => {
  const databases = databasesOf(context, 'nova')
  if (uuids.length === 0 || databases.length === 0) return []
  return withDatabase(context.hosts('source'), { readOnly: true }, async (db) => {
    const known = new Set<string>()
    for (const database of databases)
      for (const { uuid } of await db.rows<{ uuid: string }>(
        `SELECT uuid FROM ${name(database, 'instances')} WHERE deleted = 0 AND uuid IN (?)`,
        [uuids as unknown as string],
      ))
        known.add(uuid)
    return uuids.filter((uuid) => !known.has(uuid))
  })
}

const guests: Check['ask'] = async (context) => {
  const found = await Promise.all(
    context.config.computes.map(async (machine) => {
      const running = await askRunning(context.hosts(`compute:${machine.name}`), machine.name)
      const lost = await strays(
        context,
        running.guests.map(({ uuid }) => uuid),
      )
      const shown = `${lost.slice(0, 20).join(', ')}${lost.length > 20 ? ` and ${lost.length - 20} more` : ''}`
      return lost.length === 0
        ? []
        : [
            warn(
              `${machine.name} has guests that nova has deleted or never knew: ${shown}`,
              'Look at each there (virsh dominfo) and remove it, or leave it: no controller will, and it holds its memory and addresses',
            ),
          ]
    }),
  )
  return found.flat()
}

/** What nova believes, and where it keeps what has left it. */
export const novaChecks: readonly Check[] = [
  rule(
    'placement/inside-nova',
    'block',
    'A database for placement',
    'placement documentation, upgrade/to-stein; known failure P46',
    split,
  ),
  rule(
    'compute/stray-guests',
    'warn',
    'Guests that no server stands for',
    'nova [DEFAULT] running_deleted_instance_action; known failure P55',
    guests,
  ),
]
