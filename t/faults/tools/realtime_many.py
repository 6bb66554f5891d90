#!/usr/bin/python3
"""Opens thousands of connections and kills the processes that serve them.

realtime_many.py STATE CONNECTIONS GRACE [latency]

Each connection belongs to a different user. Events are committed continuously
while nginx is reloaded, and its workers, the daemon and workers of a pool are
killed. Each user must get each event once and in order. Then all connections
are dropped, and all users must be offline after GRACE. With "latency" no
process is killed. It measures the time from a commit to the client, and from
a request that saves a favorite to its event. The last line is JSON. Exits
with 1 on errors.
"""
import asyncio
import json
import os
import random
import resource
import signal
import socket
import sys
import time

import seed
from fixtures import FIRST, World
import ledger
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "tools"))
from ws import WS, Closed, Refused, head                # noqa: E402

ROUNDS = 40
AT_ONCE = 5             # users of one commit when latency is measured
GONE = (Closed, Refused, OSError, asyncio.IncompleteReadError,
        asyncio.TimeoutError, asyncio.LimitOverrunError)


class Person:
    def __init__(self, user):
        self.user, self.seen, self.back, self.at = user, 0, 0, []
        self.ws = None


class Crowd:
    def __init__(self, state, n):
        self.w = World(state)
        with self.w.writer() as db:
            # The benchmark has users of its own.
            self.first = db.execute(
                "SELECT max(?, coalesce((SELECT max(id) FROM user), 0) + 1,"
                " coalesce((SELECT max(id) FROM device_session), 0) + 1)",
                (FIRST,)).fetchone()[0]
            self.ids = list(ledger.people(db, self.first, n, 0)[0])
        self.people = [Person(u) for u in self.ids]
        self.gate = asyncio.Semaphore(200)
        self.wrong, self.want, self.done = [], None, 0
        self.all = asyncio.Event()
        self.ready = 0

    async def open(self, p):
        async with self.gate:
            p.ws = WS(self.w.address[1])
            await asyncio.wait_for(p.ws.open(
                f"/realtime?after={p.seen}", token=self.w.token(p.user)), 30)

    async def listen(self, p, until):
        """Receives all events of a user, over several connections if needed.
        """
        first = True
        while p.seen < until:
            try:
                await self.open(p)
                self.ready += first
                first = False
                while p.seen < until:
                    e = await p.ws.event(60)
                    now = time.time()
                    if "seq" not in e:
                        continue
                    if e["seq"] != p.seen + 1 or e["type"] == "resync":
                        self.wrong.append((p.user, p.seen, e))
                    p.seen = e["seq"]
                    p.at.append(now)
            except GONE:
                p.back += 1
                if p.ws and hasattr(p.ws, "writer"):
                    p.ws.drop()
                await asyncio.sleep(0.1 + random.random() / 2)

    def commit(self, ids):
        """Commits one event for each user at once. Returns the time of the
        commit.
        """
        with self.w.writer() as db:
            db.executemany(
                "INSERT INTO event(user_id, seq, type, at, data) SELECT ?1,"
                " coalesce(max(seq), 0) + 1, 15, ?2, '{}' FROM event"
                " WHERE user_id = ?1",
                ((u, int(time.time() * 1000)) for u in ids))
            db.commit()
            at = time.time()
        return at

    def wake(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.setblocking(False)
            try:
                s.sendto(b"1", f"{self.w.state}/run/realtime.sock")
            except OSError:
                pass

    def pid(self, name):
        with open(f"{self.w.state}/run/{name}.pid", encoding="utf-8") as f:
            return int(f.read())

    def children(self, pid):
        with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as f:
            return [int(x) for x in f.read().split()]

    def strike(self, k):
        nginx = self.pid("nginx")
        if k == 0:
            os.kill(nginx, signal.SIGHUP)
        elif k == 1:
            os.kill(random.choice(self.children(nginx)), signal.SIGKILL)
        elif k == 2:
            os.kill(self.children(self.pid("realtime"))[0], signal.SIGKILL)
        else:
            for pid in self.w.workers("calls"):
                os.kill(pid, signal.SIGKILL)

    def online(self):
        return self.w.ask("SELECT count(*) FROM presence WHERE user_id >= ?"
                          " AND status <> 0 AND until > ?", self.first,
                          int(time.time() * 1000))[0][0]

    async def until(self, what, seconds):
        """Returns how long it took, or None on timeout."""
        began = time.time()
        while time.time() < began + seconds:
            if what():
                return time.time() - began
            await asyncio.sleep(0.05)
        return None

    async def begin(self, events):
        began = time.time()
        tasks = [asyncio.create_task(self.listen(p, events))
                 for p in self.people]
        n = len(self.people)
        took = await self.until(lambda: self.ready == n, 120)
        assert took, f"{self.ready} of {n} are connected"
        print(f"{n} connected in {time.time() - began:.1f} s")
        took = await self.until(lambda: self.online() == n, 60)
        assert took is not None, f"{self.online()} of {n} are online"
        return tasks

    async def storm(self, grace):
        n = len(self.people)
        tasks = await self.begin(ROUNDS)
        for k in range(ROUNDS):
            await asyncio.to_thread(self.commit, self.ids)
            if k % 8 == 2:
                self.strike(k // 8 % 4)
            await asyncio.sleep(0.1)
        _, late = await asyncio.wait(tasks, timeout=180)
        got = sum(p.seen for p in self.people)
        print(f"{n * ROUNDS} committed, {got} received,"
              f" {sum(p.back for p in self.people)} times connected again,"
              f" {len(self.wrong)} wrong")
        for t in late:
            t.cancel()
        assert not late and not self.wrong, self.wrong[:3]
        # These clients reconnected or are still connected.
        missing = [p for p in self.people if p.ws.writer.is_closing() or
                   p.ws.reader.at_eof()]
        for p in missing:
            await self.open(p)
        took = await self.until(lambda: self.online() == n, 60)
        assert took is not None, f"{self.online()} of {n} are online again"
        for p in self.people:
            p.ws.drop()
        took = await self.until(lambda: self.online() == 0, grace + 30)
        print(f"all dropped: offline after {took and round(took, 1)} s, of"
              f" which {grace} are the grace")
        assert took is not None, f"{self.online()} are online"
        assert took >= grace - 1 and took < grace + 5 + n / 500, took

    async def got(self, people, seq):
        """Waits until all users have the event."""
        await self.until(lambda: all(p.seen >= seq for p in people), 10)
        lost = [p.user for p in people if p.seen < seq]
        assert not lost, f"event {seq} did not come to {lost}"

    async def told(self):
        """Returns the ms from a commit to each of its users."""
        times = []
        for k in range(0, len(self.people), AT_ONCE):
            some = self.people[k:k + AT_ONCE]
            at = self.commit([p.user for p in some])
            self.wake()
            await self.got(some, 1)
            times += [(p.at[0] - at) * 1000 for p in some]
        return times

    async def asked(self):
        """Returns the ms from the start of a request to its event on a
        device.
        """
        with self.w.writer() as db:
            now = int(time.time() * 1000)
            flyer, = db.execute(
                "INSERT INTO flyer(publisher_id, title, created_at, updated_at)"
                " VALUES (?, 'flyer', ?, ?) RETURNING id",
                (self.ids[0], now, now)).fetchone()
        reader, writer = await asyncio.open_connection(*self.w.address)
        times = []
        for p in self.people[::AT_ONCE]:
            at = time.time()
            writer.write((f"POST /api/flyers/{flyer}/favorite/ HTTP/1.1\r\n"
                          "Host: localhost\r\nContent-Length: 0\r\n"
                          f"Authorization: Bearer {self.w.token(p.user)}"
                          "\r\n\r\n").encode())
            status, fields = await asyncio.wait_for(head(reader), 10)
            await reader.readexactly(int(fields["content-length"]))
            assert status == 201, status
            await self.got([p], 2)
            times.append((p.at[1] - at) * 1000)
        writer.close()
        return times

    async def latency(self):
        tasks = await self.begin(2)
        said = {"connections": len(self.people)}
        for what, times in (("commit", await self.told()),
                            ("request", await self.asked())):
            times.sort()
            said |= {what + "_p50": times[len(times) // 2],
                     what + "_p99": times[len(times) * 99 // 100],
                     what + "_max": times[-1]}
        for t in tasks:
            t.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        said["back"] = sum(p.back for p in self.people)
        assert not self.wrong, self.wrong[:3]
        print(json.dumps({k: round(v, 2) for k, v in said.items()}))


def main(state, n, grace, *how):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if not how:
        random.seed(seed.take())
    crowd = Crowd(state, n)
    try:
        asyncio.run(crowd.latency() if how else crowd.storm(grace))
    except AssertionError as error:
        print("FAILED:", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]),
                  *sys.argv[4:]))
