import type { Context } from '../context.ts'
import { type Action, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Recipe } from '../services/recipe.ts'
import { get, parse } from '../transfer/oslo-conf.ts'
import { addressArgs } from './address-map.ts'
import { previewFixup } from './apply.ts'
import { type CellMapping, cellHosts, cellsLeadTo } from './cells-lead-to.ts'
import type { Args } from './fixup.ts'
import { fixupNamed } from './index.ts'

const fixupAction = (fixup: string, database: string, args: Args): Action => ({
  kind: 'fixup',
  on: 'target',
  database,
  fixup,
  args,
})

/** The rows that name the old machine, repaired in the copy once its schema is the target release's. */
export const fixupSteps = (context: Context, recipe: Recipe, after: readonly string[]): readonly Step[] =>
  recipe.fixups.length === 0 ? [] : [fixupStep(context, recipe, after)]

const fixupStep = (context: Context, recipe: Recipe, after: readonly string[]): Step => ({
  id: `${recipe.name}/fixups`,
  phase: 'migrate',
  service: recipe.name,
  title: `Repair rows that name the old controller: ${recipe.fixups.join(', ')}`,
  after,
  run: async () => {
    const args = await argsOf(context, recipe)
    return recipe.fixups.flatMap((fixup) => recipe.databases.map((database) => fixupAction(fixup, database.name, args)))
  },
  undo: nothing,
  proof: async () => proveRepaired(context, recipe, await argsOf(context, recipe)),
})

/** One set of parameters for all rules: each takes what it knows. */
const argsOf = async (context: Context, recipe: Recipe): Promise<Args> => {
  const named = await configuredHost(context, recipe)
  return {
    ...addressArgs(context.config.counterparts),
    from: named ?? context.survey.source.hostname,
    to: named ?? context.survey.target.hostname,
    at: new Date().toISOString().slice(0, 19).replace('T', ' '),
    agents: '[]',
  }
}

/** [DEFAULT] host is carried over with the config: then the new machine answers to the old name, and no row changes. */
export const configuredHost = async (context: Context, recipe: Recipe): Promise<string | undefined> => {
  const path = recipe.files[0]?.path ?? ''
  const { code, stdout } = await context.hosts('source').run({ argv: ['cat', path], limit: 30 })
  return code === 0 ? get(parse(stdout, path), 'DEFAULT', 'host') : undefined
}

/** A second look must find nothing left to do. */
const proveRepaired = async (context: Context, recipe: Recipe, args: Args): Promise<string> => {
  const left: string[] = []
  for (const { name } of recipe.databases)
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

const database = 'nova_api'

/** nova-manage follows cell_mappings wherever they lead, the source's database included: before any nova command, they must lead here. */
export const cellsStep = (context: Context, recipe: Recipe, after: readonly string[]): readonly Step[] => {
  if (!recipe.databases.some((one) => one.name === database)) return []
  return [
    {
      id: `${recipe.name}/cells`,
      phase: 'migrate',
      service: recipe.name,
      title: 'Make every cell mapping lead to the target',
      after,
      run: async () => [fixupAction('cell-mappings', database, addressArgs(context.config.counterparts))],
      undo: nothing,
      proof: () => proveCells(context),
    },
  ]
}

const proveCells = async (context: Context): Promise<string> => {
  const target = context.hosts('target')
  const rows = await withDatabase(target, { database, readOnly: true }, async (db) => [
    ...(await db.rows<CellMapping>('SELECT uuid, name, transport_url, database_connection FROM cell_mappings')),
  ])
  const addresses = [
    ...context.survey.target.addresses.map((held) => held.address),
    ...context.config.addresses.map((moving) => moving.address),
  ]
  const resolved: Record<string, readonly string[]> = {}
  for (const host of cellHosts(rows)) resolved[host] = await resolve(context, host)
  const wrong = cellsLeadTo(rows, { addresses, resolved })
  if (wrong.length > 0)
    throw new SwapError(
      'target, nova_api.cell_mappings',
      `a cell does not lead to the target:\n  ${wrong.join('\n  ')}`,
      'Add a [counterpart] or [address] section for that address to the settings, or a name to the hosts file of the target',
    )
  return `${rows.length} cells lead to the target`
}

const resolve = async (context: Context, host: string): Promise<readonly string[]> => {
  const { stdout } = await context.hosts('target').run({ argv: ['getent', 'ahosts', host], limit: 30 })
  return [...new Set(stdout.split('\n').map((line) => line.split(/\s+/)[0] ?? ''))].filter((word) => word !== '')
}
