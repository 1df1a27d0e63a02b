import { recipes } from '../../services/index.ts'
import type { Changed, ValueRule } from '../../services/options.ts'

// What no driver but PyMySQL knows, or reads otherwise, stands in the query.
const common = /^(charset|use_unicode|ssl_\w+|read_timeout|write_timeout|connect_timeout|unix_socket)$/

const pymysql = (url: string): Changed | undefined => {
  const [, rest] = /^mysql\+(?!pymysql:)\w+(:\/\/.*)$/s.exec(url) ?? []
  if (rest === undefined) return undefined
  const query = rest.slice(rest.lastIndexOf('@')).split('?')[1] ?? ''
  const own = query.split('&').some((pair) => pair !== '' && !common.test(pair.split('=')[0] ?? ''))
  return { value: `mysql+pymysql${rest}`, ...(own ? { look: true } : {}) }
}

const hostAndPort = /^(\[[0-9a-f:.]+\]|[\w.-]+|\$\{?[\w.]+\}?):(\d+|\$\{?[\w.]+\}?)(\/|$)/i

/** Sections in which a service finds a database: 'database', 'api_database'. */
const databases = [
  ...new Set(recipes.flatMap((recipe) => recipe.databases.map(({ section }) => section ?? 'database'))),
].join('|')

/** Databases and servers: what has to be said otherwise in a URL or instead of one. */
export const urlValues: readonly ValueRule[] = [
  {
    project: '*',
    section: databases,
    options: 'connection slave_connection',
    since: 'liberty',
    replace: [[/^mysql:\/\//, 'mysql+pymysql://']],
    reason: 'mysql:// selects the driver MySQL-python, which is no longer packaged',
  },
  {
    project: '*',
    section: `${databases}|taskflow`,
    options: 'connection slave_connection',
    since: 'liberty',
    change: pymysql,
    reason: 'the packages contain PyMySQL and no other MySQL driver',
  },
  {
    project: '*',
    section: '*',
    options: 'auth_url endpoint_override *_endpoint *_endpoint_template *_url *_uri',
    since: 'queens',
    change: (value) => (hostAndPort.test(value) ? { value, look: true } : undefined),
    reason: 'this option needs a URL, but the value has no http:// or https://',
  },
]
