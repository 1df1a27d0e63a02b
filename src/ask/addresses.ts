import { isIPv6 } from 'node:net'
import type { Action } from '../engine/step.ts'
import type { Host, HostName } from '../hosts/host.ts'
import { ask, lines, type Question } from './question.ts'

export interface NetworkLink {
  readonly name: string
  /** '' when there is none */
  readonly mac: string
  readonly loopback: boolean
  readonly addresses: readonly HeldAddress[]
}

export interface HeldAddress {
  readonly address: string
  readonly prefix: number
  /** the kernel removes secondary addresses with their primary, unless told to promote them */
  readonly secondary: boolean
  readonly broadcast?: string
  /** 'eth0:1'; usually the interface's name */
  readonly label?: string
}

/**
 * Interfaces with their addresses, from plain `ip addr show`, whose format has not changed since iproute2 2.6 (`-j`
 * came with 4.13, which the oldest supported controllers do not have).
 */
export const parseLinks = (text: string): readonly NetworkLink[] => {
  const links: { name: string; mac: string; loopback: boolean; addresses: HeldAddress[] }[] = []
  for (const line of lines(text)) {
    const head = /^\d+: ([^:@\s]+)(?:@[^:\s]+)?: <([^>]*)>/.exec(line)
    if (head !== null)
      links.push({
        name: head[1] as string,
        mac: '',
        loopback: (head[2] as string).split(',').includes('LOOPBACK'),
        addresses: [],
      })
    const link = links.at(-1)
    if (link === undefined) continue
    link.mac = /^\s+link\/\S+ ([0-9a-f]{2}(?::[0-9a-f]{2}){5})\b/.exec(line)?.[1] ?? link.mac
    const held = heldOf(line)
    if (held !== undefined) link.addresses.push(held)
  }
  return links
}

const heldOf = (line: string): HeldAddress | undefined => {
  const match = /^\s+inet6? ([0-9a-f.:]+)(?: peer [0-9a-f.:]+)?(?:\/(\d+))?(.*)$/.exec(line)
  if (match === null) return undefined
  const [, address = '', prefix = address.includes(':') ? '128' : '32', rest = ''] = match
  const broadcast = /\bbrd (\S+)/.exec(rest)?.[1]
  const label = address.includes(':') ? undefined : /(\S+)\s*$/.exec(rest)?.[1]
  return {
    address,
    prefix: Number(prefix),
    secondary: /\bsecondary\b/.test(rest),
    ...(broadcast === undefined ? {} : { broadcast }),
    ...(label === undefined ? {} : { label }),
  }
}

export const links: Question<readonly NetworkLink[]> = { argv: ['ip', 'addr', 'show'], parse: parseLinks }

export const askLinks = (host: Host): Promise<readonly NetworkLink[]> => ask(host, links)

/** Where a machine has an address: on an interface visible to others, on its loopback, both, or neither. */
export interface Holding {
  readonly interface?: NetworkLink
  readonly held?: HeldAddress
  readonly loopback: boolean
}

export const holdingOf = (all: readonly NetworkLink[], address: string): Holding => {
  const holds = (link: NetworkLink): HeldAddress | undefined => link.addresses.find((held) => held.address === address)
  const seen = all.find((link) => !link.loopback && holds(link) !== undefined)
  const held = seen === undefined ? undefined : holds(seen)
  return {
    ...(seen === undefined || held === undefined ? {} : { interface: seen, held }),
    loopback: all.some((link) => link.loopback && holds(link) !== undefined),
  }
}

export const linkOf = (all: readonly NetworkLink[], name: string): NetworkLink | undefined =>
  all.find((link) => link.name === name)

/** The prefix length of a single address without its network. */
export const alone = (address: string): number => (isIPv6(address) ? 128 : 32)

/** `ip addr replace`: like `add`, but succeeds when the address exists. */
export const addAction = (
  on: HostName,
  address: string,
  prefix: number,
  device: string,
  more: readonly string[] = [],
): Action => ({
  kind: 'exec',
  on,
  argv: ['ip', 'addr', 'replace', `${address}/${prefix}`, 'dev', device, ...more],
  limit: 20,
})

/** An address that is already gone counts as removed, because the command may run twice. */
const drop = 'ip addr del "$1/$2" dev "$3" || ! ip -o addr show dev "$3" to "$1" | grep -q .'

export const dropAction = (on: HostName, address: string, prefix: number, device: string): Action => ({
  kind: 'exec',
  on,
  argv: ['sh', '-c', drop, 'drop', address, String(prefix), device],
  limit: 20,
})
