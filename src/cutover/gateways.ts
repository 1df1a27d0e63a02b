import { BlockList, isIPv6 } from 'node:net'
import type { MovingAddress } from '../config.ts'
import type { Host } from '../hosts/host.ts'
import { ask, lines, type Question } from '../source/question.ts'
import type { Link } from './addresses.ts'
import { frames, python } from './announce.ts'

/** A router of a moving address's network, and how it was asked. */
export interface Gateway {
  readonly gateway: string
  /** the moving address */
  readonly address: string
}

export interface Heard extends Gateway {
  /** an echo from the moving address came back to the target: the router sends to it */
  readonly answered: boolean
  /** an echo from another address of the target came back: the router answers at all */
  readonly answersAtAll: boolean
}

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4')

const within = (address: string, network: string, prefix: number): boolean => {
  const block = new BlockList()
  block.addSubnet(network, prefix, familyOf(network))
  return block.check(address, familyOf(address))
}

const isLinkLocal = (address: string): boolean => /^fe[89ab]/i.test(address)

/**
 * Routers in the network of a moving address, by the routes of one side (`ip -o route show table all`, both families):
 * those on its interface whose own address is in it, or link-local, as IPv6's are. Pure.
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
      .filter((gateway) => gateway !== address && (isLinkLocal(gateway) || within(gateway, address, prefix))),
  ),
]

const routes: Question<string> = {
  argv: ['sh', '-c', 'ip -o -4 route show table all; ip -o -6 route show table all'],
  parse: (text) => text,
}

/** Both sides' routers: the target may not have been told of all that the source knows. */
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
 * First the router is asked for its own address in the name of the moving one, which makes it note the asker's MAC
 * (RFC 826, "merge"; RFC 4861, 7.2.3), then an echo is sent from the moving address and one from another: an answer to
 * the first can only come back when the router sends to this machine. Four words each: address, another or '', router,
 * interface.
 */
const program = `${frames}
def introduce(address, gateway, device):
    if ':' not in address:
        return ethernet(device, 0x0806).send(arp(mac_of(device), 1, address, nobody, gateway))
    asked = bytearray(socket.inet_pton(socket.AF_INET6, gateway))
    group = socket.inet_ntop(socket.AF_INET6, bytes(bytearray([0xff, 2] + [0] * 9 + [1, 0xff]) + asked[13:]))
    body = bytearray(struct.pack('!BBHI', 135, 0, 0, 0)) + asked + bytearray([1, 1]) + mac_of(device)
    icmp6(address).sendto(bytes(body), (group, 0, 0, index_of(device)))

class Echo:
    def __init__(self, address, gateway, device, number):
        self.six, self.mine, self.heard = ':' in address, struct.pack('!HH', os.getpid() & 0xffff, number), False
        if self.six:
            self.wire, self.to = icmp6(address), (gateway, 0, 0, index_of(device))
        else:
            self.wire, self.to = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP), (gateway, 0)
            self.wire.bind((address, 0))
    def send(self):
        kind = 128 if self.six else 8
        sum = 0 if self.six else checksum(struct.pack('!BBH', kind, 0, 0) + self.mine)
        self.wire.sendto(struct.pack('!BBH', kind, 0, sum) + self.mine, self.to)
    def read(self):
        data = bytearray(self.wire.recv(256))
        body = data if self.six else data[(data[0] & 15) * 4:]
        self.heard = self.heard or (body[0] == (129 if self.six else 0) and bytes(body[4:8]) == self.mine)

asked, words = [], sys.argv[1:]
for at in range(0, len(words), 4):
    address, other, gateway, device = words[at:at + 4]
    introduce(address, gateway, device)
    asked.append([Echo(one, gateway, device, at + number) for number, one in enumerate([address, other]) if one])
echoes, began, sent = [echo for pair in asked for echo in pair], time.time(), 0
while time.time() < began + 1 and not all(echo.heard for echo in echoes):
    if sent < 3 and time.time() >= began + sent * 0.25:
        for echo in echoes:
            try:
                echo.send()
            except OSError:
                pass
        sent += 1
    for wire in select.select([echo.wire for echo in echoes], [], [], 0.05)[0]:
        [echo for echo in echoes if echo.wire is wire][0].read()
for at, pair in enumerate(asked):
    print(words[at * 4], words[at * 4 + 2], *[int(echo.heard) for echo in pair])
`.replace('import os,', 'from __future__ import print_function\nimport os,')

const otherAddress = (links: readonly Link[], device: string, moving: readonly string[], like: string): string =>
  links
    .find((link) => link.name === device)
    ?.addresses.find(({ address }) => isIPv6(address) === isIPv6(like) && !moving.includes(address))?.address ?? ''

/** Asks every router, from the target, which must hold the addresses already. */
export const askGatewaysFrom = async (
  target: Host,
  links: readonly Link[],
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
