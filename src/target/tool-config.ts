import type { Database } from '../services/recipe.ts'
import type { Settings, ToolSet, UrlOption } from '../services/tools.ts'

/** An account with which schema tools log in through MariaDB's socket. */
export interface Login {
  readonly user: string
  /** letters and digits only: needs no quoting in a URL */
  readonly password: string
  readonly tools: Pick<ToolSet, 'driver' | 'settings' | 'plainUrl'> & Partial<Pick<ToolSet, 'url'>>
}

/** The directory of MariaDB's socket; tools that accept no path are started in it. */
const sockets = '/run/mysqld'

/** The URL of a database on this machine. */
export const urlOf = ({ user, password, tools }: Login, database: string): string => {
  const socket = tools.plainUrl === 'path' ? 'mysqld.sock' : `${sockets}/mysqld.sock`
  return `${tools.driver}://${user}:${password}@localhost/${database}?unix_socket=${socket}&charset=utf8`
}

/** Where the tools look for the URL of a database. */
export const urlOptionOf = (
  { url }: Partial<Pick<ToolSet, 'url'>>,
  { section = 'database' }: Pick<Database, 'section'>,
): UrlOption => (url ? url : [section, 'connection'])

/** Unit properties that this URL needs. */
export const urlProperties = ({ plainUrl }: Pick<ToolSet, 'plainUrl'>): readonly string[] =>
  plainUrl === 'path' ? [`WorkingDirectory=${sockets}`] : []

/**
 * A config file that names the databases, with what tools of that release also need. A section names one database: of
 * several of one repository, the last in the recipe. `as`: a database's real name.
 */
export const toolConfig = (
  login: Login,
  databases: readonly Pick<Database, 'name' | 'section'>[],
  as: (database: string) => string = (database) => database,
): string => {
  const connections = databases.map((database) => {
    const [section, option] = urlOptionOf(login.tools, database)
    return [section, { [option]: urlOf(login, as(database.name)) }] as const
  })
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
