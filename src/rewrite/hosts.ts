import { refuse } from '../errors.ts'
import type { Args, FixupTable, Row, Where } from './fixup.ts'

/**
 * The new name for 'host', 'host@backend', 'host@backend#pool' or 'host#pool'; every other host is unchanged, including
 * src2 and src.example. cinder-manage volume update_host would drop the pool.
 */
export const rewriteHost = (text: string, from: string, to: string): string => {
  const rest = text.slice(from.length)
  return text.startsWith(from) && (rest === '' || rest.startsWith('@') || rest.startsWith('#')) ? to + rest : text
}

const where = (args: Args): Where => ({ sql: 'LOCATE(?, `host`) = 1', params: [args['from'] ?? ''] })

const rename = (row: Row, args: Args): Row => {
  const host = row['host']
  if (typeof host !== 'string') return row
  const renamed = rewriteHost(host, args['from'] ?? '', args['to'] ?? '')
  return renamed === host ? row : { ...row, host: renamed }
}

/** A table whose `host` is of this form. */
export const hostTable = (table: string, beside: string): FixupTable => ({
  table,
  beside,
  key: 'id',
  columns: ['host'],
  where,
  rewrite: rename,
})

/**
 * A table of services. Live rows of these binaries are identities and are renamed, because other rows refer to them.
 */
export const identityTable = (table: string, beside: string, binaries: readonly string[]): FixupTable => ({
  ...hostTable(table, beside),
  reads: ['binary', 'deleted'],
  unique: ['host', 'binary'],
  rewrite: (row, args) =>
    binaries.includes(String(row['binary'])) && Number(row['deleted'] ?? 0) === 0 ? rename(row, args) : row,
})

/** Throws SwapError (exit 2) unless `from` and `to` are two names without '@' or '#'. */
export const checkHosts = (args: Args): void => {
  for (const key of ['from', 'to'])
    if (!/^[^\s@#]+$/.test(args[key] ?? ''))
      throw refuse(
        'fixup',
        `${key}: '${args[key] ?? ''}' is not a host name`,
        'Give the host part alone, without @backend',
      )
}
