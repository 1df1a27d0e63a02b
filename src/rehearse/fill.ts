import { randomBytes } from 'node:crypto'
import { membersIn } from '../ask/members.ts'
import { readFrom } from '../ask/roles.ts'
import type { Context } from '../context.ts'
import { type Action, nothing, type Step } from '../engine/step.ts'
import { SwapError } from '../errors.ts'
import { askThings } from '../hops/revision.ts'
import { withDatabase } from '../hosts/db.ts'
import { findRelease } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import { toolsOf } from '../services/tools.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { hopsOf } from '../target/schema.ts'
import { toolConfig, urlOf } from '../target/tool-config.ts'
import { registerSecret } from '../text/secrets.ts'
import { name, text } from '../text/sql.ts'
import { arrivedArgv, importArgv, recreateStatements, servingDumpArgv } from '../transfer/dump.ts'
import { importSeconds } from '../transfer/import.ts'
import { sectionOf } from '../verify/schema-new.ts'
import { databasesOf } from '../verify/schema-tried.ts'
import { viewsOf } from '../verify/schema-try-fill.ts'
import { accountOf, configFile, dropActions, scratchName, scratchOf, userOf } from './scratch.ts'

const phase = 'rehearse' as const

/** A rehearsal's step is named like the one of migrate that it stands for. */
export const rehearsedId = (id: Step['id']): Step['id'] => id.replace('/', '/rehearse-')

interface Secret {
  readonly user: string
  readonly password: string
}

const newSecret = (recipe: Recipe): Secret => {
  // Letters and digits only: needs no quoting in a URL.
  const password = randomBytes(24).toString('hex')
  registerSecret(password)
  return { user: userOf(recipe), password }
}

/**
 * Empty databases under names of their own. Its undo removes everything that any step of the service's rehearsal makes.
 */
export const emptyStep = (context: Context, recipe: Recipe): Step => ({
  id: `${recipe.name}/rehearse-empty`,
  phase,
  service: recipe.name,
  title: `Make empty databases for the rehearsal: ${scratchOf(context, recipe)
    .map((one) => scratchName(one.name))
    .join(', ')}`,
  after: [],
  changes: ['target'],
  run: async () => [
    ...dropActions(context, recipe),
    {
      kind: 'sql',
      on: 'target',
      statements: scratchOf(context, recipe).flatMap((one) =>
        recreateStatements({ ...one, name: scratchName(one.name) }),
      ),
    },
  ],
  undo: async () => dropActions(context, recipe),
})

/**
 * One step per database: all rows as one snapshot, read at the lowest priority, without a lock. Not from the machine
 * with the most clients, where there are several.
 */
export const importSteps = (context: Context, recipe: Recipe): readonly Step[] =>
  databasesOf(context, recipe).map((database) => importStep(context, recipe, database))

const importStep = (context: Context, recipe: Recipe, { name: database, bytes }: DatabaseSurvey): Step => ({
  id: rehearsedId(`${recipe.name}/import-${database}`),
  phase,
  service: recipe.name,
  title: `Copy the database ${database} with all rows to ${scratchName(database)}, while the source serves`,
  seconds: importSeconds({ bytes }),
  after: [`${recipe.name}/rehearse-empty`],
  changes: ['target'],
  run: async () => {
    const from = readFrom(membersIn(context.survey, context.config))
    // A view may read from a database that the rehearsal does not have; prepare has compared them by name.
    const views = await withDatabase(context.hosts(from), { readOnly: true }, (db) => viewsOf(db, database))
    return [
      {
        kind: 'pipe',
        from: { on: from, argv: servingDumpArgv(database, views) },
        to: { on: 'target', argv: importArgv(scratchName(database)) },
        what: `${database} for the rehearsal`,
        bytes,
        measure: { on: 'target', argv: arrivedArgv(scratchName(database)) },
      },
    ]
  },
  undo: nothing,
})

/** Rows that lead a service's tools to its other databases, if it has such a table. */
type Leading = NonNullable<Recipe['tryRows']>[number]

const leadingOf = (context: Context, recipe: Recipe): readonly Leading[] => {
  const there = scratchOf(context, recipe).map((one) => one.name)
  return (recipe.tryRows ?? []).filter((one) => [one.into, one.leadsTo, one.others].every((own) => there.includes(own)))
}

