import { block, type Check, type CheckContext } from '../../ask/check.ts'
import { rewriteCell } from '../../fixups/cell-mappings.ts'
import { fillTemplate } from '../../fixups/cell-template.ts'
import { type CellMapping, type CellSettings, unreadableCells } from '../../fixups/cells-lead-to.ts'
import { cellSettings, strayCells, strayRemedy } from '../../fixups/steps.ts'
import { askThings } from '../../hops/revision.ts'
import { withDatabase } from '../../hosts/db.ts'
import { addressArgs } from '../../rewrite/address-map.ts'
import { readDatabaseUrl } from '../../text/database-url.ts'
import { name } from '../../text/sql.ts'

interface Cells {
  readonly rows: readonly CellMapping[]
  readonly settings: CellSettings
}

/** The source's cells, and the settings that fill their templates; none before ocata. */
const askCells = async ({ survey, hosts, recipes }: CheckContext): Promise<Cells> => {
  const found = survey.services.flatMap(({ name: service, databases }) =>
    databases.filter(({ repo }) => repo === 'nova_api').map((database) => ({ service, database: database.name })),
  )
  const [own] = found
  if (own === undefined) return { rows: [], settings: {} }
  const recipe = recipes.find((one) => one.name === own.service)
  const [rows, settings] = await Promise.all([
    withDatabase(hosts('source'), { readOnly: true }, async (db) =>
      (await askThings(db, own.database, ['cell_mappings'])).has('cell_mappings')
        ? db.rows<CellMapping>(
            `SELECT uuid, name, transport_url, database_connection FROM ${name(own.database, 'cell_mappings')} ORDER BY id`,
          )
        : [],
    ),
    recipe === undefined ? {} : cellSettings(hosts('source'), recipe),
  ])
  return { rows, settings }
}

const unreadable: Check['ask'] = async (context) => {
  const { rows, settings } = await askCells(context)
  return unreadableCells(rows, settings).map((says) =>
    block(says, 'On the old controller: nova-manage cell_v2 update_cell --cell_uuid UUID with a URL that can be read'),
  )
}

/**
 * The same question as the proof in the window asks of the copy: does every URL, with its addresses replaced by the
 * target's, lead there?
 */
const stray: Check['ask'] = async (context) => {
  const { rows, settings } = await askCells(context)
  if (rows.length === 0) return []
  const args = addressArgs(context.config.counterparts)
  const moved = rows.map((row) => rewriteCell({ ...row }, args) as unknown as CellMapping)
  const theirs = rewriteCell({ ...settings }, args) as CellSettings
  const told = unreadableCells(moved, theirs)
  return (await strayCells(context, moved, theirs))
    .filter((one) => !told.includes(one))
    .map((says) => block(`${says}, which is not the target`, strayRemedy))
}

/** The database in a cell's URL; never anything that precedes the host. */
const databaseOf = ({ database_connection: url }: CellMapping, settings: CellSettings): string | undefined =>
  url === null ? undefined : readDatabaseUrl(fillTemplate(url, settings.database_connection).url).meant?.database

const elsewhere: Check['ask'] = async (context) => {
  const { rows, settings } = await askCells(context)
  const carried = new Set(
    context.survey.services.flatMap(({ databases }) =>
      databases.filter(({ repo }) => repo === 'nova').map((database) => database.name),
    ),
  )
  return rows.flatMap((row) => {
    const database = databaseOf(row, settings)
    return database === undefined || carried.has(database)
      ? []
      : [
          block(
            `cell ${row.name ?? row.uuid} keeps its servers in ${database}, a database that swapctl does not copy`,
            'swapctl supports cell0 and one cell: move a further cell by hand, with its own controller',
          ),
        ]
  })
}

/** Whether the URLs of nova's cells can be parsed, where they lead, and whether that becomes the target. */
export const cellChecks: readonly Check[] = [
  {
    id: 'nova/stray-cells',
    level: 'block',
    title: 'The cell URLs point to the target after the rewrite',
    source: 'nova/context.py target_cell: nova-manage upgrades the database that a URL names, wherever it is',
    why: "nova on the target would write to another machine's database or queue.",
    remedy:
      'Fix the URL of the cell on the old controller with nova-manage cell_v2 update_cell, or add a [counterpart].',
    ask: stray,
  },
  {
    id: 'nova/other-cells',
    level: 'block',
    title: 'Each cell is in a database that swapctl copies',
    source: 'nova/objects/cell_mapping.py: a cell is in the database of its database_connection',
    why: 'The servers of that cell would be missing on the new controller.',
    remedy: 'Move the further cell by hand, with its own controller.',
    ask: elsewhere,
  },
  {
    id: 'nova/cell-urls',
    level: 'block',
    title: 'The URLs of the cells can be read',
    source: 'nova/objects/cell_mapping.py _format_url; sqlalchemy/engine/url.py since 1.4; oslo_messaging/transport.py',
    why: 'swapctl could not rewrite the URL, and nova would keep using the old controller.',
    remedy: 'On the old controller run nova-manage cell_v2 update_cell with a URL whose password is quoted.',
    ask: unreadable,
  },
]
