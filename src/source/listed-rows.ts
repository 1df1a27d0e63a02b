import type { Context } from '../context.ts'
import { type Db, withDatabase } from '../hosts/db.ts'
import { listed } from '../services/index.ts'
import type { Listed, Member, Shown } from '../services/listing.ts'
import { name as quoted } from '../text/sql.ts'

/** The database's values of one resource that an API lists. */
export interface ListedRow {
  /** by the API's names */
  readonly members: Readonly<Record<string, unknown>>
  /** changes with every change of the row, if there is such a column */
  readonly mark?: string
}

/** Rows by id, for 'servers' etc. A list without a known table in this release is absent. */
export type ListedRows = Readonly<Record<string, Readonly<Record<string, ListedRow>>>>

const tableOf = ({ from }: Listed): string => (/^\$\.(\w+)/.exec(from) ?? ['', ''])[1] as string

const applies = ({ columns, unless }: Listed, there: ReadonlySet<string>): boolean =>
  there.size > 0 && columns.every((column) => there.has(column)) && (unless === undefined || !there.has(unless))

const columnsOf = async (db: Db, database: string, table: string): Promise<ReadonlySet<string>> => {
  const rows = await db.rows<{ name: string }>(
    'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = ? AND table_name = ?',
    [database, table],
  )
  return new Set(rows.map((row) => row.name))
}

const memberOf = (member: Member | string): Member => (typeof member === 'string' ? { sql: member } : member)

/** The query for one database; @project is the admin's project. */
export const selectOf = (one: Listed, database: string): string => {
  const columns = [
    `${one.id} AS ${quoted('id')}`,
    `${one.mark ?? 'NULL'} AS ${quoted('mark')}`,
    ...Object.entries(one.members).map(([name, member]) => `${memberOf(member).sql} AS ${quoted(`m ${name}`)}`),
  ]
  const where = one.where === undefined ? '' : ` WHERE ${one.where}`
  const table = `\`${tableOf(one)}\``
  const from = one.from.replace(/^\$\.\w+/, `$.${table}`)
  return `SELECT ${columns.join(', ')} FROM ${from}${where}`.replaceAll('$.', `${quoted(database)}.`)
}

const linesIn = (value: unknown): readonly string[] =>
  value === null || value === undefined || value === '' ? [] : String(value).split('\n')

/** A column's value as the API shows it. `alive`: the ids of another list. */
export const shown = (value: unknown, as: Shown, alive: (what: string) => ReadonlySet<string>): unknown => {
  if (as === 'flag') return value === null ? null : Number(value) === 1
  if (as === 'number') return value === null ? null : Number(value)
  if (as === 'list') return linesIn(value)
  if (as === 'pairs')
    return Object.fromEntries(
      linesIn(value).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
  if (as.startsWith('json:'))
    return (JSON.parse(String(value ?? '{}')) as Record<string, unknown>)[as.slice('json:'.length)] ?? null
  if (as.startsWith('among:')) {
    const there = alive(as.slice('among:'.length))
    return linesIn(value).filter((id) => there.has(id))
  }
  return value ?? null
}

type Raw = Readonly<Record<string, unknown>>

interface Found {
  readonly one: Listed
  readonly rows: readonly Raw[]
}

const askOne = async (db: Db, { survey }: Context, one: Listed): Promise<Found | undefined> => {
  const databases = survey.services.flatMap((service) => service.databases).filter(({ repo }) => repo === one.repo)
  const rows: Raw[] = []
  let known = false
  for (const { name } of databases) {
    if (!applies(one, await columnsOf(db, name, tableOf(one)))) continue
    known = true
    rows.push(...(await db.rows<Raw>(selectOf(one, name))))
  }
  return known ? { one, rows } : undefined
}

const rowOf = ({ members, mark }: Listed, raw: Raw, alive: (what: string) => ReadonlySet<string>): ListedRow => ({
  members: Object.fromEntries(
    Object.entries(members).map(([name, member]) => [
      name,
      shown(raw[`m ${name}`], memberOf(member).as ?? 'text', alive),
    ]),
  ),
  ...(mark === undefined ? {} : { mark: String(raw['mark']) }),
})

/** Reads from the source's databases what its APIs list. `project`: id of the admin's project. */
export const askListedRows = async (context: Context, project = ''): Promise<ListedRows> => {
  const databases = context.survey.services.flatMap((service) => service.databases)
  return databases.length === 0 ? {} : askAll(context, project)
}

const askAll = (context: Context, project: string): Promise<ListedRows> =>
  withDatabase(context.hosts('source'), { readOnly: true }, async (db) => {
    await db.run('SET SESSION group_concat_max_len = 1073741824')
    await db.run('SET @project = ?', [project])
    const found: Found[] = []
    const wanted = new Set(context.recipes.flatMap(({ inventory }) => inventory.map(({ what }) => what)))
    for (const one of listed.filter(({ what }) => wanted.has(what)))
      found.push(...[(await askOne(db, context, one)) ?? []].flat())
    const alive = (what: string) =>
      new Set(found.flatMap(({ one, rows }) => (one.what === what ? rows.map((raw) => String(raw['id'])) : [])))
    const all: Record<string, Record<string, ListedRow>> = {}
    for (const { one, rows } of found) {
      const known = new Map<string, ReadonlySet<string>>()
      const once = (what: string) => known.get(what) ?? known.set(what, alive(what)).get(what) ?? new Set<string>()
      const list = all[one.what] ?? {}
      all[one.what] = list
      for (const raw of rows) list[String(raw['id'])] = rowOf(one, raw, once)
    }
    return all
  })
