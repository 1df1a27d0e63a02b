import type { Context } from '../context.ts'
import { SwapError } from '../errors.ts'
import { configuredHost } from '../fixups/steps.ts'
import { type Db, withDatabase } from '../hosts/db.ts'
import { references } from '../services/index.ts'
import type { Recipe } from '../services/recipe.ts'
import type { Broken, Reference } from '../services/reference.ts'
import { oldHost } from '../services/reference.ts'
import { askBytes } from './references-bytes.ts'
import { askForeignKeys, orphansSql } from './references-keys.ts'
import { brokenSql, gatherOnce, isAskable, mostRows, type Names } from './references-sql.ts'

export type SideName = 'source' | 'target'

/** A rule as one side is asked. */
export interface Question {
  readonly id: string
  readonly services: readonly string[]
  /** names the broken row: 'cinder volume 4f...' */
  readonly where: (broken: Broken) => string
  readonly says: (broken: Broken) => string
  readonly look: (broken: Broken) => string
  /** undefined: this side's schema has no such tables */
  readonly ask: (side: SideName, db: Db) => Promise<readonly Broken[] | undefined>
}

/** Databases of the services found on the source; they have the same names on the target. */
export const namesOf = ({ survey }: Pick<Context, 'survey'>): Names => {
  const all = survey.services.flatMap(({ databases }) => databases)
  return Object.fromEntries(
    [...new Set(all.map(({ repo }) => repo))].map((repo) => [
      repo,
      all.filter((one) => one.repo === repo).map(({ name }) => name),
    ]),
  )
}

const missing = new Set(['ER_BAD_FIELD_ERROR', 'ER_NO_SUCH_TABLE', 'ER_BAD_DB_ERROR'])

const codeOf = (error: unknown): string | undefined =>
  error instanceof SwapError ? (error.cause as { readonly code?: string } | undefined)?.code : undefined

/** The source may be too old for a rule; if the target lacks a table, the schema comparison reports it. */
const unlessMissing = async (answer: Promise<readonly Broken[]>): Promise<readonly Broken[] | undefined> => {
  try {
    return await answer
  } catch (error) {
    if (missing.has(codeOf(error) ?? '')) return undefined
    throw error
  }
}

const tableOf = ({ rows }: Reference, names: Names): string => {
  const table = rows.from.split(/[\s,]/)[0] ?? ''
  return table.replace('$', (names[rows.repo] ?? []).join(' or '))
}

const referenceQuestion = (context: Context, rule: Reference, names: Names): Question => {
  const sql = brokenSql(rule, names)
  return {
    id: rule.id,
    services: rule.services,
    where: ({ id }) => `${rule.what} ${id}`,
    says: ({ key }) => rule.says.replace('KEY', () => key),
    look: ({ id }) => `SELECT * FROM ${tableOf(rule, names)}: the row of ${id}; all such rows: ${oneLine(sql)}`,
    ask: (side, db) =>
      unlessMissing(
        (async () => {
          await db.rows(`SET ${oldHost} = ?`, [side === 'target' ? await goneHost(context, rule) : null])
          return db.rows<Broken>(sql)
        })(),
      ),
  }
}

const oneLine = (sql: string): string => sql.replaceAll(/\s+/g, ' ')

/** The old controller's host name, unless the configs let the new one keep it. */
const goneHost = async (context: Context, rule: Reference): Promise<string | null> => {
  if (rule.to.length > 0) return null
  const recipe = context.recipes.find(({ name }) => name === rule.services[0])
  const named = recipe === undefined ? undefined : await configuredHost(context, recipe)
  const { source, target } = context.survey
  return named !== undefined || source.hostname === target.hostname ? null : source.hostname
}

/** One question per database: the foreign keys that the side itself declares. */
const keysQuestion = (service: string, database: string): Question => ({
  id: `${service}/foreign-keys-${database}`,
  services: [service],
  where: ({ id }) => `${database}.${id}`,
  says: ({ key }) => `points at nothing: ${key}`,
  look: ({ id }) => `SHOW CREATE TABLE ${database}.${id.split(' ')[0]}; on the target`,
  ask: async (_, db) => {
    const found: Broken[] = []
    for (const key of await askForeignKeys(db, database)) {
      const rows = (await unlessMissing(db.rows<Broken>(orphansSql(key)))) ?? []
      found.push(
        ...rows.map(({ id }) => ({
          id: `${key.table} (${key.columns.join(', ')}) ${id}`,
          key: `${key.parent} has no ${id}`,
        })),
      )
    }
    return found
  },
})

const bytesQuestion = (context: Context, names: Names, { name, bytes }: Recipe): readonly Question[] =>
  bytes === undefined
    ? []
    : [
        {
          id: bytes.id,
          services: [name],
          where: ({ id }) => `${bytes.what} ${id}`,
          says: ({ key }) => key,
          look: ({ id }) => bytes.look.replaceAll('ID', () => id),
          ask: async (side, db) => {
            const [database] = names[bytes.repo] ?? []
            return database === undefined ? [] : unlessMissing(askBytes(db, context.hosts(side), bytes, database))
          },
        },
      ]

/** Every question whose databases are in the survey. `left`: rules that do not apply to this cloud. */
export const questionsOf = (
  context: Context,
): { readonly questions: readonly Question[]; readonly left: readonly string[] } => {
  const names = namesOf(context)
  const here = new Set(context.recipes.map(({ name }) => name))
  const own = references.filter(({ services }) => services.every((name) => here.has(name)))
  return {
    questions: [
      ...own.filter((rule) => isAskable(rule, names)).map((rule) => referenceQuestion(context, rule, names)),
      ...context.survey.services.flatMap(({ name, databases }) =>
        here.has(name) ? databases.map((database) => keysQuestion(name, database.name)) : [],
      ),
      ...context.recipes.flatMap((recipe) => bytesQuestion(context, names, recipe)),
    ],
    left: own.filter((rule) => !isAskable(rule, names)).map(({ id }) => id),
  }
}

/** Asks one side the questions in sequence; read only. */
export const askSide = (
  context: Context,
  side: SideName,
  questions: readonly Question[],
): Promise<ReadonlyMap<string, readonly Broken[] | undefined>> =>
  withDatabase(context.hosts(side), { readOnly: true }, async (db) => {
    await db.rows(gatherOnce)
    const found = new Map<string, readonly Broken[] | undefined>()
    for (const question of questions) {
      const rows = await question.ask(side, db)
      found.set(question.id, rows?.slice(0, mostRows))
    }
    return found
  })
