import type { Config } from '../config.ts'
import { listenAddress } from './listen.ts'

/**
 * Options in Debian's /etc/memcached.conf (command line options, one per line) that are carried over; the rest stays
 * the target's.
 */
const carried = ['-m', '-c', '-I', '-p', '-l']

const option = (line: string): readonly [string, string] | undefined => {
  const match = /^\s*(-[A-Za-z])(?:\s+|=)?(.*)$/.exec(line)
  return match === null ? undefined : [match[1] ?? '', (match[2] ?? '').trim()]
}

/** The target's file with the source's memory, connections, item size, port and addresses (mapped to the target). */
export const memcachedFile = (
  config: Pick<Config, 'addresses' | 'counterparts'>,
  target: string,
  source: string,
): string => {
  const kept = target.split('\n').filter((line) => !carried.includes(option(line)?.[0] ?? ''))
  const taken = source.split('\n').flatMap((line) => {
    const found = option(line)
    if (found === undefined || !carried.includes(found[0])) return []
    return [found[0] === '-l' ? `-l ${mapped(config, found[1])}` : `${found[0]} ${found[1]}`]
  })
  return `${kept.join('\n').trimEnd()}\n\n# as on the source\n${taken.join('\n')}\n`
}

const mapped = (config: Pick<Config, 'addresses' | 'counterparts'>, list: string): string =>
  memcachedAddresses(list)
    .flatMap((address) => listenAddress(config, address) ?? [])
    .join(',')

const memcachedAddresses = (list: string): readonly string[] => list.split(',').map((one) => one.trim())

/** Where this file makes memcached listen; [] means everywhere. */
export const listensAt = (file: string): { readonly port: number; readonly addresses: readonly string[] } => {
  const values = (wanted: string): readonly string[] =>
    file.split('\n').flatMap((line) => {
      const found = option(line)
      return found?.[0] === wanted ? [found[1]] : []
    })
  return { port: Number(values('-p').at(-1) ?? 11211), addresses: values('-l').flatMap(memcachedAddresses) }
}
