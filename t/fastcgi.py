#!/usr/bin/python3
"""One request straight to a worker's socket, past nginx.

fastcgi.py SOCKET NAME=VALUE...: prints what the worker answered. For what
nginx never sends, such as a foreign REMOTE_ADDR from this machine.
"""
import socket
import struct
import sys


def record(kind, content):
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def params(pairs):
    out = b""
    for pair in pairs:
        name, value = (part.encode() for part in pair.split("=", 1))
        out += struct.pack(">BI", len(name), len(value) | 1 << 31)
        out += name + value
    return out


def main():
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(10)
        s.connect(sys.argv[1])
        s.sendall(record(1, struct.pack(">HB5x", 1, 0)) +
                  record(4, params(sys.argv[2:])) + record(4, b"") +
                  record(5, b""))
        data = b""
        while more := s.recv(65536):
            data += more
    while data:
        kind, _, n, pad = struct.unpack(">xBHHBx", data[:8])
        if kind == 6:
            sys.stdout.buffer.write(data[8:8 + n])
        data = data[8 + n + pad:]


main()
