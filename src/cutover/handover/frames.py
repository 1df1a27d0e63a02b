# Shared by several programs here. Runs on Python 2.6 to 3, whichever the machine has.
from __future__ import print_function
import socket
import struct

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
