import { canonical } from './address-map.ts'
import { databaseHosts, isTemplate, transportHosts, type UrlHost } from './cell-mappings.ts'

/** A row of nova_api.cell_mappings. */
export interface CellMapping {
  readonly uuid: string
  readonly name: string | null
  readonly transport_url: string | null
  readonly database_connection: string | null
}

/** What cellsLeadTo needs besides the rows. */
export interface Allowed {
  /** addresses of the target's own: cell URLs may name these, and the loopback */
  readonly addresses: readonly string[]
  /** what the target's resolver says of names in the URLs (cellHosts lists them): 'controller' -> ['10.20.0.10'] */
  readonly resolved?: Readonly<Record<string, readonly string[]>>
  /** the target's [DEFAULT] transport_url and [database] connection: what templates are filled in from */
  readonly settings?: { readonly transport_url: string; readonly database_connection: string }
}

const reads = { transport_url: transportHosts, database_connection: databaseHosts } as const
type Column = keyof typeof reads
const names = Object.keys(reads) as readonly Column[]

const hostsOf = (column: Column, url: string, settings: Allowed['settings']): readonly string[] | undefined => {
  const hosts = reads[column](url).map(({ host }: UrlHost) => host)
  if (!hosts.some(isTemplate)) return hosts
  if (settings === undefined) return undefined
  return [...hosts.filter((host) => !isTemplate(host)), ...reads[column](settings[column]).map(({ host }) => host)]
}

/**
 * Which URLs of the cell mappings do not lead to the allowed addresses, one line each, without passwords; empty when
 * every one does. nova-manage db sync upgrades whatever cell0's URL names: this stands before any nova command.
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
  if (rows.length === 0) return ['nova_api has no cell mappings at all']
  return rows.flatMap((row) => names.flatMap((column) => complaints(row, column, leads, allowed.settings)))
}

const complaints = (
  row: CellMapping,
  column: Column,
  leads: (host: string) => boolean,
  settings: Allowed['settings'],
): readonly string[] => {
  const cell = `cell ${row.name ?? row.uuid}, ${column}`
  const url = row[column]
  if (url === null || url === '') return [`${cell}: empty`]
  const hosts = hostsOf(column, url, settings)
  if (hosts === undefined) return [`${cell}: a template, and the settings that fill it in are not known`]
  if (hosts.length === 0) return [`${cell}: not a URL`]
  return hosts.filter((host) => !leads(host)).map((host) => `${cell}: leads to ${host}`)
}

/** An empty host is the machine's own socket, or none:///, cell0's way to say that it has no messages. */
const isLoopback = (host: string): boolean => ['', 'localhost', '::1', '[::1]'].includes(host) || /^127\./.test(host)

/** Names in the URLs that a resolver has to be asked about on the target: no addresses, no templates. */
export const cellHosts = (rows: readonly CellMapping[], settings?: Allowed['settings']): readonly string[] => {
  const urls = [...rows, ...(settings ? [settings] : [])]
  const hosts = urls.flatMap((row) =>
    names.flatMap((column) => reads[column](row[column] ?? '').map(({ host }) => host)),
  )
  return [...new Set(hosts)].filter((host) => !isTemplate(host) && !isLoopback(host) && !/^\[|^[\d.]+$/.test(host))
}
