import type { Context } from '../context.ts'
import { SwapError } from '../errors.ts'
import { type Db, withDatabase } from '../hosts/db.ts'
import { askLinks, holdingOf } from './addresses.ts'
import { type Kept, kept } from './created-tables.ts'

export interface Thing {
  readonly id: string
  readonly name: string
  /** UTC as the database has it; undefined where the service does not keep it */
  readonly at?: string
}

export interface Created {
  readonly what: string
  readonly database: string
  readonly table: string
  /** on the target, not on the source */
  readonly made: readonly Thing[]
  /** on the source, no longer on the target */
  readonly gone: readonly Thing[]
}

/** What the new controller has accepted that the old one does not know. `notAsked`: why it could not be told. */
export interface CreatedReport {
  readonly resources: readonly Created[]
  readonly notAsked?: string
}

/**
 * Compares the living resources of both sides by their ids, now: the source is frozen, so whatever differs was done on
 * the target. A target that never served, or whose database does not answer, is no reason not to go back: it is told.
 */
export const askCreated = async (context: Context): Promise<CreatedReport> => {
  try {
    const links = await askLinks(context.hosts('target'))
    const serves = context.config.addresses.some((it) => holdingOf(links, it.address).interface !== undefined)
    if (!serves) return { resources: [], notAsked: 'none of the addresses is on the target: nobody is served by it' }
    return { resources: await compareSides(context) }
  } catch (error) {
    if (!(error instanceof SwapError)) throw error
    return { resources: [], notAsked: `${error.where}: ${error.message}` }
  }
}

/** The comparison itself, whoever holds the addresses. */
export const compareSides = (context: Context): Promise<readonly Created[]> =>
  withDatabase(context.hosts('source'), { readOnly: true }, (source) =>
    withDatabase(context.hosts('target'), { readOnly: true }, async (target) => {
      const found: Created[] = []
      for (const { database, kind } of places(context)) {
        const both = (await hasTable(source, database, kind)) && (await hasTable(target, database, kind))
        if (both) found.push(await compareTable(source, target, database, kind))
      }
      return found.filter((one) => one.made.length > 0 || one.gone.length > 0)
    }),
  )

/** Each kind in every database of its repository: servers are in each cell. */
const places = ({ survey }: Context): readonly { readonly database: string; readonly kind: Kept }[] => {
  const databases = survey.services.flatMap((service) => service.databases)
  return kept.flatMap((kind) =>
    databases.filter((it) => it.repo === kind.repo).map(({ name }) => ({ database: name, kind })),
  )
}

const hasTable = async (db: Db, database: string, { table }: Kept): Promise<boolean> =>
  (
    await db.rows('SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?', [
      database,
      table,
    ])
  ).length > 0

const from = (database: string, { table }: Kept): string =>
  `\`${database.replaceAll('`', '``')}\`.\`${table.replaceAll('`', '``')}\` t`

const askIds = async (db: Db, database: string, kind: Kept): Promise<ReadonlySet<string>> => {
  const where = kind.alive === undefined ? '' : ` WHERE ${kind.alive}`
  const rows = await db.rows<{ id: string }>(`SELECT ${kind.id} AS id FROM ${from(database, kind)}${where}`)
  return new Set(rows.map((row) => String(row.id)))
}

const atOnce = 500

const askThings = async (db: Db, database: string, kind: Kept, ids: readonly string[]): Promise<readonly Thing[]> => {
  const things: Thing[] = []
  const join = kind.join?.replace('JOIN ', `JOIN \`${database.replaceAll('`', '``')}\`.`) ?? ''
  for (let index = 0; index < ids.length; index += atOnce) {
    const rows = await db.rows<{ id: string; name: string | null; at: string | null }>(
      `SELECT ${kind.id} AS id, ${kind.name} AS name, ${kind.created ?? 'NULL'} AS at
       FROM ${from(database, kind)} ${join} WHERE ${kind.id} IN (?)${kind.alive === undefined ? '' : ` AND ${kind.alive}`}`,
      [ids.slice(index, index + atOnce) as unknown as string],
    )
    things.push(...rows.map(({ id, name, at }) => ({ id, name: name ?? '', ...(at === null ? {} : { at }) })))
  }
  return things
}

const compareTable = async (source: Db, target: Db, database: string, kind: Kept): Promise<Created> => {
  const [old, now] = await Promise.all([askIds(source, database, kind), askIds(target, database, kind)])
  const made = [...now].filter((id) => !old.has(id))
  const gone = [...old].filter((id) => !now.has(id))
  return {
    what: kind.what,
    database,
    table: kind.table,
    made: await askThings(target, database, kind, made),
    gone: await askThings(source, database, { ...kind, join: '', created: 'NULL', name: plainName(kind) }, gone),
  }
}

/** The source's schema may be years older: of it only the table itself is used. */
const plainName = (kind: Kept): string => (kind.name.startsWith('t.') ? kind.name : "''")

const most = 20

const list = (things: readonly Thing[]): readonly string[] => [
  ...things.slice(0, most).map((it) => `    ${it.id}  ${it.name}${it.at === undefined ? '' : `  (${it.at} UTC)`}`),
  ...(things.length > most ? [`    and ${things.length - most} more`] : []),
]

const part = (resources: readonly Created[], which: 'made' | 'gone', head: string): readonly string[] => {
  const some = resources.filter((one) => one[which].length > 0)
  if (some.length === 0) return []
  return [head, ...some.flatMap((one) => [`  ${one[which].length} x ${one.what}`, ...list(one[which])])]
}

/** What a revert costs, for the operator to read before the word is given. Pure. */
export const createdText = ({ resources, notAsked }: CreatedReport): string => {
  if (notAsked !== undefined) return `What the new controller has accepted was not compared: ${notAsked}`
  const lines = [
    ...part(resources, 'made', 'These were made on the new controller and will not be on the old:'),
    ...part(resources, 'gone', 'These were deleted on the new controller and will be back in the old one’s lists:'),
  ]
  if (lines.length === 0) return 'Nothing was made or deleted on the new controller that the old one does not know'
  return [...lines, 'Changes to resources that both sides have are lost too.'].join('\n')
}
