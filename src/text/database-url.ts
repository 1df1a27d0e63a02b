/**
 * A database URL as one version of SQLAlchemy splits it. Texts are not unquoted; offsets count from the URL's start.
 */
export interface DatabaseUrl {
  readonly user: string | undefined
  /** a secret: never printed */
  readonly password: string | undefined
  /** with brackets when it is IPv6; '' when absent */
  readonly host: string
  /** where `host` begins: before it are the scheme and the login */
  readonly start: number
  readonly port: string
  readonly database: string
}

interface Reader {
  /** which '@' ends a password */
  readonly end: 'first' | 'last'
  /** what ends host and port, besides ':' */
  readonly stops: RegExp
}

/**
 * SQLAlchemy up to 1.3: the last '@' of the whole URL ends the password, only '/' ends host and port. Source:
 * sqlalchemy/engine/url.py.
 */
const until13: Reader = { end: 'last', stops: /\// }
/** Since 1.4: the first '@' ends the password, and '?' also ends host and port. */
const since14: Reader = { end: 'first', stops: /[/?]/ }

/** Whether a text has a scheme that OpenStack uses with SQLAlchemy. */
export const isDatabaseUrl = (text: string): boolean =>
  /^(?:mysql|mariadb|postgresql|sqlite)(?:\+\w+)?:\/\//i.test(text)

interface Login {
  readonly user?: string
  readonly password?: string
  /** number of characters, including the '@' */
  readonly length: number
}

const loginOf = (rest: string, { end }: Reader): Login => {
  const sign = rest.search(/[:/]/)
  const colon = rest[sign] === ':' ? sign : -1
  const at = colon < 0 ? -1 : end === 'last' ? rest.lastIndexOf('@') : rest.indexOf('@', colon)
  if (at > colon && colon >= 0)
    return { user: rest.slice(0, colon), password: rest.slice(colon + 1, at), length: at + 1 }
  const head = sign < 0 ? rest : rest.slice(0, sign)
  const alone = head.lastIndexOf('@')
  return alone < 0 ? { length: 0 } : { user: head.slice(0, alone), length: alone + 1 }
}

/** Number of characters before the first match of `sign`. */
const until = (text: string, sign: RegExp): string => {
  const at = text.search(sign)
  return at < 0 ? text : text.slice(0, at)
}

const read = (url: string, reader: Reader): DatabaseUrl | undefined => {
  const scheme = /^[\w+{}]+:\/\//.exec(url)?.[0]
  if (scheme === undefined) return undefined
  const rest = url.slice(scheme.length)
  const { user, password, length } = loginOf(rest, reader)
  const place = rest.slice(length)
  const authority = until(place, reader.stops)
  const host = /^\[[^\]]*\]/.exec(authority)?.[0] ?? until(authority, /:/)
  const port = authority.slice(host.length)
  const path = place.slice(authority.length)
  return {
    user,
    password,
    host,
    start: scheme.length + length,
    port: port.replace(/^:/, ''),
    database: path.startsWith('/') ? until(path.slice(1), /\?/) : '',
  }
}

/**
 * Whether the URL names a server and a database. Braces are a template of nova's cells, a dollar refers to another
 * option.
 */
const usable = ({ host, port, database }: DatabaseUrl): boolean =>
  /^(?:\[[0-9A-Fa-f:.%\w]+\]|[\w.${}-]*)$/.test(host) &&
  /^(?:\d*|[\w${}]*[}$][\w${}]*)$/.test(port) &&
  /^[\w.${}+-]+$/.test(database)

const same = (a: DatabaseUrl, b: DatabaseUrl): boolean =>
  a.start === b.start && a.host === b.host && a.port === b.port && a.database === b.database

export interface Readings {
  /** as SQLAlchemy up to 1.3 and from 1.4 on reads it; undefined: not a URL */
  readonly until13: DatabaseUrl | undefined
  readonly since14: DatabaseUrl | undefined
  /** how the running cloud must have read it; undefined: neither reading names a server and a database */
  readonly meant: DatabaseUrl | undefined
}

/**
 * A database URL as both versions of SQLAlchemy read it. Where they differ only one can have worked: a host with an
 * '@', or no database, reaches nothing. Source: sqlalchemy/engine/url.py, rel_1_3_22 and rel_2_0_40.
 */
export const readDatabaseUrl = (url: string): Readings => {
  const [old, now] = [read(url, until13), read(url, since14)]
  const fit = [old, now].filter((one) => one !== undefined && usable(one))
  const [first, second] = fit
  return {
    until13: old,
    since14: now,
    meant: second === undefined || same(first as DatabaseUrl, second) ? first : undefined,
  }
}

/**
 * The same URL, quoted so that every SQLAlchemy reads what was meant: each '@' but the one that ends the login becomes
 * %40. Unchanged when nothing needs quoting or the meaning is not clear.
 */
export const quoteDatabaseUrl = (url: string): string => {
  const { meant } = readDatabaseUrl(url)
  if (meant?.password === undefined) return url
  const login = meant.start - 1
  return `${url.slice(0, login).replaceAll('@', '%40')}@${url.slice(meant.start).replaceAll('@', '%40')}`
}
