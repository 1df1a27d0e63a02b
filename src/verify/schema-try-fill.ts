import { randomBytes } from 'node:crypto'
import type { Context } from '../context.ts'
import type { Action } from '../engine/step.ts'
import { type Db, withDatabase } from '../hosts/db.ts'
import { limitsOf } from '../limits.ts'
import { swapDirectory } from '../places.ts'
import { findRelease } from '../releases/release.ts'
import type { Recipe } from '../services/recipe.ts'
import { toolsOf } from '../services/tools.ts'
import type { DatabaseSurvey } from '../survey.ts'
import { placeOf } from '../target/hops-env.ts'
import { hopsOf } from '../target/schema.ts'
import { toolConfig, urlOf, urlProperties } from '../target/tool-config.ts'
import { name, text } from '../text/sql.ts'
import { importArgv, recreateStatements, structureDumpArgv } from '../transfer/dump.ts'
import { sectionOf } from './schema-new.ts'
import { tryArgv } from './schema-tool.ts'
import { databasesOf } from './schema-tried.ts'

/** The temporary database with the structure of one of the source's. */
export const tryName = (database: string): string => `swapctl_try_${database}`

const account = (recipe: Recipe): string => `'swapctl_try_${recipe.name}'@'localhost'`

interface Files {
  /** the config file of a release's tools: drivers and settings differ */
  readonly configAt: (hop: string) => string
  readonly failed: string
}

export const files = (context: Context, recipe: Recipe): Files => {
  const path = `${swapDirectory(context.config.name)}/schema-try-${recipe.name}`
  return { configAt: (hop) => `${path}-${hop}.conf`, failed: `${path}.failed` }
}

const configsOf = (context: Context, recipe: Recipe): readonly string[] =>
  hopsOf(context, recipe).map(files(context, recipe).configAt)

export const drop = (context: Context, recipe: Recipe): readonly Action[] => {
  const { failed } = files(context, recipe)
  const statements = [
    ...databasesOf(context, recipe).map((one) => `DROP DATABASE IF EXISTS ${name(tryName(one.name))}`),
    `DROP USER IF EXISTS ${account(recipe)}`,
  ]
  return [
    { kind: 'sql', on: 'target', statements },
    ...[...configsOf(context, recipe), failed].map((path): Action => ({ kind: 'remove', on: 'target', path })),
  ]
}

/**
 * Databases, an account and a config file restricted to these, the tables, and the rows that tools need to find them.
 */
export const fill = async (context: Context, recipe: Recipe): Promise<readonly Action[]> => {
  const databases = databasesOf(context, recipe)
  const password = randomBytes(24).toString('hex')
  const login = (hop: string) => ({
    user: `swapctl_try_${recipe.name}`,
    password,
    tools: toolsOf(recipe, findRelease(hop)),
  })
  const url = (database: string): string => urlOf(login(context.config.release), tryName(database))
  const source = await withDatabase(context.hosts('source'), { readOnly: true }, async (db) => {
    const found: { views: readonly string[]; rows: readonly string[] }[] = []
    for (const one of databases)
      found.push({ views: await viewsOf(db, one.name), rows: await versionRows(db, one.name) })
    return found
  })
  const { configAt, failed } = files(context, recipe)
  const create = [
    ...databases.flatMap((one) => recreateStatements({ ...one, name: tryName(one.name) })),
    `CREATE OR REPLACE USER ${account(recipe)} IDENTIFIED BY '${password}'`,
    // In a grant's pattern an unescaped underscore matches any character.
    ...databases.map(
      (one) => `GRANT ALL PRIVILEGES ON ${name(tryName(one.name).replaceAll('_', '\\_'))}.* TO ${account(recipe)}`,
    ),
  ]
  return [
    { kind: 'remove', on: 'target', path: failed },
    { kind: 'sql', on: 'target', statements: create, secret: true },
    ...hopsOf(context, recipe).map(
      (hop): Action => ({
        kind: 'write',
        on: 'target',
        path: configAt(hop),
        mode: '0600',
        owner: `${recipe.user}:${recipe.user}`,
        content: toolConfig(login(hop), sections(recipe, databases), tryName),
        secret: true,
      }),
    ),
    ...databases.map((one, index) => copy(one, source[index]?.views ?? [])),
    {
      kind: 'sql',
      on: 'target',
      statements: [...source.flatMap(({ rows }) => rows), ...ownRows(recipe, databases, url)],
      secret: true,
    },
  ]
}

const sections = (recipe: Recipe, databases: readonly DatabaseSurvey[]) =>
  databases.map(({ name: database, repo }) => ({ name: database, section: sectionOf(recipe, repo) }))

const copy = (database: DatabaseSurvey, views: readonly string[]): Action => ({
  kind: 'pipe',
  from: { on: 'source', argv: structureDumpArgv(database.name, views) },
  to: { on: 'target', argv: importArgv(tryName(database.name)) },
  what: `${database.name} without rows`,
})

export const viewsOf = async (db: Db, database: string): Promise<readonly string[]> =>
  (
    await db.rows<{ name: string }>(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ? AND table_type LIKE '%VIEW' ORDER BY table_name",
      [database],
    )
  ).map((row) => row.name)

/** The tables with a schema's revision. */
export const versionTables = ['alembic_version', 'migrate_version'] as const

const versionRows = async (db: Db, database: string): Promise<readonly string[]> => {
  const statements: string[] = []
  for (const table of versionTables) {
    const there = await db.rows('SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?', [
      database,
      table,
    ])
    const rows = there.length === 0 ? [] : await db.rows<Row>(`SELECT * FROM ${name(database, table)}`)
    statements.push(...rows.map((row) => insertOf(tryName(database), table, row)))
  }
  return statements
}

type Row = Readonly<Record<string, unknown>>

const insertOf = (database: string, table: string, row: Row): string => {
  const values = Object.values(row).map((value) => (value === null ? 'NULL' : text(String(value))))
  const columns = Object.keys(row).map((column) => name(column))
  return `INSERT INTO ${name(database, table)} (${columns.join(', ')}) VALUES (${values.join(', ')})`
}

/** Rows that lead a tool to its other databases: never to the source's. */
const ownRows = (
  recipe: Recipe,
  databases: readonly DatabaseSurvey[],
  url: (database: string) => string,
): readonly string[] =>
  (recipe.tryRows ?? [])
    .filter(({ into, leadsTo }) => [into, leadsTo].every((needed) => databases.some((one) => one.name === needed)))
    .map(({ into, table, row, blank, leadsTo, column }) =>
      insertOf(tryName(into), table, { ...row, ...blank, [column]: url(leadsTo) }),
    )

export const tools = (context: Context, recipe: Recipe): readonly Action[] => {
  const { schema: limit } = limitsOf(context.config)
  const { configAt, failed } = files(context, recipe)
  return hopsOf(context, recipe).flatMap((hop, index, all) => {
    const release = findRelease(hop)
    const known = toolsOf(recipe, release)
    const place = index === all.length - 1 ? undefined : placeOf(context.config, release, recipe)
    const seen = { config: configAt(hop), failed }
    return known.sync.map(({ argv }): Action => {
      const call = tryArgv(argv, place, recipe, seen, limit, urlProperties(known))
      return { kind: 'exec', on: 'target', argv: call, limit }
    })
  })
}