const hasTable = ({ hosts }: Context, { into, table, column }: Leading): Promise<boolean> =>
  withDatabase(hosts('target'), { readOnly: true }, async (db) =>
    (await askThings(db, scratchName(into), [table])).has(`${table}.${column}`),
  )

/**
 * An account that may use these databases and nothing else, and config files that name nothing else. Rows of the copies
 * that name other databases name the copies from here on, so no tool finds another one.
 */
export const loginStep = (context: Context, recipe: Recipe, after: readonly string[]): Step => ({
  id: `${recipe.name}/rehearse-login`,
  phase,
  service: recipe.name,
  title: `Let the tools, and all rows that lead them, see nothing but the rehearsal's copies`,
  after,
  changes: ['target'],
  run: async () => {
    const secret = newSecret(recipe)
    const led: string[] = []
    for (const one of leadingOf(context, recipe))
      if (await hasTable(context, one)) led.push(...updates(context, recipe, one, secret))
    return [
      { kind: 'sql', on: 'target', statements: [...accountStatements(context, recipe, secret), ...led], secret: true },
      ...configs(context, recipe, secret),
    ]
  },
  undo: nothing,
  proof: async () => {
    const leading = leadingOf(context, recipe)
    return (await Promise.all(leading.map((one) => proveLed(context, one)))).join(', ')
  },
})

const accountStatements = (context: Context, recipe: Recipe, { password }: Secret): readonly string[] => [
  `CREATE OR REPLACE USER ${accountOf(recipe)} IDENTIFIED BY '${password}'`,
  // In a grant's pattern an unescaped underscore matches any character.
  ...scratchOf(context, recipe).map(
    (one) => `GRANT ALL PRIVILEGES ON ${name(scratchName(one.name).replaceAll('_', '\\_'))}.* TO ${accountOf(recipe)}`,
  ),
]

const configs = (context: Context, recipe: Recipe, secret: Secret): readonly Action[] => {
  const sections = scratchOf(context, recipe).map((one) => ({ name: one.name, section: sectionOf(recipe, one.repo) }))
  return hopsOf(context, recipe).map((hop) => ({
    kind: 'write',
    on: 'target',
    path: configFile(context, recipe, hop),
    mode: '0600',
    owner: `${recipe.user}:${recipe.user}`,
    content: toolConfig({ ...secret, tools: toolsOf(recipe, findRelease(hop)) }, sections, scratchName),
    secret: true,
  }))
}

const updates = (context: Context, recipe: Recipe, one: Leading, secret: Secret): readonly string[] => {
  const login = { ...secret, tools: toolsOf(recipe, findRelease(context.config.release)) }
  const is = `${name(one.key)} = ${text(one.row[one.key] ?? '')}`
  const to = (database: string, where: string): string => {
    const values = { ...one.blank, [one.column]: urlOf(login, scratchName(database)) }
    const set = Object.entries(values).map(([column, value]) => `${name(column)} = ${text(value)}`)
    return `UPDATE ${name(scratchName(one.into), one.table)} SET ${set.join(', ')} WHERE ${where}`
  }
  return [to(one.leadsTo, is), to(one.others, `NOT (${is})`)]
}

/** Read back, because a tool would follow any other row. */
const proveLed = async (context: Context, one: Leading): Promise<string> => {
  if (!(await hasTable(context, one))) return `no ${one.table} yet`
  const rows = await withDatabase(context.hosts('target'), { readOnly: true }, (db) =>
    db.rows<Readonly<Record<string, string | null>>>(
      `SELECT ${name(one.key)}, ${[...Object.keys(one.blank), one.column].map((column) => name(column)).join(', ')} FROM ${name(scratchName(one.into), one.table)}`,
    ),
  )
  const leads = (row: Readonly<Record<string, string | null>>): boolean => {
    const to = row[one.key] === one.row[one.key] ? one.leadsTo : one.others
    const blank = Object.entries(one.blank).every(([column, value]) => row[column] === value)
    return blank && (row[one.column] ?? '').includes(`@localhost/${scratchName(to)}?`)
  }
  const wrong = rows.filter((row) => !leads(row)).map((row) => row[one.key])
  if (wrong.length > 0)
    throw new SwapError(
      `target, ${scratchName(one.into)}.${one.table}`,
      `these rows do not lead to the rehearsal's copies: ${wrong.join(', ')}`,
      'No tool was started. Report this',
    )
  return `${rows.length} rows of ${one.table} lead to the copies`
}
