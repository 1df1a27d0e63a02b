import { isIPv6 } from 'node:net'
import type { Argv, Host, HostName } from '../host.ts'
import { ask } from '../source/question.ts'
import type { Action } from '../step.ts'

/**
 * Python, since every controller has it (2 or 3) and arping needs a second for each announcement: between "the target has
 * it" and "the source lets go" only milliseconds may pass. Each round is a gratuitous ARP request and a reply, since some
 * kernels and switches ignore one of the two (known failure P92; neutron sends both), or for IPv6 an unsolicited
 * neighbour advertisement with the override flag (RFC 4861, 7.2.6).
 */
const program = `
import socket, struct, sys, time
verb, address, device = sys.argv[1:4]
mac = bytearray(int(part, 16) for part in open('/sys/class/net/' + device + '/address').read().split(':'))
everybody, nobody = bytearray([255] * 6), bytearray(6)

def arp(operation, sender, asked_mac, asked):
    head = everybody + mac + struct.pack('!HHHBBH', 0x0806, 1, 0x0800, 6, 4, operation)
    return bytes(head + mac + socket.inet_aton(sender) + asked_mac + socket.inet_aton(asked))

def ethernet():
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
    wire.bind((device, 0x0806))
    return wire

def advertise():
    index = int(open('/sys/class/net/' + device + '/ifindex').read())
    wire = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
    wire.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
    wire.bind((address, 0, 0, 0))
    body = struct.pack('!BBHI', 136, 0, 0, 0x20000000) + socket.inet_pton(socket.AF_INET6, address)
    wire.sendto(body + bytes(bytearray([2, 1]) + mac), ('ff02::1', 0, 0, index))

def announce():
    if ':' in address:
        return advertise()
    wire = ethernet()
    wire.send(arp(1, address, nobody, address))
    wire.send(arp(2, address, mac, address))

if verb == 'announce':
    rounds, pause = int(sys.argv[4]), float(sys.argv[5])
    for round in range(rounds):
        if round:
            time.sleep(pause)
        announce()
else:
    wire, seen, end = ethernet(), set(), time.time() + float(sys.argv[4])
    for round in range(2):
        wire.send(arp(1, '0.0.0.0', nobody, address))
    while time.time() < end:
        wire.settimeout(max(end - time.time(), 0.001))
        try:
            frame = bytearray(wire.recv(128))
        except socket.timeout:
            break
        if frame[20:22] == bytearray([0, 2]) and frame[28:32] == bytearray(socket.inet_aton(address)):
            seen.add(':'.join('%02x' % part for part in frame[22:28]))
    print(' '.join(sorted(seen)))
`

/** python3 where there is one, otherwise what older systems call it; the program comes over stdin. */
const python = 'exec "$(command -v python3 || command -v python || echo /usr/libexec/platform-python)" - "$@"'

const words = (...words: readonly string[]): Argv => ['sh', '-c', python, 'python', ...words]

/** Tells the network `rounds` times, `pause` seconds apart, that this machine now has the address. */
export const announceAction = (
  on: HostName,
  address: string,
  device: string,
  rounds: number,
  pause: number,
): Action => ({
  kind: 'exec',
  on,
  argv: words('announce', address, device, String(rounds), String(pause)),
  stdin: program,
  limit: Math.ceil(rounds * pause) + 20,
})

/**
 * The MAC addresses of all who answer for an address on this machine's interface, asked with an ARP probe that no
 * neighbour learns from (RFC 5227, sender 0.0.0.0). Empty for IPv6, where nobody is asked.
 */
export const askHolders = async (host: Host, address: string, device: string): Promise<readonly string[]> =>
  isIPv6(address)
    ? []
    : ask(host, {
        argv: words('ask', address, device, '0.7'),
        stdin: program,
        parse: (text) => text.split(/\s+/).filter((mac) => mac !== ''),
      })

const add = `address=$1 prefix=$2 device=$3; shift 3
ip addr replace "$address/$prefix" dev "$device" "$@"
"$(command -v python3 || command -v python || echo /usr/libexec/platform-python)" - announce "$address" "$device" 3 0.005`
const letLoopbackGo = `ip addr del "$address" dev lo || ! ip -o addr show dev lo to "$address" | grep -q .`

/**
 * Takes an address on an interface, announces it three times at once and only then takes it off the loopback, if it was
 * held there: one program, so that a connection of swapctl that breaks in the middle leaves no half of it.
 */
export const takeAction = (
  on: HostName,
  moving: { readonly address: string; readonly prefix: number },
  device: string,
  options: { readonly attributes: readonly string[]; readonly fromLoopback: boolean },
): Action => ({
  kind: 'exec',
  on,
  argv: [
    'sh',
    '-ec',
    options.fromLoopback ? `${add}\n${letLoopbackGo}` : add,
    'take',
    moving.address,
    String(moving.prefix),
    device,
    ...options.attributes,
  ],
  stdin: program,
  limit: 30,
})
