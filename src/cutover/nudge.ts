import type { Of } from '../engine/step.ts'
import { frames, python } from './announce.ts'
import { type Connection, inParts } from './connections.ts'

/**
 * Makes the far end of a connection end it, where nobody can log in, or a kernel cannot end connections of others: sends it
 * a segment of that connection with a number from nowhere. It answers with the numbers that are right (RFC 9293, 3.10.7.4:
 * "an acknowledgment should be sent in reply"), to this machine, which has no such connection and so resets it, with
 * exactly the number that RFC 5961 demands. A connection that this machine has is not hurt by it. Three times, since a
 * kernel answers only one such segment in half a second, and any may be lost.
 */
const program = `${frames}
import random

def segment(port, peer_port):
    return bytearray(struct.pack('!HHIIBBHHH', port, peer_port, random.getrandbits(32), random.getrandbits(32), 5 << 4, 16, 512, 0, 0))

def send(address, port, peer, peer_port):
    six, body = ':' in address, segment(int(port), int(peer_port))
    wire = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)
    if six:
        wire.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_CHECKSUM, 16)
    else:
        head = bytearray(socket.inet_aton(address) + socket.inet_aton(peer)) + struct.pack('!HH', 6, len(body))
        body[16:18] = struct.pack('!H', checksum(head + body))
    wire.bind((address, 0))
    wire.sendto(bytes(body), (peer, 0))
    wire.close()

all = sys.argv[1:]
for round in range(3):
    time.sleep(0.6 if round else 0)
    for at in range(0, len(all), 4):
        try:
            send(*all[at:at + 4])
        except (OSError, socket.error) as error:
            sys.stderr.write('%s: %s\\n' % (' '.join(all[at:at + 4]), error))
`

/** `all` as the old holder has them: `local` is the moved address. */
export const nudgeActions = (all: readonly Connection[]): readonly Of<'exec'>[] =>
  inParts(all, 500).map((part) => ({
    kind: 'exec',
    on: 'target',
    argv: [
      ...(['sh', '-ec', `${python} "$@"`, 'nudge'] as const),
      ...part.flatMap((it) => [it.local, String(it.localPort), it.peer, String(it.peerPort)]),
    ],
    stdin: program,
    limit: 30,
  }))
