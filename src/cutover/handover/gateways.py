# with: frames.py
import os
import select
import sys
import time


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
