import { canonical } from '../rewrite/address-map.ts'
import { serving } from '../services/index.ts'
import { transportHosts, type UrlHost } from '../text/transport-url.ts'
import { databaseHosts } from './cell-mappings.ts'
import { fillTemplate } from './cell-template.ts'

const { cells } = serving('compute')

export interface CellMapping {
  readonly uuid: string
  readonly name: string | null
  readonly transport_url: string | null
  readonly database_connection: string | null
}

/** [DEFAULT] transport_url and [database] connection of a nova.conf, which fill the templates. */
export type CellSettings = Readonly<Partial<Record<Column, string>>>

/** Input of cellsLeadTo besides the rows. */
export interface Allowed {
  /** the target's own addresses: cell URLs may name these and the loopback */
  readonly addresses: readonly string[]
  /** how the target resolves host names in the URLs (see cellHosts): 'controller' -> ['10.20.0.10'] */
  readonly resolved?: Readonly<Record<string, readonly string[]>>
  /** of the target's nova.conf */
  readonly settings?: CellSettings
}

const reads = { transport_url: transportHosts, database_connection: databaseHosts } as const
type Column = keyof typeof reads
const names = Object.keys(reads) as readonly Column[]

/** Hosts of a filled-in cell URL, or why there are none, without quoting the URL. */
type Hosts = { readonly hosts: readonly string[] } | { readonly why: string }

const hostsOf = (row: CellMapping, column: Column, settings: CellSettings | undefined): Hosts => {
  const written = row[column]
  if (written === null || written === '') return { why: 'empty' }
  const { url, unknown } = fillTemplate(written, settings?.[column])
  if (unknown.length > 0)
    return { why: `a template with {${unknown.join('}, {')}}, which ${cells?.settings} does not define` }
  const hosts: readonly UrlHost[] | undefined = reads[column](url)
  if (hosts === undefined)
    return {
      why: "a URL whose password hides where the host begins: write '@', '/', '?', '#' and ',' of the password as %40, %2F, %3F, %23 and %2C",
    }
  return hosts.length === 0 ? { why: 'not a URL' } : { hosts: hosts.map(({ host }) => host) }
}

/**
 * The cell mapping URLs that do not lead to the allowed addresses, one line each, without passwords; empty when all do.
 * nova-manage db sync upgrades whatever cell0's URL names, so this runs before any nova command.
 */
export const cellsLeadTo = (rows: readonly CellMapping[], allowed: Allowed): readonly string[] => {
  const fine = new Set(allowed.addresses.map(canonical))
  const leads = (host: string): boolean => {
    const addresses = allowed.resolved?.[host] ?? [host]
    return (
      isLoopback(host) ||
      (addresses.length > 0 && addresses.every((one) => isLoopback(one) || fine.has(canonical(one))))
    )
  }
  if (rows.length === 0) return [`${cells?.database} has no cell mappings`]
  return rows.flatMap((row) =>
    names.flatMap((column) => {
      const cell = `cell ${row.name ?? row.uuid}, ${column}`
      const found = hostsOf(row, column, allowed.settings)
      if ('why' in found) return [`${cell}: ${found.why}`]
      return found.hosts.filter((host) => !leads(host)).map((host) => `${cell}: points to ${host}`)
    }),
  )
}

/**
 * URLs that are wrong whatever the addresses: templates that cannot be filled in, hosts that cannot be told from the
 * password.
 */
export const unreadableCells = (rows: readonly CellMapping[], settings: CellSettings): readonly string[] =>
  rows.flatMap((row) =>
    names.flatMap((column) => {
      const found = hostsOf(row, column, settings)
      return 'why' in found ? [`cell ${row.name ?? row.uuid}, ${column}: ${found.why}`] : []
    }),
  )

/** An empty host is the machine's own socket, or none:///, which means that cell0 has no messages. */
const isLoopback = (host: string): boolean => ['', 'localhost', '::1', '[::1]'].includes(host) || /^127\./.test(host)

/** Host names in the URLs, not addresses, to be resolved on the target. */
export const cellHosts = (rows: readonly CellMapping[], settings?: CellSettings): readonly string[] => {
  const hosts = rows.flatMap((row) =>
    names.flatMap((column) => {
      const found = hostsOf(row, column, settings)
      return 'hosts' in found ? found.hosts : []
    }),
  )
  return [...new Set(hosts)].filter((host) => !isLoopback(host) && !/^\[|^[\d.]+$/.test(host))
}
