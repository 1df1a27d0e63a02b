# with: frames.py
import random
import sys
import time


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
            sys.stderr.write('%s: %s\n' % (' '.join(all[at:at + 4]), error))
