"""Many realtime connections: their memory, and the delay of events.

Clients connect to the socket of earmark-realtime, as nginx does, or to nginx.
Each client belongs to another user and answers pings.
"""
import asyncio
import base64
import os
import random
import re
import socket
import statistics
import time

import capacity_data as data
import machine as m
from capacity_routes import GROUPS
from fixtures import World

AT_ONCE = 500           # connections that are being opened
EVENTS, USERS = 20, 100         # commits, and users of each


class Client(asyncio.Protocol):
    def __init__(self, crowd, head):
        self.crowd, self.head, self.rest = crowd, head, b""
        self.open = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport
        transport.write(self.head)

    def connection_lost(self, _):
        self.crowd.lost += self.open.done()
        if not self.open.done():
            self.open.set_exception(ConnectionError(self.rest[:100]))

    def data_received(self, got):
        self.rest += got
        if not self.open.done():
            head, end, self.rest = self.rest.partition(b"\r\n\r\n")
            if not end:
                self.rest = head
                return
            if b" 101 " not in head[:20]:
                self.open.set_exception(ConnectionError(head[:100]))
                return
            self.open.set_result(None)
        while len(self.rest) >= 2:
            n, at = self.rest[1] & 127, 2
            if n == 126:
                if len(self.rest) < 4:
                    return
                n, at = int.from_bytes(self.rest[2:4], "big"), 4
            if len(self.rest) < at + n:
                return
            kind, text = self.rest[0] & 15, self.rest[at:at + n]
            self.rest = self.rest[at + n:]
            if kind == 9:               # a pong with the mask 0
                self.transport.write(bytes([0x8a, 0x80 | n]) + bytes(4) +
                                     text)
            elif kind == 1 and b'"bench"' in text:
                self.crowd.arrived.append(time.time())


class Crowd:
    def __init__(self, one):
        self.one, self.w = one, World(one.state)
        self.lost, self.arrived, self.clients = 0, [], []

    def head(self, user, token):
        return ("GET /realtime HTTP/1.1\r\nHost: localhost\r\nUpgrade:"
                " websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version:"
                " 13\r\nSec-WebSocket-Key: " +
                base64.b64encode(os.urandom(16)).decode() + "\r\n" +
                (f"Authorization: Bearer {token}" if token else
                 f"X-Earmark-User: {user} {data.SESSION + user} 0") +
                "\r\n\r\n").encode()

    async def connect(self, user, direct, gate):
        loop = asyncio.get_running_loop()
        async with gate:
            text = self.head(user, None if direct else self.one.token(user))
            if direct:
                _, c = await loop.create_unix_connection(
                    lambda: Client(self, text),
                    self.one.state + "/run/realtime-http.sock")
            else:
                _, c = await loop.create_connection(
                    lambda: Client(self, text), *self.w.address)
            self.clients.append(c)
            await asyncio.wait_for(c.open, 60)

    async def open(self, users, direct):
        gate = asyncio.Semaphore(AT_ONCE)
        got = await asyncio.gather(*(self.connect(u, direct, gate)
                                     for u in users), return_exceptions=True)
        bad = [e for e in got if e]
        if bad:
            print(f"{len(bad)} not connected, for example {bad[0]!r}")
        return len(bad)

    def commit(self, users):
        with self.w.writer() as db:
            db.executemany(
                "INSERT INTO event(user_id, seq, type, at, data) SELECT ?1,"
                " coalesce(max(seq), 0) + 1, 15, ?2, '{\"bench\":1}' FROM event"
                " WHERE user_id = ?1", ((u, int(time.time() * 1000))
                                        for u in users))
            db.commit()
            at = time.time()
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.sendto(b"1", self.one.state + "/run/realtime.sock")
        return at

    async def delays(self, users):
        """Returns the ms from commits to the clients."""
        times = []
        for _ in range(EVENTS):
            self.arrived = []
            some = random.sample(users, min(USERS, len(users)))
            at = await asyncio.to_thread(self.commit, some)
            end = time.time() + 10
            while len(self.arrived) < len(some) and time.time() < end:
                await asyncio.sleep(0.02)
            times += [(t - at) * 1e3 for t in self.arrived]
        return sorted(times), EVENTS * min(USERS, len(users))


def memory(pids):
    """Returns the KiB that processes use, with their share of common pages."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/smaps_rollup", encoding="utf-8") as f:
            total += int(re.search(r"^Pss:\s+(\d+)", f.read(), re.M)[1])
    return total


async def measure(one, n, direct):
    crowd = Crowd(one)
    daemon = m.named("earmark-realtime", one.conf)
    daemon = [p for p in daemon if m.rss([p]) and m.stat_of(p)]
    parts = {"earmark-realtime": daemon, "nginx": one.front()}
    before = {name: memory(pids) for name, pids in parts.items()}
    users = [10 * (i // 4 + 2) + GROUPS[i % 4] for i in range(n)]
    began = time.time()
    failed = await crowd.open(users, direct)
    took = time.time() - began
    held = len(crowd.clients) - crowd.lost - failed
    print(f"{held} connected", flush=True)
    after = {name: memory(pids) for name, pids in parts.items()}
    times, sent = await crowd.delays(users)
    to = "earmark-realtime" if direct else "nginx"
    print(f"{held} connections to {to} in {took:.1f} s: " + ", ".join(
              f"{name} {(after[name] - before[name]) / max(held, 1):.2f} KiB"
              f" each ({after[name] / 1024:.0f} MiB)" for name in parts) +
          f"; {len(times)} of {sent} events, p50"
          f" {statistics.median(times or [0]):.1f} p99"
          f" {times[len(times) * 99 // 100] if times else 0:.1f} ms;"
          f" {crowd.lost} lost", flush=True)
    for c in crowd.clients:
        c.transport.abort()
    return held
