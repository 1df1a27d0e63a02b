import { isIPv4 } from 'node:net'
import { python } from '../../cutover/announce.ts'
import type { HostName } from '../../hosts/host.ts'
import type { CheckContext } from '../../source/check.ts'
import { lines } from '../../source/question.ts'
import type { HostCheck } from './host-check.ts'
import { computes, once } from './once.ts'

/**
 * Echo requests that no router may cut up, by Python since ping is not on every machine: a small one, and where that is
 * answered some as large as the way should take. Of a way whose routers tell (ICMP 3/4) TCP learns in time: told, not lost.
 */
const program = `
import os, socket, struct, sys, time
own = os.getpid() & 0xffff

def total(data):
    found = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    found = (found >> 16) + (found & 0xffff)
    return ~(found + (found >> 16)) & 0xffff

def echo(wire, address, size, number):
    body = b'swapctl!' * 9000
    packet = struct.pack('!BBHHH', 8, 0, 0, own, number) + body[:(size - 28) // 2 * 2]
    packet = packet[:2] + struct.pack('!H', total(packet)) + packet[4:]
    try:
        wire.sendto(packet, (address, 0))
    except socket.error as error:
        return 'told' if error.errno == 90 else 'lost'
    end = time.time() + 1
    while time.time() < end:
        wire.settimeout(max(end - time.time(), 0.001))
        try:
            answer = wire.recv(65535)
        except socket.timeout:
            break
        except socket.error:
            continue
        at = (bytearray(answer)[0] & 15) * 4
        kind, code, check, whose, which = struct.unpack('!BBHHH', answer[at:at + 8])
        if (kind, whose, which) == (0, own, number):
            return 'arrived'
    return 'lost'

def look(address, most):
    route = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    route.connect((address, 9))
    size = min(route.getsockopt(socket.IPPROTO_IP, 14), most)
    wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    wire.setsockopt(socket.IPPROTO_IP, 10, 2)
    if not any(echo(wire, address, 84, number) == 'arrived' for number in range(2)):
        return
    for number in range(3):
        if echo(wire, address, size, 10 + number) != 'lost':
            return
    print('%s %d' % (address, size))

for index in range(1, len(sys.argv), 2):
    look(sys.argv[index], int(sys.argv[index + 1]))
`

interface End {
  readonly address: string
  /** of the interface that has the address */
  readonly mtu: number
}

const mtus = { argv: ['ip', 'link', 'show'] as const, parse: (text: string) => text }

/** The addresses of a side's own on the interfaces between which addresses move. */
const endsOf = async (context: CheckContext, side: 'source' | 'target'): Promise<readonly End[]> => {
  const { config, survey } = context
  const moving = new Set(config.addresses.map(({ address }) => address))
  const names = new Set(config.addresses.map((one) => (side === 'source' ? one.sourceInterface : one.targetInterface)))
  const links = (await once(context, side, mtus)) ?? ''
  return survey[side].addresses
    .filter((one) => names.has(one.interface) && isIPv4(one.address) && !moving.has(one.address))
    .map((one) => ({
      address: one.address,
      mtu: Number(new RegExp(`^\\d+: ${one.interface}(?:@\\S+)?: .* mtu (\\d+)`, 'm').exec(links)?.[1] ?? 1500),
    }))
}

const lost = async (context: CheckContext, from: HostName, to: readonly End[]): Promise<readonly string[]> => {
  if (to.length === 0) return []
  const words = to.flatMap(({ address, mtu }) => [address, String(mtu)])
  const found = await once(context, from, {
    argv: ['sh', '-ec', `${python} "$@"`, 'path', ...words],
    stdin: program,
    parse: lines,
  })
  return (found ?? []).map((line) => {
    const [address, size] = line.split(' ')
    return `packets of ${size} bytes from ${from} to ${address} are lost, and nobody tells the sender; small ones arrive`
  })
}

const look = async (context: CheckContext): Promise<readonly string[]> => {
  const [source, target] = await Promise.all([endsOf(context, 'source'), endsOf(context, 'target')])
  const found = await Promise.all([
    lost(context, 'source', target),
    lost(context, 'target', source),
    ...computes(context).map((name) => lost(context, name, target)),
  ])
  return found.flat()
}

/** The ways between the machines, end to end. */
export const pathChecks: readonly HostCheck[] = [
  {
    id: 'both/path-mtu',
    level: 'block',
    title: 'Packets as large as the interfaces take arrive',
    source: 'RFC 2923, 2.1: a path MTU black hole; known failure P82',
    remedy:
      'Give the switch ports, tunnels and interfaces in between the same MTU, or let ICMP type 3 code 4 pass: connections would open and then hang',
    look,
  },
]
