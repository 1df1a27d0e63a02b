import { block, type Check, type CheckContext, warn } from '../../ask/check.ts'
import { askRunning } from '../../cost/guests.ts'
import { withDatabase } from '../../hosts/db.ts'
import { readDatabaseUrl } from '../../text/database-url.ts'
import { name } from '../../text/sql.ts'
import { get, parse } from '../../transfer/oslo-conf.ts'
import { readText } from '../../transfer/read-text.ts'
import type { Database } from '../recipe.ts'
import { cellChecks } from './checks-cells.ts'

const databasesOf = ({ survey }: CheckContext, repo: Database['repo']): readonly string[] =>
  survey.services.flatMap(({ databases }) => databases.filter((one) => one.repo === repo).map((one) => one.name))

/** The database in [placement_database] connection of the source's nova; only nova 18 (rocky) reads that option. */
const placementDatabase = async ({ recipes, hosts }: CheckContext): Promise<string | undefined> => {
  const recipe = recipes.find((one) => one.databases.some(({ repo }) => repo === 'nova_api'))
  for (const { path } of recipe?.files ?? []) {
    const url = get(parse((await readText(hosts('source'), path)) ?? '', path), 'placement_database', 'connection')
    const database = url === undefined ? undefined : readDatabaseUrl(url).meant?.database
    if (database !== undefined) return database
  }
  return undefined
}

/** Number of resource providers in each database that has placement's tables. */
const placements = (context: CheckContext): Promise<ReadonlyMap<string, number>> =>
  withDatabase(context.hosts('source'), { readOnly: true }, async (db) => {
    const found = new Map<string, number>()
    const having = await db.rows<{ s: string }>(
      `SELECT table_schema AS s FROM information_schema.tables
       WHERE table_name = 'resource_providers' AND table_type = 'BASE TABLE' ORDER BY s`,
    )
    for (const { s } of having) {
      const [row] = await db.rows<{ n: string }>(`SELECT COUNT(*) AS n FROM ${name(s, 'resource_providers')}`)
      found.set(s, Number(row?.n))
    }
    return found
  })

const splitFirst =
  "Split it off on the old controller first: placement's own guide, upgrade/to-stein (mysql-migrate-db.sh), with its package. If you disable it instead, the target will have neither providers nor allocations"

/**
 * Placement served by nova's own package, in nova_api or in the database that [placement_database] names. Up to stein
 * it had no package and so is not in the survey; no later release reads it there. Tables left after a split are not
 * used.
 */
const split: Check['ask'] = async (context) => {
  const own = databasesOf(context, 'nova_api')
  if (own.length === 0 || databasesOf(context, 'placement').length > 0) return []
  const [named, found] = await Promise.all([placementDatabase(context), placements(context)])
  return [...found]
    .filter(([database, rows]) => rows > 0 || database === named)
    .map(([database, rows]) =>
      block(
        own.includes(database)
          ? `${rows} resource providers are in ${database}; placement has no separate database`
          : `placement is in ${database} (${rows} resource providers) but its package is not installed: swapctl would not copy it`,
        splitFirst,
      ),
    )
}

/** Uuids that no live row of nova has. */
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
              `${machine.name} has guests that nova has deleted or does not know: ${shown}`,
              'Check each one there (virsh dominfo) and remove it: no controller will, and it keeps its memory and addresses',
            ),
          ]
    }),
  )
  return found.flat()
}

/** nova's view of its servers, and where it stores what it no longer needs. */
export const novaChecks: readonly Check[] = [
  {
    id: 'placement/inside-nova',
    level: 'block',
    title: 'placement has a separate database',
    source: 'placement documentation, upgrade/to-stein',
    why: 'Providers and allocations would be missing on the target.',
    remedy: "Split placement off on the old controller first (placement's upgrade/to-stein guide).",
    ask: split,
  },
  {
    id: 'compute/stray-guests',
    level: 'warn',
    title: 'nova knows every guest on the computes',
    source: 'nova [DEFAULT] running_deleted_instance_action',
    why: 'No controller removes such a guest: it keeps its memory and addresses.',
    remedy: 'Check the guest there (virsh dominfo) and remove it.',
    ask: guests,
  },
  ...cellChecks,
]
