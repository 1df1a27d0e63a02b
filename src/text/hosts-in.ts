import { isIP } from 'node:net'
import { isDatabaseUrl, readDatabaseUrl } from './database-url.ts'
import { rangesIn } from './ranges.ts'

/** A host that a value names. */
export interface Place {
  /** without brackets */
  readonly host: string
  readonly port?: number
}

const placeOf = (host: string, port: string | undefined): Place => ({
  host: host.replace(/^\[|\]$/g, ''),
  ...(port === undefined || port === '' ? {} : { port: Number(port) }),
})

/** Hosts of the URLs in a value, also of a list of URLs: without user, password and path. */
export const placesInUrls = (value: string): readonly Place[] => {
  if (isDatabaseUrl(value)) {
    const { host = '', port = '' } = readDatabaseUrl(value).meant ?? {}
    return /^[\w.:[\]-]+$/.test(host) ? [placeOf(host, /^\d+$/.test(port) ? port : undefined)] : []
  }
  return value
    .split(/,\s*(?=[a-z][a-z0-9+.-]{0,40}:\/\/)/i)
    .flatMap((one) => [...one.matchAll(/[a-z][a-z0-9+.-]{0,40}:\/\/([^\s'"<>]*)/gi)])
    .flatMap(([, rest = '']) => placesOfUrl(rest))
}

/**
 * 'user:pw@a:5672,user:pw@b:5672/vhost' names a and b. With a user, only what follows an @ is a host, because a
 * password may contain commas.
 */
const placesOfUrl = (rest: string): readonly Place[] =>
  (rest.split(/[/?]/)[0] ?? '').split(',').flatMap((one) => {
    if (rest.includes('@') && !one.includes('@')) return []
    const [, host, port] =
      /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(?::(\d+))?$/.exec(one.slice(one.lastIndexOf('@') + 1)) ?? []
    return host === undefined ? [] : [placeOf(host, port)]
  })

/** The hosts of the URLs in a value, each once. */
export const hostsIn = (value: string): readonly string[] => [...new Set(placesInUrls(value).map(({ host }) => host))]

/** Plain addresses in a value, alone or in a list, with or without a port; ranges apart. */
export const addressesIn = (value: string): readonly string[] =>
  rangesIn(value)
    .reduce((left, { text }) => left.replace(text, ' '), value)
    .split(/[,\s]+/)
    .map((one) => one.replace(/^\[([^\]]*)\](:\d+)?$/, '$1').replace(/^([\d.]+):\d+$/, '$1'))
    .filter((one) => isIP(one) !== 0)

/** A word before the host: of memcached's and OVSDB's notations, and of dogpile.cache's arguments. */
const before = /^(?:tcp|ssl|inet6?|url):(?=.)/

/** Hosts of a list without URLs: 'a:11211, inet6:[fd00::1]:11211', 'tcp:10.0.0.1:6642,tcp:10.0.0.2:6642', 'a'. */
const placesInList = (value: string): readonly Place[] =>
  value.split(/[,\s]+/).flatMap((word) => {
    const bare = word.replace(before, '')
    if (isIP(bare) !== 0) return [placeOf(bare, undefined)]
    const [, host, port] = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_][A-Za-z0-9_.-]*)(?::(\d+))?$/.exec(bare) ?? []
    return host === undefined ? [] : [placeOf(host, port)]
  })

/** Every host in the value of an option that names a place: of URLs, or of a plain list. Never a part of a password. */
export const placesIn = (value: string): readonly Place[] => {
  const plain = value.replace(/^(["'])(.*)\1$/s, '$2')
  return plain.includes('://') ? placesInUrls(plain) : placesInList(plain)
}

/** Options whose values are hosts without a URL: nova_metadata_host, nova_metadata_ip, memcached_servers. */
const hostOptions = /(?:^|_)(?:hosts?|servers?|ip|address(?:es)?)$/

/** Host names without a URL in a value of an option that is about hosts. */
export const namesIn = (key: string, value: string): readonly string[] =>
  !hostOptions.test(key) || value.includes('://')
    ? []
    : placesIn(value)
        .map(({ host }) => host)
        .filter((one) => /^[A-Za-z]/.test(one) && isIP(one) === 0 && !/^(true|false|yes|no|on|off|none)$/i.test(one))
