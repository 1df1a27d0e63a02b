import type { Context } from '../context.ts'
import { type Action, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Host } from '../hosts/host.ts'
import { findRelease } from '../releases/release.ts'
import { addressArgs } from '../rewrite/address-map.ts'
import type { Args } from '../rewrite/fixup.ts'
import type { Database, Recipe } from '../services/recipe.ts'
import { databasesAt } from '../services/tools.ts'
import { get, parse } from '../transfer/oslo-conf.ts'
import { readText } from '../transfer/read-text.ts'
import { previewFixup } from './apply.ts'
import { type CellMapping, type CellSettings, cellHosts, cellsLeadTo } from './cells-lead-to.ts'
import { fixupNamed } from './index.ts'

const fixupAction = (fixup: string, database: string, args: Args): Action => ({
  kind: 'fixup',
  on: 'target',
  database,
  fixup,
  args,
})

/** Rewrites rows that name the old machine, in the copy, once its schema is of the target release. */
export const fixupSteps = (context: Context, recipe: Recipe, after: readonly string[]): readonly Step[] =>
  recipe.fixups.length === 0 ? [] : [fixupStep(context, recipe, after)]

const fixupStep = (context: Context, recipe: Recipe, after: readonly string[]): Step => ({
  id: `${recipe.name}/fixups`,
  phase: 'migrate',
  service: recipe.name,
  title: `Repair rows that name the old controller: ${recipe.fixups.join(', ')}`,
  after,
  changes: ['target'],
  run: async () => {
    const args = await argsOf(context, recipe)
    return recipe.fixups.flatMap((fixup) =>
      databasesOf(context, recipe).map((database) => fixupAction(fixup, database.name, args)),
    )
  },
  undo: nothing,
  proof: async () => proveRepaired(context, recipe, await argsOf(context, recipe)),
})

/** The databases on the target, upgraded by its tools. */
const databasesOf = ({ config }: Context, recipe: Recipe): readonly Database[] =>
  databasesAt(recipe, findRelease(config.release, config.file))

/** One set of parameters for all rules; each uses those it knows. */
const argsOf = async (context: Context, recipe: Recipe): Promise<Args> => {
  const named = await configuredHost(context, recipe)
  return {
    ...addressArgs(context.config.counterparts),
    from: named ?? context.survey.source.hostname,
    to: named ?? context.survey.target.hostname,
    at: new Date().toISOString().slice(0, 19).replace('T', ' '),
  }
}

/** [DEFAULT] host is copied with the config: then the new machine uses the old name, and no row changes. */
export const configuredHost = async (context: Context, recipe: Recipe): Promise<string | undefined> => {
  const path = recipe.files[0]?.path ?? ''
  const { code, stdout } = await context.hosts('source').run({ argv: ['cat', path], limit: 30 })
  return code === 0 ? get(parse(stdout, path), 'DEFAULT', 'host') : undefined
}

/** A second run must find nothing to do. */
const proveRepaired = async (context: Context, recipe: Recipe, args: Args): Promise<string> => {
  const left: string[] = []
  for (const { name } of databasesOf(context, recipe))
    await withDatabase(context.hosts('target'), { readOnly: true }, async (db) => {
      for (const fixup of recipe.fixups)
        for (const table of await previewFixup(db, fixupNamed(fixup), name, args))
          if (table.changed > 0) left.push(`${fixup}: ${table.changed} rows of ${name}.${table.table}`)
    })
  if (left.length > 0)
    throw new SwapError(
      'target',
      `rows still name the old controller: ${left.join(', ')}`,
      'Run the same command again',
    )
  return 'no row names the old controller'
}

/**
 * The service's tools follow its cell mappings, even to the source's database; so before any of them runs the mappings
 * must lead here. `made`: if the database is new, it is asked what the hops have written there.
 */
export const cellsStep = (
  context: Context,
  recipe: Recipe,
  after: readonly string[],
  made?: readonly Step[],
): readonly Step[] => {
  const { cells } = recipe
  if (cells === undefined) return []
  const { database } = cells
  const there = context.survey.services.find((one) => one.name === recipe.name)?.databases ?? []
  const carried = there.some((one) => one.name === database)
  if (made === undefined ? !carried : carried || made.length === 0) return []
  return [
    {
      id: `${recipe.name}/cells`,
      phase: 'migrate',
      service: recipe.name,
      title: 'Point every cell mapping to the target',
      after,
      changes: ['target'],
      run: async () => [fixupAction('cell-mappings', database, addressArgs(context.config.counterparts))],
      undo: nothing,
      proof: () => proveCells(context, recipe, cells),
    },
  ]
}

/**
 * The settings that fill cell templates, from the service's files in recipe order; the last file that sets one counts.
 */
export const cellSettings = async (host: Host, recipe: Recipe): Promise<CellSettings> => {
  const found: { transport_url?: string; database_connection?: string } = {}
  for (const { path } of recipe.files) {
    const file = parse((await readText(host, path)) ?? '', path)
    const [transport, database] = [get(file, 'DEFAULT', 'transport_url'), get(file, 'database', 'connection')]
    if (transport !== undefined) found.transport_url = transport
    if (database !== undefined) found.database_connection = database
  }
  return found
}

const proveCells = async (
  context: Context,
  recipe: Recipe,
  { database, tool }: NonNullable<Recipe['cells']>,
): Promise<string> => {
  const target = context.hosts('target')
  const settings = await cellSettings(target, recipe)
  const rows = await withDatabase(target, { database, readOnly: true }, async (db) => [
    ...(await db.rows<CellMapping>('SELECT uuid, name, transport_url, database_connection FROM cell_mappings')),
  ])
  const wrong = await strayCells(context, rows, settings)
  if (wrong.length > 0)
    throw new SwapError(
      `target, ${database}.cell_mappings`,
      `a cell mapping does not point to the target:\n  ${wrong.join('\n  ')}`,
      `${strayRemedy}. Correct an unreadable URL or template on the source (${tool})`,
    )
  return `${rows.length} cell mappings point to the target`
}

/** What to do about a cell that leads elsewhere. */
export const strayRemedy =
  'Add a [counterpart] or [address] section for that address to the settings, or add the name to /etc/hosts of the target'

/** Cell URLs, as the target has or will have them, that its own resolver does not lead to itself. */
export const strayCells = async (
  context: Context,
  rows: readonly CellMapping[],
  settings: CellSettings,
): Promise<readonly string[]> => {
  const addresses = [
    ...context.survey.target.addresses.map((held) => held.address),
    ...context.config.addresses.map((moving) => moving.address),
  ]
  const resolved: Record<string, readonly string[]> = {}
  for (const host of cellHosts(rows, settings)) resolved[host] = await resolve(context, host)
  return cellsLeadTo(rows, { addresses, resolved, settings })
}

const resolve = async (context: Context, host: string): Promise<readonly string[]> => {
  const { stdout } = await context.hosts('target').run({ argv: ['getent', 'ahosts', host], limit: 30 })
  return [...new Set(stdout.split('\n').map((line) => line.split(/\s+/)[0] ?? ''))].filter((word) => word !== '')
}
