import { isIP } from 'node:net'
import { catalogDatabase } from '../../ask/catalog.ts'
import { askMaybe, lines } from '../../ask/question.ts'
import type { Context } from '../../context.ts'
import { withDatabase } from '../../hosts/db.ts'
import type { Host } from '../../hosts/host.ts'

/** An API in the catalog, at a moving address. */
export interface Endpoint {
  /** the catalog's type: 'compute' */
  readonly name: string
  /** with the host as in the catalog: 'http://controller:8774/v2.1/' */
  readonly url: string
  /** as in the catalog: 'http://controller:8776/v3/%(project_id)s' */
  readonly template: string
  /** the moving address: the host itself, or what it resolves to on the target */
  readonly address: string
}

/** The part of a catalog URL that works without a project id: 'http://c:8776/v3/%(tenant_id)s' becomes '.../v3/'. */
export const baseUrl = (url: string): string => url.replace(/[%$]\(.*$/, '').replace(/\/AUTH_$/, '/')

const hostOf = (url: string): string | undefined => {
  if (!URL.canParse(url)) return undefined
  return new URL(url).hostname.replace(/^\[|\]$/g, '')
}

/**
 * The endpoints at moving addresses from the catalog's rows, without duplicate URLs. `resolved`: addresses by host
 * name.
 */
export const endpointsOf = (
  rows: readonly { readonly type: string; readonly url: string }[],
  moving: readonly string[],
  resolved: ReadonlyMap<string, string>,
): readonly Endpoint[] => {
  const found = new Map<string, Endpoint>()
  for (const row of rows) {
    const url = baseUrl(row.url)
    const host = hostOf(url)
    const address = host === undefined ? undefined : isIP(host) > 0 ? host : resolved.get(host)
    if (address !== undefined && moving.includes(address) && !found.has(url))
      found.set(url, { name: row.type, url, template: row.url, address })
  }
  return [...found.values()]
}

const resolve = async (host: Host, names: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const found = await Promise.all(
    names.map(
      async (name) =>
        [
          name,
          await askMaybe(host, { argv: ['getent', 'ahosts', name], parse: (text) => lines(text)[0]?.split(/\s+/)[0] }),
        ] as const,
    ),
  )
  return new Map(found.flatMap(([name, address]) => (address === undefined ? [] : [[name, address] as const])))
}

/** The database that holds a repository's schema, from the survey. */
export const databaseOf = ({ survey }: Context, repo: string): string | undefined =>
  survey.services
    .flatMap((service) => service.databases)
    .find((database) => database.repo === repo && !/_cell0$/.test(database.name))?.name

/** The APIs at moving addresses, from the catalog in a side's own database. */
export const askEndpoints = async (
  context: Context,
  on: 'source' | 'target' = 'target',
): Promise<readonly Endpoint[]> => {
  const side = context.hosts(on)
  const database = catalogDatabase(context.survey)
  const rows = await withDatabase(side, { database, readOnly: true }, (db) =>
    db.rows<{ type: string; url: string }>(
      `SELECT DISTINCT s.type AS type, e.url AS url FROM endpoint e JOIN service s ON s.id = e.service_id
       WHERE e.enabled = 1 AND e.interface IN ('public', 'internal') ORDER BY s.type, e.url`,
    ),
  )
  const names = [...new Set(rows.map((row) => hostOf(baseUrl(row.url))))].filter(
    (name): name is string => name !== undefined && isIP(name) === 0,
  )
  return endpointsOf(
    rows,
    context.config.addresses.map((it) => it.address),
    await resolve(side, names),
  )
}
