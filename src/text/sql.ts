import { SwapError } from '../errors.ts'

/** Anything that answers a SELECT with one object per row. */
export interface Asker {
  rows(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>
}

/** One identifier in backticks, of any length: a pattern in a grant may be longer than a name. */
export const quoted = (identifier: string): string => `\`${identifier.replaceAll('`', '``')}\``

/**
 * Identifiers in backticks, joined by dots: name('nova', 'services') is `nova`.`services`. Throws for an identifier no
 * server accepts.
 */
export const name = (...parts: readonly string[]): string => {
  for (const part of parts) {
    if (part !== '' && part.length <= 64 && !part.includes('\0')) continue
    throw new SwapError(
      'database',
      `'${part}' cannot be the name of a database or table`,
      "Check [database] connection in the service's config",
    )
  }
  return parts.map(quoted).join('.')
}

/** A string literal that means the same with and without NO_BACKSLASH_ESCAPES. */
export const text = (value: string): string =>
  /[\\\0]/.test(value)
    ? `_utf8mb4 X'${Buffer.from(value, 'utf8').toString('hex')}'`
    : `'${value.replaceAll("'", "''")}'`

/**
 * Fills database names into a query from the data files: {volumes} becomes `cinder`.`volumes`, {nova_api.request_specs}
 * a table of another database, {} the database's name as a string. In `databases`, '' is the database being asked.
 */
export const fill = (sql: string, databases: Readonly<Record<string, string>>): string =>
  sql.replaceAll(/\{(?:(\w+)\.)?(\w*)\}/g, (_, key: string | undefined, table: string) => {
    const database = databases[key ?? ''] ?? ''
    return table === '' ? text(database) : name(database, table)
  })
