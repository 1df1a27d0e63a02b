import socket, struct, sys, time
address, device, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
six = ':' in address
wanted = bytearray(socket.inet_pton(socket.AF_INET6 if six else socket.AF_INET, address))
mac = bytearray(int(part, 16) for part in open('/sys/class/net/' + device + '/address').read().split(':'))
protocol = 0x86dd if six else 0x0806

def probe():
    head = bytearray([255] * 6) + mac + struct.pack('!HHHBBH', 0x0806, 1, 0x0800, 6, 4, 1)
    return head + mac + bytearray(10) + wanted

def checksum(data):
    total = sum(struct.unpack('!%dH' % (len(data) // 2), bytes(data)))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff

def solicitation():
    group = bytearray([0xff, 2] + [0] * 9 + [1, 0xff]) + wanted[13:]
    body = bytearray(struct.pack('!BBHI', 135, 0, 0, 0)) + wanted
    whole = bytearray(16) + group + struct.pack('!II', len(body), 58) + body
    body[2:4] = struct.pack('!H', checksum(whole))
    head = bytearray([0x33, 0x33]) + group[12:] + mac + struct.pack('!HIHBB', 0x86dd, 6 << 28, len(body), 58, 255)
    return head + bytearray(16) + group + body

def holder(frame):
    if not six:
        return frame[22:28] if frame[28:32] == wanted and len(frame) >= 42 else None
    if len(frame) < 78 or frame[20] != 58 or frame[54] != 136 or frame[62:78] != wanted:
        return None
    return frame[80:86] if frame[78:80] == bytearray([2, 1]) else frame[6:12]

wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(protocol))
wire.bind((device, protocol))
began, asked, seen = time.time(), 0, set()
while True:
    passed = time.time() - began
    if passed >= seconds:
        break
    if asked < 3 and passed >= asked * seconds / 6:
        wire.send(bytes(solicitation() if six else probe()))
        asked += 1
    wire.settimeout(max(min(seconds - passed, seconds / 6), 0.001))
    try:
        found = holder(bytearray(wire.recv(128)))
    except socket.timeout:
        continue
    if found:
        seen.add(':'.join('%02x' % part for part in found))
print(' '.join(sorted(seen)))
