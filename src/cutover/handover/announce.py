# with: frames.py
import sys
import time


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
