import type { Database } from '../services/recipe.ts'
import type { Settings, ToolSet } from '../services/tools.ts'

/** An account by which schema tools log in through MariaDB's socket. */
export interface Login {
  readonly user: string
  /** letters and digits: no URL has to quote it */
  readonly password: string
  readonly tools: Pick<ToolSet, 'driver' | 'settings' | 'plainUrl'>
}

/** The directory of MariaDB's socket, in which tools that take no path are started. */
const sockets = '/run/mysqld'

/** The URL of a database on this machine. */
export const urlOf = ({ user, password, tools }: Login, database: string): string => {
  const socket = tools.plainUrl === 'path' ? 'mysqld.sock' : `${sockets}/mysqld.sock`
  return `${tools.driver}://${user}:${password}@localhost/${database}?unix_socket=${socket}&charset=utf8`
}

/** What the unit of a tool needs for that URL. */
export const urlProperties = ({ plainUrl }: Pick<ToolSet, 'plainUrl'>): readonly string[] =>
  plainUrl === 'path' ? [`WorkingDirectory=${sockets}`] : []

/**
 * A config file that names the databases, and what the tools of that time want besides. A section names one database: of
 * several of one line of revisions the one that the recipe names last. `as`: what a database is really called.
 */
export const toolConfig = (
  login: Login,
  databases: readonly Pick<Database, 'name' | 'section'>[],
  as: (database: string) => string = (database) => database,
): string => {
  const connections = databases.map(
    ({ name, section = 'database' }) => [section, { connection: urlOf(login, as(name)) }] as const,
  )
  return Object.entries(merged([...connections, ...Object.entries(login.tools.settings)]))
    .map(([section, options]) => `[${section}]\n${linesOf(options)}`)
    .join('')
}

const linesOf = (options: Readonly<Record<string, string>>): string =>
  Object.entries(options)
    .map(([option, value]) => `${option} = ${value}\n`)
    .join('')

const merged = (parts: readonly (readonly [string, Settings[string]])[]): Settings => {
  const sections: Record<string, Record<string, string>> = {}
  for (const [section, options] of parts) sections[section] = { ...sections[section], ...options }
  return sections
}
