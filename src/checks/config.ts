import { isIP } from 'node:net'
import type { Context } from '../context.ts'
import { type HostName, sideOf } from '../hosts/host.ts'
import { recipes } from '../services/index.ts'
import { isDatabaseUrl, readDatabaseUrl } from '../text/database-url.ts'
import { once, texts } from './once.ts'

export interface Setting {
  readonly file: string
  readonly key: string
  readonly value: string
}

/** Where services keep their settings on a compute. */
const placesOnComputes = [...recipes.flatMap(({ onComputes }) => onComputes?.etc ?? []), '/etc/ceilometer']

/** Options set in oslo.config files, without comments. Values may contain passwords: never print a whole one. */
export const settingsOf = (files: ReadonlyMap<string, string>): readonly Setting[] =>
  [...files].flatMap(([file, text]) =>
    text.split('\n').flatMap((line): readonly Setting[] => {
      const match = /^\s*([A-Za-z0-9_.-]+)\s*[=:]\s*(\S.*?)\s*$/.exec(line)
      return match === null ? [] : [{ file, key: match[1] ?? '', value: match[2] ?? '' }]
    }),
  )

/** All settings of a machine's services, from all their config files. */
export const settingsAt = async (context: Context, name: HostName): Promise<readonly Setting[]> => {
  const paths = sideOf(name) === 'source' ? context.recipes.flatMap((recipe) => recipe.etc) : placesOnComputes
  if (paths.length === 0) return []
  return settingsOf((await once(context, name, texts(paths, ['.conf', '.ini']))) ?? new Map())
}

/** Hosts of the URLs, or of a HOST:PORT list, in a value: without user, password, port and path. */
export const hostsIn = (value: string): readonly string[] => {
  if (isDatabaseUrl(value)) {
    const host = readDatabaseUrl(value).meant?.host.replace(/^\[|\]$/g, '') ?? ''
    return /^[\w.:-]+$/.test(host) ? [host] : []
  }
  const urls = [...value.matchAll(/[a-z][a-z0-9+.-]*:\/\/([^\s'"<>]*)/gi)].map((match) => match[1] ?? '')
  return [...new Set(urls.flatMap(hostsOfUrl))]
}

/** Plain addresses in a value, alone or in a list, with or without a port. */
export const addressesIn = (value: string): readonly string[] =>
  value
    .split(/[,\s]+/)
    .map((one) => one.replace(/^\[([^\]]*)\](:\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1'))
    .filter((one) => isIP(one) !== 0)

/**
 * 'user:pw@a:5672,user:pw@b:5672/vhost' names a and b. With a user, only what follows an @ is a host, because a
 * password may contain commas.
 */
const hostsOfUrl = (rest: string): readonly string[] =>
  (rest.split(/[/?]/)[0] ?? '').split(',').flatMap((one) => {
    if (rest.includes('@') && !one.includes('@')) return []
    const host = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(?::\d+)?$/.exec(one.slice(one.lastIndexOf('@') + 1))?.[1]
    return host === undefined ? [] : [host.replace(/^\[|\]$/g, '')]
  })
