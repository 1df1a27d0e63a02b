import type { Of } from '../engine/step.ts'
import type { HostName } from '../hosts/host.ts'

/** What more than one program here needs: python 2 or 3, whichever the machine has. */
export const frames = `
import os, select, socket, struct, sys, time
everybody, nobody = bytearray([255] * 6), bytearray(6)

def mac_of(device):
    return bytearray(int(part, 16) for part in open('/sys/class/net/' + device + '/address').read().split(':'))

def index_of(device):
    return int(open('/sys/class/net/' + device + '/ifindex').read())

def arp(mac, operation, sender, asked_mac, asked):
    head = everybody + mac + struct.pack('!HHHBBH', 0x0806, 1, 0x0800, 6, 4, operation)
    return bytes(head + mac + socket.inet_aton(sender) + asked_mac + socket.inet_aton(asked))

def ethernet(device, protocol):
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(protocol))
    wire.bind((device, protocol))
    return wire

def checksum(data):
    total = sum(struct.unpack('!%dH' % (len(data) // 2), bytes(data)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff

def icmp6(address):
    wire = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    wire.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    wire.bind((address, 0, 0, 0))
    return wire
`

/**
 * Python, since every controller has it and arping needs a second for each announcement: between "the target has it" and
 * "the source lets go" only milliseconds may pass. Each round is a gratuitous ARP request and a reply, since some kernels
 * and switches ignore one of the two (known failure P92; neutron sends both), or for IPv6 an unsolicited neighbour
 * advertisement with the override flag (RFC 4861, 7.2.6).
 */
export const program = `${frames}
def advertise(address, device):
    body = struct.pack('!BBHI', 136, 0, 0, 0x20000000) + socket.inet_pton(socket.AF_INET6, address)
    icmp6(address).sendto(body + bytes(bytearray([2, 1]) + mac_of(device)), ('ff02::1', 0, 0, index_of(device)))

def announce(address, device):
    if ':' in address:
        return advertise(address, device)
    wire, mac = ethernet(device, 0x0806), mac_of(device)
    wire.send(arp(mac, 1, address, nobody, address))
    wire.send(arp(mac, 2, address, mac, address))

rounds, pause, places = int(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]
for round in range(rounds):
    time.sleep(pause if round else 0)
    for index in range(0, len(places), 5):
        announce(places[index], places[index + 2])
`

/** An address on an interface of one side, with what `ip addr` has to be told besides. */
export interface Place {
  readonly address: string
  readonly prefix: number
  readonly device: string
  /** '+' for the usual one */
  readonly broadcast?: string
  readonly label?: string
}

/** Five words for each place, empty where there is nothing: what all programs here take. */
export const places = (all: readonly Place[]): readonly string[] =>
  all.flatMap((it) => [it.address, String(it.prefix), it.device, it.broadcast ?? '', it.label ?? ''])

/** python3 where there is one, otherwise what older systems call it; the program comes over stdin. */
export const python = '"$(command -v python3 || command -v python || echo /usr/libexec/platform-python)" -'

export const announcing = (on: HostName, script: string, words: readonly string[], limit: number): Of<'exec'> => ({
  kind: 'exec',
  on,
  argv: ['sh', '-ec', script, ...words],
  stdin: program,
  limit,
})

/** What was put back meanwhile is not to be announced any more. */
const announceThere = `there() { while [ $# -ge 5 ]; do
  ip -o addr show dev "$3" to "$1" | grep -q . || { echo "$1 is not on $3 any more" >&2; exit 1; }
  shift 5
done; }
rounds=$1 pause=$2
shift 2
there "$@"
${python} announce "$rounds" "$pause" "$@"`

/** Tells the network `rounds` times, `pause` seconds apart, that this machine now has the addresses; fails when it has not. */
export const announceAction = (on: HostName, all: readonly Place[], rounds: number, pause: number): Of<'exec'> =>
  announcing(on, announceThere, ['announce', String(rounds), String(pause), ...places(all)], rounds * pause + 20)
