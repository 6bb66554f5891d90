#!/usr/bin/python3
"""Opens slow, invalid and prematurely closed connections to a worker.

connections.py STATE KIB

Each case opens connections to the socket of the pool user, which has one
worker. Then a user requests her profile through nginx. She must always get it
from the same process, which may use KIB more memory for large bodies. Prints
one line per case, and FAILED lines. Exits with 1 on errors. With
EARMARK_FAULT=full, incomplete requests must also end after 15 s.
"""
import json
import os
import struct
import sys
import time

from fixtures import FIRST, HERE, Client, World

sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
from fastcgi import (GET_VALUES, PARAMS, STDIN, Stream, begin, pair,
                     record)                            # noqa: E402

MANY = 30
PROFILE = "/user/profile"


def big(n):
    return struct.pack(">I", n | 1 << 31)


class Cases:
    def __init__(self, world):
        self.world = world
        self.pids = world.all_workers("user", 1)
        self.user = Client(world, FIRST)
        self.wrong = 0

    def check(self, ok, what):
        if not ok:
            self.wrong += 1
            print("FAILED:", what)

    def stream(self):
        return Stream(f"{self.world.state}/run/user.sock")

    def params(self, length=0):
        return record(PARAMS, pair("REQUEST_METHOD", "PUT") +
                      pair("REQUEST_URI", PROFILE) +
                      pair("CONTENT_LENGTH", str(length)) +
                      pair("CONTENT_TYPE", "application/json") +
                      pair("HTTP_AUTHORIZATION",
                           "Bearer " + self.world.token(FIRST + 1)))

    def served(self, name):
        """Checks that the same process as before serves the user."""
        try:
            for _ in range(5):
                status, body = self.user.ask("GET", PROFILE)
                self.check(status == 200 and json.loads(body)["username"] ==
                           f"fault{FIRST}", f"{name}: {status} {body[:200]}")
        except OSError as e:
            self.user.close()
            self.check(False, f"{name}: {e!r}")
        pids = self.world.workers("user")
        self.check(pids == self.pids, f"{name}: another worker")
        self.pids = pids
        print(name)

    def incomplete(self):
        """Requests that stop at all kinds of places and stay open."""
        whole = begin() + self.params(2) + record(PARAMS) + record(
            STDIN, b"{}", 1, 6)
        open_ones = []
        for n in range(MANY):
            s = self.stream()
            s.send(whole[:1 + n * len(whole) // MANY])
            open_ones.append(s)
        self.served("parameters that never arrive")
        return open_ones

    def refused(self):
        names = b"".join(pair(n, "") for n in ["FCGI_MAX_REQS"] * 400)
        for name, data in (
                ("two lengths that overflow", begin() + record(
                    PARAMS, big(0x7fffffff) + big(0x7fffffff) + b"x")),
                ("a name of 2 GiB", begin() + record(
                    PARAMS, big(0x7ffffffe) + b"\1x")),
                ("a value of 2 GiB", begin() + record(
                    PARAMS, b"\1" + big(0x7fffffff) + b"xy")),
                ("lengths whose sum is 0", begin() + record(
                    PARAMS, big(0x7fffffff) + big(0x7fffffff) + b"")),
                ("GET_VALUES with repeated names",
                 record(GET_VALUES, names, 0)),
                ("GET_VALUES within a request",
                 begin() + record(GET_VALUES, names, 0)),
                ("an unknown management record", record(99, b"x", 0)),
                ("HTTP", b"GET /user/profile HTTP/1.1\r\n\r\n")):
            s = self.stream()
            s.send(data + record(PARAMS) + record(STDIN))
            self.check(s.closed(), f"{name}: not closed")
            self.served(name)

    def pipelined(self):
        """Two complete requests in one write: neither may be answered for the
        other, and the connection ends."""
        one = begin() + self.params() + record(PARAMS) + record(STDIN)
        for name, rest in (("a second request", one), ("one byte", b"\1"),
                           ("a record", record(STDIN, b"{}"))):
            s = self.stream()
            s.send(one + rest)
            self.check(s.closed(), f"{name} behind a request: not closed")
            self.check(s.data == b"", f"{name}: a response {s.data[:200]}")
            self.served(f"{name} behind a request")

    def late_end(self):
        """Requests without their last record, for the sizes of buffers in
        nginx and libfcgi.
        """
        for n in (0, 7964, 7968, 8192, 16160, 65536, 262144, 262145,
                  2097152):
            body = b"{" + b" " * (n - 1) if n else b""
            s = self.stream()
            records = b"".join(record(STDIN, body[i:i + 32768])
                               for i in range(0, n, 32768))
            s.send(begin() + self.params(n) + record(PARAMS) + records)
            self.served(f"a body of {n} bytes without its end")
            s.send(record(STDIN))
            got = s.answer()
            self.check(got is not None and got.startswith("Status: 4"),
                       f"{n}: {got}")
            # The connection serves the next request.
            s.send(begin() + self.params() + record(PARAMS) + record(STDIN))
            got = s.answer()
            self.check(got is not None and got.startswith("Status: 400"),
                       f"{n}, the next: {got}")

    def too_large(self):
        s = self.stream()
        n = 400 * 32768
        s.send(begin() + self.params(n) + record(PARAMS))
        for _ in range(400):
            s.send(record(STDIN, bytes(32768)))
        s.send(record(STDIN))
        got = s.answer()
        self.check(got is not None and got.startswith("Status: 413"),
                   f"a body that is too large: {got}")
        s.send(begin(0) + self.params() + record(PARAMS) + record(STDIN))
        got = s.answer()
        self.check(got is not None and got.startswith("Status: 400"),
                   f"after a body that is too large: {got}")
        self.check(s.closed(), "not closed as requested")
        self.served("a body that is too large")

    def memory(self):
        """More incomplete bodies than a worker stores."""
        open_ones = []
        for _ in range(48):
            s = self.stream()
            s.send(begin() + self.params(8 * 32768) + record(PARAMS))
            for _ in range(8):
                s.send(record(STDIN, bytes(32768)))
            open_ones.append(s)
        self.served("24 MiB of buffers of incomplete bodies")
        # The worker has closed the first ones for the later ones.
        open_ones[-1].send(record(STDIN))
        got = open_ones[-1].answer()
        self.check(got is not None and got.startswith("Status: 413"),
                   f"the last incomplete body: {got}")
        self.check(open_ones[0].closed(), "memory: the first is still open")

    def private_kib(self):
        """Returns the private memory of the worker."""
        pid, = self.world.workers("user")
        with open(f"/proc/{pid}/status") as f:
            return int(next(line for line in f if
                            line.startswith("RssAnon:")).split()[1])

    def large(self, count, n):
        """Sends incomplete bodies of n bytes that nothing but an image may
        have. Returns their streams.
        """
        open_ones = []
        for _ in range(count):
            s = self.stream()
            s.send(begin() + self.params(n) + record(PARAMS))
            for at in range(0, n, 32768):
                s.send(record(STDIN, bytes(min(32768, n - at))))
            self.served("a large incomplete body")
            open_ones.append(s)
        return open_ones

    def files(self):
        """Large bodies use no memory, and those of other routes are
        rejected.
        """
        before = self.private_kib()
        open_ones = self.large(6, 4 << 20)
        grown = self.private_kib() - before
        self.check(grown < int(sys.argv[2]),
                   f"24 MiB of bodies: {grown} KiB of memory")
        for s in open_ones:
            s.send(record(STDIN))
            got = s.answer()
            self.check(got is not None and got.startswith("Status: 413"),
                       f"a large body of another route: {got}")

    def many_files(self):
        """More large bodies than a worker stores: the others return 503 on
        connections that continue.
        """
        seen = set()
        for s in self.large(14, 12 << 20):
            s.send(record(STDIN))
            got = s.answer() or "closed"
            seen.add(got[:11])
            s.send(begin() + self.params() + record(PARAMS) + record(STDIN))
            got = s.answer()
            self.check(got is not None and got.startswith("Status: 400"),
                       f"after many large bodies: {got}")
        self.check(seen == {"Status: 413", "Status: 503"}, f"files: {seen}")

    def unread(self):
        """Requests whose responses are not read."""
        s = self.stream()
        s.sock.settimeout(3)
        one = begin() + self.params() + record(PARAMS) + record(STDIN)
        for _ in range(2000):
            try:
                s.sock.sendall(one)
                time.sleep(0.0005)
            except OSError:
                break
        else:
            self.check(False, "unread responses: still open")
        self.served("unread responses")


def main():
    world = World(sys.argv[1])
    world.fill()
    cases = Cases(world)
    cases.incomplete()
    cases.refused()
    cases.pipelined()
    cases.late_end()
    cases.too_large()
    cases.memory()
    cases.files()
    cases.unread()
    if os.environ.get("EARMARK_FAULT") == "full":
        cases.many_files()
        began = time.monotonic()
        for s in cases.incomplete():
            cases.check(s.closed(), "an incomplete request stays")
        took = time.monotonic() - began
        cases.check(15 <= took < 20, f"they ended after {took:.1f} s")
        cases.served("incomplete requests after 15 s")
    return 1 if cases.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
