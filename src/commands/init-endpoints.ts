import { isIP } from 'node:net'
import { lastLines } from '../hosts/channel.ts'
import type { Host } from '../hosts/host.ts'
import { identity } from '../services/index.ts'
import { canonical } from '../text/canonical.ts'

/**
 * The addresses at which clients reach the source. What could not be found out is listed too, so that it does not look
 * like "none".
 */
export interface Endpoints {
  /** addresses in endpoints, or that their host names resolve to on the source */
  readonly addresses: readonly string[]
  readonly untold: readonly string[]
}

/** 'http://[fd00::1]:5000/v3/%(tenant_id)s' -> 'fd00::1'; undefined when it has no readable host. */
export const hostOf = (url: string): string | undefined => {
  const [, six, other] = /^\s*[a-z][a-z+.-]*:\/\/(?:[^/@]*@)?(?:\[([^\]]+)\]|([^/:?#\s]+))/i.exec(url) ?? []
  const host = six ?? other
  return host === undefined || /[%$(){}]/.test(host) ? undefined : host.toLowerCase()
}

/** Parses 'ADDRESS STREAM name' lines of `getent ahosts`. */
export const parseAhosts = (text: string): readonly string[] => [
  ...new Set(
    text
      .split('\n')
      .flatMap((line) => line.trim().split(/\s+/)[0] ?? [])
      .filter((one) => isIP(one) !== 0),
  ),
]

const addressesOf = async (source: Host, host: string): Promise<readonly string[]> => {
  if (isIP(host) !== 0) return [host]
  const { code, stdout } = await source.run({ argv: ['getent', 'ahosts', host], limit: 30 })
  return code === 0 ? parseAhosts(stdout) : []
}

/** Asks keystone's database for the endpoints, and the source to resolve their host names. */
export const askEndpointAddresses = async (source: Host): Promise<Endpoints> => {
  const sql = `SELECT DISTINCT url FROM ${identity.databases[0]?.name}.endpoint`
  const argv = ['mysql', '--batch', '--raw', '--skip-column-names', '-e', sql] as const
  const { code, stdout, stderr } = await source.run({ argv, limit: 30 })
  if (code !== 0) {
    const why = lastLines(stderr.trim(), 2).replaceAll('\n', ' / ')
    return {
      addresses: [],
      untold: [`cannot read the endpoints from ${identity.name}'s database: ${why} (exit ${code})`],
    }
  }
  const urls = stdout.split('\n').filter((line) => line.trim() !== '')
  const unread = urls.filter((url) => hostOf(url) === undefined)
  const hosts = [...new Set(urls.flatMap((url) => hostOf(url) ?? []))]
  const found = await Promise.all(hosts.map(async (host) => ({ host, at: await addressesOf(source, host) })))
  const nowhere = found.filter(({ at }) => at.length === 0).map(({ host }) => host)
  return {
    addresses: [...new Set(found.flatMap(({ at }) => at).map(canonical))],
    untold: [
      ...(urls.length === 0 ? [`${identity.name}'s database has no endpoint`] : []),
      ...unread.map((url) => `endpoint ${url.trim()} names no host`),
      ...nowhere.map((host) => `endpoints name ${host}, which the source cannot resolve`),
    ],
  }
}
