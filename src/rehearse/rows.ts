import { join } from 'node:path'
import type { Context } from '../context.ts'
import { nothing, type Step } from '../engine/step.ts'
import { withDatabase } from '../hosts/db.ts'
import type { Recipe } from '../services/recipe.ts'
import { needState, readState, stateText } from '../state.ts'
import { name } from '../text/sql.ts'
import { versionTables } from '../verify/schema-try-fill.ts'
import { scratchName, scratchOf } from './scratch.ts'

/** Rows by table: 'nova.instances'. */
export type Rows = Readonly<Record<string, number>>

/** A table with fewer rows than before the hops. */
export interface Lost {
  readonly table: string
  readonly before: number
  /** undefined: the table is gone */
  readonly after?: number
}

interface Counted {
  readonly before: Rows
  readonly lost?: readonly Lost[]
}

/** Tables that had rows and now have fewer, or are gone. */
export const lostRows = (before: Rows, after: Rows): readonly Lost[] =>
  Object.entries(before).flatMap(([table, count]) => {
    const now = after[table]
    if (count === 0 || (now !== undefined && now >= count)) return []
    return [{ table, before: count, ...(now === undefined ? {} : { after: now }) }]
  })

/** 'nova.instances: 12 of 40 rows are left'. */
export const lostText = ({ table, before, after }: Lost): string =>
  after === undefined
    ? `${table}: the table is gone, it had ${before} rows`
    : `${table}: ${after} of ${before} rows are left`

const pathOf = ({ config }: Pick<Context, 'config'>, recipe: Pick<Recipe, 'name'>): string =>
  join(config.state, 'rehearsal', `rows-${recipe.name}.json`)

/** What the last rehearsal of a service lost; [] when there was none. */
export const savedLost = async (context: Pick<Context, 'config'>, recipe: Recipe): Promise<readonly Lost[]> =>
  (await readState<Counted>(pathOf(context, recipe)))?.lost ?? []

/** Every row of every table is counted, under the databases' real names. Version tables are left out. */
const askRows = (context: Context, recipe: Recipe): Promise<Rows> =>
  withDatabase(context.hosts('target'), { readOnly: true }, async (db) => {
    const rows: Record<string, number> = {}
    for (const one of scratchOf(context, recipe)) {
      const tables = await db.rows<{ t: string }>(
        "SELECT table_name AS t FROM information_schema.tables WHERE table_schema = ? AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY table_name",
        [scratchName(one.name)],
      )
      for (const { t } of tables.filter(({ t }) => !(versionTables as readonly string[]).includes(t))) {
        const [count] = await db.rows<{ n: number }>(`SELECT COUNT(*) AS n FROM ${name(scratchName(one.name), t)}`)
        rows[`${one.name}.${t}`] = Number(count?.n)
      }
    }
    return rows
  })

const sum = (rows: Rows): number => Object.values(rows).reduce((all, one) => all + one, 0)

/** Counts the rows of the copies before the hops. */
export const countStep = (context: Context, recipe: Recipe, after: readonly string[]): Step => ({
  id: `${recipe.name}/rehearse-rows`,
  phase: 'rehearse',
  service: recipe.name,
  title: 'Count the rows of every table before the hops',
  after,
  changes: ['local'],
  run: nothing,
  undo: nothing,
  keeps: [{ path: pathOf(context, recipe), ask: async () => stateText({ before: await askRows(context, recipe) }) }],
  proof: async () => {
    const { before } = await needState<Counted>(pathOf(context, recipe))
    return `${Object.keys(before).length} tables, ${sum(before)} rows`
  },
})

/** Counts them again after the hops. Tables that lost rows are named: whether that is right, only an operator knows. */
export const lostStep = (context: Context, recipe: Recipe, after: readonly string[]): Step => ({
  id: `${recipe.name}/rehearse-lost`,
  phase: 'rehearse',
  service: recipe.name,
  title: 'Count the rows of every table after the hops',
  after,
  changes: ['local'],
  run: nothing,
  undo: nothing,
  keeps: [
    {
      path: pathOf(context, recipe),
      ask: async () => {
        const { before } = await needState<Counted>(pathOf(context, recipe))
        return stateText({ before, lost: lostRows(before, await askRows(context, recipe)) })
      },
    },
  ],
  proof: async () => {
    const lost = await savedLost(context, recipe)
    return lost.length === 0 ? 'no table has fewer rows than before' : lost.map(lostText).join('; ')
  },
})
