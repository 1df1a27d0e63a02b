#!/usr/bin/env python3
# Connects to a unix socket as the user it runs as, says so on standard error, and passes everything on both ways.
# Python 2 and 3.
import os
import socket
import sys
import threading

server = socket.socket(socket.AF_UNIX)
try:
    server.connect(sys.argv[1])
except (IOError, OSError) as error:
    sys.exit("%s" % error)
os.write(2, b"swapctl-connected\n")


def forward():
    try:
        while True:
            data = os.read(0, 65536)
            if not data:
                break
            server.sendall(data)
        server.shutdown(socket.SHUT_WR)
    except (IOError, OSError):
        os._exit(0)


def whole(data):
    while data:
        data = data[os.write(1, data):]


thread = threading.Thread(target=forward)
thread.daemon = True
thread.start()
try:
    while True:
        data = server.recv(65536)
        if not data:
            break
        whole(data)
except (IOError, OSError):
    pass
os._exit(0)
