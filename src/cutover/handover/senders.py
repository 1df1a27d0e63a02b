# with: frames.py
import select
import sys
import time

seconds, device, moving = float(sys.argv[1]), sys.argv[2], sys.argv[3:]
mac, seen, end = mac_of(device), set(), time.time() + seconds
wires = []
for six in sorted(set(':' in address for address in moving)):
    wires.append(ethernet(device, 0x86dd if six else 0x0800))
while time.time() < end:
    for wire in select.select(wires, [], [], max(end - time.time(), 0.001))[0]:
        frame = bytearray(wire.recv(64))
        six = frame[12] == 0x86
        family, size, at = (socket.AF_INET6, 16, 22) if six else (socket.AF_INET, 4, 26)
        if frame[0:6] == mac and len(frame) >= at + 2 * size:
            sender, to = [socket.inet_ntop(family, bytes(frame[it:it + size])) for it in (at, at + size)]
            if to in moving:
                seen.add(' '.join([to, sender, ':'.join('%02x' % part for part in frame[6:12])]))
print('\n'.join(sorted(seen)))
