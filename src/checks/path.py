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
