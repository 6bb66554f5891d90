#!/usr/bin/python3
"""Sends requests to the socket of a worker, without nginx.

fastcgi.py SOCKET NAME=VALUE...: prints the response. Used for requests that
nginx never sends, for example with a foreign REMOTE_ADDR. Other programs
import its records and streams.
"""
import socket
import struct
import sys

BEGIN, ABORT, PARAMS, STDIN, DATA, GET_VALUES = 1, 2, 4, 5, 8, 9


def record(kind, content=b"", rid=1, pad=0, version=1):
    return struct.pack(">BBHHBB", version, kind, rid, len(content), pad,
                       0) + content + bytes(pad)


def begin(keep=1, role=1, rid=1):
    return record(BEGIN, struct.pack(">HB5x", role, keep), rid)


def length(n):
    return struct.pack(">B", n) if n < 128 else struct.pack(">I", n | 1 << 31)


def pair(name, value):
    name, value = name.encode(), value.encode()
    return length(len(name)) + length(len(value)) + name + value


class Stream:
    """A connection to a worker. Responses are read as records."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(20)
        self.sock.connect(path)
        self.data = b""

    def send(self, data):
        try:
            self.sock.sendall(data)
        except OSError:
            pass                # closed by the worker

    def get(self, n):
        while len(self.data) < n:
            try:
                got = self.sock.recv(65536)
            except ConnectionError:
                return None
            if not got:
                return None
            self.data += got
        out, self.data = self.data[:n], self.data[n:]
        return out

    def answer(self):
        """Returns the STDOUT bytes until END_REQUEST, or None if closed."""
        out = b""
        while True:
            head = self.get(8)
            if head is None:
                return None
            kind, _, n, pad = struct.unpack(">xBHHBx", head)
            content = self.get(n + pad)
            if content is None or kind not in (3, 6):
                return None
            if kind == 3:
                return out.decode("latin-1")
            out += content[:n]

    def closed(self):
        return self.get(1) is None


def main():
    s = Stream(sys.argv[1])
    s.send(begin(0) + record(PARAMS, b"".join(
        pair(*p.split("=", 1)) for p in sys.argv[2:])) + record(PARAMS) +
        record(STDIN))
    sys.stdout.write(s.answer() or "")


if __name__ == "__main__":
    main()
