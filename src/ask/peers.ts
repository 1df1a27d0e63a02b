import { isIP } from 'node:net'
import type { Host } from '../hosts/host.ts'
import { canonical } from '../text/canonical.ts'
import { clusterPlaces, galera } from './facts-galera.ts'
import { broker } from './facts-rabbitmq.ts'
import { askMaybe, lines, type Question } from './question.ts'

/** Another machine that the named one knows: an address or a host name, and which software knows it. */
export interface Peer {
  readonly host: string
  /** a valid name for a section */
  readonly name: string
  /** 'Galera', 'RabbitMQ', 'keepalived', 'haproxy' */
  readonly by: readonly string[]
}

/** What one program says of other machines, before duplicates are removed. */
export interface Told {
  readonly by: string
  readonly host: string
  readonly name?: string
}

/** A cluster's peers are controllers; a balancer may also lead to other machines. */
const clusters: readonly string[] = ['Galera', 'RabbitMQ']

export const isMember = ({ by }: Peer): boolean => by.some((one) => clusters.includes(one))

/** Whether it would take addresses: a controller, or a balancer in front of them. */
export const isKeeper = ({ by }: Peer): boolean => by.includes('keepalived')

/** '10.0.0.12:3306', '[fd00::12]:0' -> the address. */
const hostOf = (place: string): string =>
  canonical(place.replace(/^\[([^\]]*)\](:\d+)?$/, '$1').replace(/^([^:]+):\d+$/, '$1'))

/** `unicast_peer { 10.0.0.12 10.0.0.13 }` of keepalived.conf(5), one per line. */
export const unicastPeers = (text: string): readonly Told[] =>
  [...text.replaceAll(/[#!].*$/gm, '').matchAll(/\bunicast_peer\s*\{([^}]*)\}/g)].flatMap(([, block = '']) =>
    block
      .split(/\s+/)
      .filter((word) => isIP(word) !== 0)
      .map((host) => ({ by: 'keepalived', host: canonical(host) })),
  )

/** `server ctl2 10.0.0.12:5000 check` of haproxy.cfg. */
export const backends = (text: string): readonly Told[] =>
  lines(text).flatMap((line): readonly Told[] => {
    const [, name = '', place = ''] = /^\s*server\s+(\S+)\s+(\S+)/.exec(line) ?? []
    const host = hostOf(place)
    return isIP(host) === 0 ? [] : [{ by: 'haproxy', host, name }]
  })

/** 'rabbit@ctl2', and what the machine's resolver says of ctl2. */
export const nodesOf = (nodes: readonly string[], addresses: ReadonlyMap<string, string>): readonly Told[] =>
  nodes.map((node) => {
    const name = nameOf(node)
    return { by: 'RabbitMQ', host: addresses.get(name) ?? name, name }
  })

const nameOf = (node: string): string => node.slice(node.indexOf('@') + 1)

/** Members of a Galera cluster: addresses, or names that the machine's resolver knows. */
export const placesOf = (places: readonly string[], addresses: ReadonlyMap<string, string>): readonly Told[] =>
  places.map((place) => {
    const host = hostOf(place)
    return { by: 'Galera', host: addresses.get(host) ?? host, ...(isIP(host) === 0 ? { name: host } : {}) }
  })

const plainName = (name: string): string | undefined =>
  /^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,60}[A-Za-z0-9])?$/.test(name) && !['source', 'target', 'local'].includes(name)
    ? name
    : undefined

/**
 * The machines reported by all programs, without duplicates and without `own` (addresses and names of the asked
 * machine, of the target, and addresses that move). Cluster members come first, then by name: Galera lists its members
 * in another order each time. A machine without a name gets its address as its name.
 */
export const peersOf = (told: readonly Told[], own: readonly string[]): readonly Peer[] => {
  const known = new Set(own.map((one) => canonical(one).toLowerCase()))
  const hosts = [...new Set(told.map(({ host }) => host))].filter(
    (host) => host !== '' && !known.has(host.toLowerCase()) && !/^(127\.|::1$|0\.0\.0\.0$|::$)/.test(host),
  )
  const peers = hosts.map((host): Peer => {
    const all = told.filter((one) => one.host === host)
    const name = all.flatMap((one) => plainName(one.name ?? '') ?? [])[0] ?? host.replaceAll(/[.:]+/g, '-')
    return { host, name, by: [...new Set(all.map(({ by }) => by))] }
  })
  const unique = peers.filter((one, index) => peers.findIndex((other) => other.name === one.name) === index)
  return unique.toSorted((a, b) => Number(isMember(b)) - Number(isMember(a)) || inOrder.compare(a.name, b.name))
}

/** ctl2 before ctl10. */
const inOrder = new Intl.Collator('en', { numeric: true })

const file = (path: string): Question<string> => ({ argv: ['cat', path], parse: (text) => text })

const resolved = (names: readonly string[]): Question<ReadonlyMap<string, string>> => ({
  argv: ['getent', 'ahosts', ...names],
  codes: [2],
  parse: (text) =>
    new Map(
      lines(text)
        .map((line) => line.split(/\s+/))
        .flatMap(([address = '', , name]) => (name === undefined ? [] : [[name, address] as const])),
    ),
})

/**
 * The controllers that this one knows: members of its Galera and RabbitMQ clusters, also those that are down,
 * keepalived's peers, haproxy's backends. Reads only.
 */
export const askPeers = async (host: Host): Promise<readonly Told[]> => {
  const [cluster, named, nodes, vrrp, balancer] = await Promise.all([
    askMaybe(host, galera),
    askMaybe(host, clusterPlaces),
    askMaybe(host, broker),
    askMaybe(host, file('/etc/keepalived/keepalived.conf')),
    askMaybe(host, file('/etc/haproxy/haproxy.cfg')),
  ])
  const places = [...(cluster?.addresses ?? []), ...(named ?? [])]
  const names = [...(nodes?.nodes ?? []).map(nameOf), ...places.map(hostOf).filter((one) => isIP(one) === 0)]
  const addresses = names.length === 0 ? undefined : await askMaybe(host, resolved(names))
  return [
    ...placesOf(places, addresses ?? new Map()),
    ...nodesOf(nodes?.nodes ?? [], addresses ?? new Map()),
    ...unicastPeers(vrrp ?? ''),
    ...backends(balancer ?? ''),
  ]
}
