#!/usr/bin/python3
"""A small test client for WebSockets (RFC 6455) and server-sent events. It
can also send invalid frames.
"""
import asyncio
import base64
import json
import os
import struct


class Closed(Exception):
    """args[0]: the close code, or None if there was no close frame."""


class Refused(Exception):
    """args: status, body."""


async def head(reader):
    lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    fields = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        fields[name.strip().lower()] = value.strip()
    return int(lines[0].split()[1]), fields


class WS:
    def __init__(self, port, tls=None):
        self.port, self.tls = port, tls

    async def open(self, path="/realtime", token=None, bearer=None,
                   protocols=None, extra=()):
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", self.port, limit=1 << 20, ssl=self.tls)
        lines = [f"GET {path} HTTP/1.1", "Host: localhost",
                 "Upgrade: websocket", "Connection: Upgrade",
                 "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " +
                 base64.b64encode(os.urandom(16)).decode(), *extra]
        if bearer:
            protocols = ["earmark.v1", "bearer." + bearer]
        if protocols:
            lines.append("Sec-WebSocket-Protocol: " + ", ".join(protocols))
        if token:
            lines.append("Authorization: Bearer " + token)
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        status, self.fields = await head(self.reader)
        if status != 101:
            n = int(self.fields.get("content-length", 0))
            raise Refused(status, (await self.reader.readexactly(n)).decode())
        return self

    def frame(self, data, op=1, fin=True, rsv=0, masked=True):
        """Sends a frame, valid or invalid."""
        first = (0x80 if fin else 0) | rsv << 4 | op
        n = len(data)
        out = bytes([first])
        bit = 0x80 if masked else 0
        if n < 126:
            out += bytes([bit | n])
        elif n < 65536:
            out += bytes([bit | 126]) + struct.pack(">H", n)
        else:
            out += bytes([bit | 127]) + struct.pack(">Q", n)
        if masked:
            mask = os.urandom(4)
            out += mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data))
        else:
            out += data
        self.writer.write(out)

    async def read_frame(self):
        try:
            first, second = await self.reader.readexactly(2)
            n = second & 0x7f
            if n == 126:
                n, = struct.unpack(">H", await self.reader.readexactly(2))
            elif n == 127:
                n, = struct.unpack(">Q", await self.reader.readexactly(8))
            return first & 0x0f, await self.reader.readexactly(n)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Closed(None) from None

    async def event(self, timeout=10):
        """Returns the next message, parsed as JSON. Answers pings."""
        return await asyncio.wait_for(self.next_text(), timeout)

    async def next_text(self):
        while True:
            op, data = await self.read_frame()
            if op == 1:
                return json.loads(data)
            if op == 8:
                self.frame(data[:2], op=8)
                raise Closed(struct.unpack(">H", data[:2])[0]
                             if len(data) >= 2 else None)
            if op == 9:
                self.frame(data, op=10)

    async def closed(self, timeout=10):
        """Reads until the end. Returns the close code, or None without a
        close frame.
        """
        try:
            while True:
                await self.event(timeout)
        except Closed as end:
            return end.args[0]

    def drop(self):
        self.writer.transport.abort()

    def close(self):
        self.writer.close()


class Stream:
    """A client of server-sent events."""

    def __init__(self, port):
        self.port = port

    async def open(self, path="/realtime", token=None, last=None):
        self.reader, self.writer = await asyncio.open_connection(
            "127.0.0.1", self.port, limit=1 << 20)
        lines = [f"GET {path} HTTP/1.0", "Host: localhost",
                 "Accept: text/event-stream"]
        if token:
            lines.append("Authorization: Bearer " + token)
        if last is not None:
            lines.append(f"Last-Event-ID: {last}")
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
        self.status, self.fields = await head(self.reader)
        return self

    async def event(self, timeout=10):
        """Returns the next event: (id, type, data)."""
        fields = {}
        while True:
            line = (await asyncio.wait_for(self.reader.readline(),
                                           timeout)).decode().rstrip("\n")
            if line.startswith(":"):
                continue
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields:
                return (fields.get("id"), fields["event"],
                        json.loads(fields["data"]))

    def close(self):
        self.writer.close()
