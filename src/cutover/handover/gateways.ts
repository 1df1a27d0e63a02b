import { isIPv6 } from 'node:net'
import type { NetworkLink } from '../../ask/addresses.ts'
import { ask, lines, type Question } from '../../ask/question.ts'
import type { MovingAddress } from '../../config.ts'
import type { Host } from '../../hosts/host.ts'
import { python } from '../../hosts/python.ts'
import { programText } from '../../text/program.ts'
import { inNetwork } from '../../text/ranges.ts'

/** A router of a moving address's network, and the answers it gave. */
export interface Gateway {
  readonly gateway: string
  /** the moving address */
  readonly address: string
}

export interface Heard extends Gateway {
  /** the target received an echo reply sent to the moving address: the router sends to the target */
  readonly answered: boolean
  /** the target received an echo reply sent to another of its addresses: the router answers at all */
  readonly answersAtAll: boolean
}

const isLinkLocal = (address: string): boolean => /^fe[89ab]/i.test(address)

/**
 * Routers in the network of a moving address, from the routes of one side (`ip -o route show table all`, both
 * families): routers on its interface whose own address is in that network, or link-local, as in IPv6.
 */
export const gatewaysOf = (
  routes: string,
  device: string,
  { address, prefix }: Pick<MovingAddress, 'address' | 'prefix'>,
): readonly string[] => [
  ...new Set(
    [...routes.matchAll(/\bvia (?:inet6 )?(\S+) dev (\S+)/g)]
      .filter(([, gateway = '', at]) => at === device && isIPv6(gateway) === isIPv6(address))
      .map(([, gateway = '']) => gateway)
      .filter((gateway) => gateway !== address && (isLinkLocal(gateway) || inNetwork(address, prefix, gateway))),
  ),
]

const routes: Question<string> = {
  argv: ['sh', '-c', 'ip -o -4 route show table all; ip -o -6 route show table all'],
  parse: (text) => text,
}

/** Routers known to either side: the target may not have every route of the source. */
export const askGateways = async (
  source: Host,
  target: Host,
  addresses: readonly MovingAddress[],
): Promise<readonly Gateway[]> => {
  const [old, now] = await Promise.all([ask(source, routes), ask(target, routes)])
  return addresses.flatMap((moving) =>
    [
      ...new Set([
        ...gatewaysOf(old, moving.sourceInterface, moving),
        ...gatewaysOf(now, moving.targetInterface, moving),
      ]),
    ].map((gateway) => ({ gateway, address: moving.address })),
  )
}

/**
 * First asks the router for its own address in the name of the moving one, which makes the router record the asker's
 * MAC (RFC 826, "merge"; RFC 4861, 7.2.3). Then sends one echo from the moving address and one from another: a reply to
 * the first arrives only when the router sends to this machine. Four words per router: address, other address or '',
 * router, interface.
 */
const program = programText('gateways.py', import.meta.url)

const otherAddress = (links: readonly NetworkLink[], device: string, moving: readonly string[], like: string): string =>
  links
    .find((link) => link.name === device)
    ?.addresses.find(({ address }) => isIPv6(address) === isIPv6(like) && !moving.includes(address))?.address ?? ''

/** Asks every router, from the target, which must already have the addresses. */
export const askGatewaysFrom = async (
  target: Host,
  links: readonly NetworkLink[],
  gateways: readonly Gateway[],
  addresses: readonly MovingAddress[],
): Promise<readonly Heard[]> => {
  if (gateways.length === 0) return []
  const moving = addresses.map(({ address }) => address)
  const words = gateways.flatMap(({ gateway, address }) => {
    const device = addresses.find((it) => it.address === address)?.targetInterface ?? ''
    const other = otherAddress(links, device, moving, address)
    return [address, isLinkLocal(other) && !isLinkLocal(gateway) ? '' : other, gateway, device]
  })
  return ask(target, {
    argv: ['sh', '-ec', `${python} "$@"`, 'gateways', ...words],
    stdin: program,
    parse: (text) =>
      lines(text).map((line) => {
        const [address = '', gateway = '', answered, other] = line.split(' ')
        return { address, gateway, answered: answered === '1', answersAtAll: answered === '1' || other === '1' }
      }),
  })
}
