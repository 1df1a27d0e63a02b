import { isIPv6 } from 'node:net'
import type { Action } from '../engine/step.ts'
import type { Host, HostName } from '../hosts/host.ts'
import { ask } from '../source/question.ts'

/**
 * Python, since every controller has it (2 or 3) and arping needs a second for each announcement: between "the target has
 * it" and "the source lets go" only milliseconds may pass. Each round is a gratuitous ARP request and a reply, since some
 * kernels and switches ignore one of the two (known failure P92; neutron sends both), or for IPv6 an unsolicited
 * neighbour advertisement with the override flag (RFC 4861, 7.2.6).
 */
export const program = `
import socket, struct, sys, time
everybody, nobody = bytearray([255] * 6), bytearray(6)

def mac_of(device):
    return bytearray(int(part, 16) for part in open('/sys/class/net/' + device + '/address').read().split(':'))

def arp(mac, operation, sender, asked_mac, asked):
    head = everybody + mac + struct.pack('!HHHBBH', 0x0806, 1, 0x0800, 6, 4, operation)
    return bytes(head + mac + socket.inet_aton(sender) + asked_mac + socket.inet_aton(asked))

def ethernet(device):
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
    wire.bind((device, 0x0806))
    return wire

def advertise(address, device):
    index = int(open('/sys/class/net/' + device + '/ifindex').read())
    wire = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    wire.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    wire.bind((address, 0, 0, 0))
    body = struct.pack('!BBHI', 136, 0, 0, 0x20000000) + socket.inet_pton(socket.AF_INET6, address)
    wire.sendto(body + bytes(bytearray([2, 1]) + mac_of(device)), ('ff02::1', 0, 0, index))

def announce(address, device):
    if ':' in address:
        return advertise(address, device)
    wire, mac = ethernet(device), mac_of(device)
    wire.send(arp(mac, 1, address, nobody, address))
    wire.send(arp(mac, 2, address, mac, address))

def ask(address, device, seconds):
    wire, mac, seen, end = ethernet(device), mac_of(device), set(), time.time() + seconds
    for round in range(2):
        wire.send(arp(mac, 1, '0.0.0.0', nobody, address))
    while time.time() < end:
        wire.settimeout(max(end - time.time(), 0.001))
        try:
            frame = bytearray(wire.recv(128))
        except socket.timeout:
            break
        if frame[20:22] == bytearray([0, 2]) and frame[28:32] == bytearray(socket.inet_aton(address)):
            seen.add(':'.join('%02x' % part for part in frame[22:28]))
    print(' '.join(sorted(seen)))

if sys.argv[1] == 'ask':
    ask(sys.argv[2], sys.argv[3], float(sys.argv[4]))
else:
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

export const announcing = (on: HostName, script: string, words: readonly string[], limit: number): Action => ({
  kind: 'exec',
  on,
  argv: ['sh', '-ec', script, ...words],
  stdin: program,
  limit,
})

/** Tells the network `rounds` times, `pause` seconds apart, that this machine now has the addresses. */
export const announceAction = (on: HostName, all: readonly Place[], rounds: number, pause: number): Action =>
  announcing(
    on,
    `${python} "$0" "$@"`,
    ['announce', String(rounds), String(pause), ...places(all)],
    rounds * pause + 20,
  )

/**
 * The MAC addresses of all who answer for an address on this machine's interface, asked with an ARP probe that no
 * neighbour learns from (RFC 5227, sender 0.0.0.0). Empty for IPv6, where nobody is asked.
 */
export const askHolders = async (host: Host, address: string, device: string): Promise<readonly string[]> =>
  isIPv6(address)
    ? []
    : ask(host, {
        argv: ['sh', '-ec', `${python} "$0" "$@"`, 'ask', address, device, '0.7'],
        stdin: program,
        parse: (text) => text.split(/\s+/).filter((mac) => mac !== ''),
      })
