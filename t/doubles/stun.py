#!/usr/bin/python3
"""A STUN server (RFC 8489) for Binding requests by UDP and TCP: stun.py PORTFILE

The port file has three ports of 127.0.0.1: of UDP, where every other request is
lost, of TCP, and of UDP without any responses.
"""
import os
import socket
import struct
import sys
import threading

COOKIE = 0x2112a442


def response(request, address):
    """Returns a success response with XOR-MAPPED-ADDRESS, or None."""
    kind, length, cookie = struct.unpack(">HHI", request[:8])
    if (kind, length, cookie) != (1, 0, COOKIE) or len(request) != 20:
        return None
    ip = struct.unpack(">I", socket.inet_aton(address[0]))[0] ^ COOKIE
    return struct.pack(">HHI", 0x101, 12, COOKIE) + request[8:] + struct.pack(
        ">HHBBHI", 0x20, 8, 0, 1, address[1] ^ COOKIE >> 16, ip)


def serve_udp(s):
    lost = False
    while True:
        request, address = s.recvfrom(1500)
        lost = not lost
        if not lost and (message := response(request, address)):
            s.sendto(message, address)


def serve_tcp(s):
    while True:
        connection, address = s.accept()
        with connection:
            request = connection.recv(20, socket.MSG_WAITALL)
            if len(request) == 20 and (message := response(request, address)):
                connection.sendall(message)


def bound(kind):
    s = socket.socket(socket.AF_INET, kind)
    s.bind(("127.0.0.1", 0))
    return s


udp, tcp, silent = map(bound, (socket.SOCK_DGRAM, socket.SOCK_STREAM,
                               socket.SOCK_DGRAM))
tcp.listen()
with open(sys.argv[1] + ".new", "w", encoding="ascii") as f:
    f.writelines(f"{s.getsockname()[1]}\n" for s in (udp, tcp, silent))
os.rename(sys.argv[1] + ".new", sys.argv[1])
threading.Thread(target=serve_tcp, args=(tcp,), daemon=True).start()
serve_udp(udp)
