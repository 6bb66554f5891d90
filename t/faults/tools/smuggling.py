#!/usr/bin/python3
"""Sends requests whose bodies are FastCGI records, while other users send
requests.

smuggling.py STATE BUILD COUNT [SEED]

Generates COUNT requests. Two thirds are sent by HTTP through nginx: a route
of any pool with an unusual path or Content-Length, a body size near a
multiple of libfcgi's buffer, and a body that would be a request if it was
parsed as records. One third are valid and invalid record streams to the
socket of a worker. Other users request their profiles on kept connections.
They must always get 200 and their own profile. Each response must contain the
id of its request, and no log may contain an id from within a body. The same
workers must serve at the end. Prints statistics. Exits with 1 on errors. With
EARMARK_FAULT=full, p99 of the other users must be below 100 ms.
"""
import collections
import glob
import json
import multiprocessing
import os
import queue
import random
import re
import struct
import subprocess
import sys
import time

from fixtures import FIRST, HERE, Client, World

sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
from fastcgi import (ABORT, BEGIN, DATA, GET_VALUES, PARAMS, STDIN, Stream,
                     begin, pair, record)               # noqa: E402

POOLS = ["auth", "user", "listeners", "favorites", "catalog", "calls",
         "wallet", "payments", "admin", "system"]
BUFFER = 8192           # bytes that libfcgi reads at once
BYSTANDERS = 8          # users, in two processes
ATTACKERS = range(FIRST + 20, FIRST + 60)
MARK = "smuggled-request"
PROFILE = "/user/profile"


class Wrong(Exception):
    """An unexpected result."""


# Records

def pairs(method, uri, rid, body=b"", token=None, **more):
    params = {"REQUEST_METHOD": method, "REQUEST_URI": uri,
              "HTTP_X_REQUEST_ID": rid, "REMOTE_ADDR": "127.0.0.1"}
    if body:
        params["CONTENT_LENGTH"] = str(len(body))
        params["CONTENT_TYPE"] = "application/json"
    if token:
        params["HTTP_AUTHORIZATION"] = "Bearer " + token
    params.update(more)
    return b"".join(pair(k, v) for k, v in params.items())


def smuggled(token, whole=True):
    """Returns the records of a request that must never be served."""
    data = begin() + record(PARAMS, pairs("GET", PROFILE, MARK, token=token))
    return data + record(PARAMS) + (record(STDIN) if whole else b"")


def hostile_body(rnd, n, token):
    """Returns n bytes that contain a request for readers starting anywhere."""
    kind = rnd.randrange(6)
    if kind == 0:
        return rnd.randbytes(n)
    tail = smuggled(token, kind != 1)
    if kind == 2:           # repeated requests
        return (tail * (n // len(tail) + 1))[:n]
    if kind == 3:           # the end of this request, and another one
        tail = record(STDIN) + tail
    run = max(0, n - len(tail))
    # Records with another id, each up to the end of the run.
    out = bytearray(run % 8)
    for left in range(run - run % 8, 0, -8):
        out += struct.pack(">BBHHBB", 1, STDIN, 9, min(65535, left - 8), 0, 0)
    return (bytes(out) + tail)[-n:] if n else b""


def body_size(rnd):
    kind = rnd.randrange(8)
    if kind == 0:
        return rnd.randrange(0, 300)
    if kind == 1:
        return rnd.choice((7964, 7968, 16160)) + rnd.randrange(-8, 9)
    if kind == 2:
        return rnd.randrange(0, 65537)
    # The first buffer also contains parameters.
    return max(0, rnd.randrange(1, 9) * BUFFER + rnd.randrange(-700, 24)
               if rnd.random() < 0.6 else
               min(65536, rnd.randrange(1, 9) * BUFFER + rnd.randrange(-8, 9)))


# HTTP

def ask(client, text, head=False):
    """Sends the text unchanged. Returns status, values of X-Request-Id and
    body.
    """
    if not client.sock:
        client.connect()
    client.sock.sendall(text)
    status, body = client.answer(head)
    return status, [f[14:] for f in client.fields
                    if f.startswith("x-request-id: ")], body


def routes(build):
    out = []
    for pool in POOLS:
        text = subprocess.run([f"{build}/earmark-{pool}", "--routes"],
                              stdout=subprocess.PIPE, check=True, text=True)
        for line in text.stdout.splitlines():
            method, path = line.split()[:2]
            out.append((pool, method, path))
    return out


def odd_path(rnd, path):
    path = re.sub(r"\{\w+\}", lambda m: str(rnd.randrange(1, FIRST + 9)), path)
    kind = rnd.randrange(9)
    at = rnd.choice([m.end() for m in re.finditer("/", path)])
    if kind < 5:
        piece = ("%41", "/", "./", "../", "%")[kind]
        return path[:at] + piece + path[at:]
    if kind == 5:
        return path + rnd.choice(("/x%41", "%2f", "/..", "/.", "//"))
    return path


def odd_length(rnd, n):
    kind = rnd.randrange(6)
    if kind < 3:
        return "Content-Length: " + "0" * rnd.randrange(1, 40) + str(n)
    if kind == 3:
        return "Content-Length:" + str(n) + "  "
    return f"Content-Length: {n}"


def http_request(rnd, rows, tokens, rid):
    _, method, path = rnd.choice(rows)
    token = rnd.choice(tokens)
    n = body_size(rnd)
    if rnd.random() < 0.01:
        path, method, n = "/user/profile/image", "PUT", rnd.choice(
            (4194304, 1048576 + n, 262144 + n, 262145 - n % 64))
    body = hostile_body(rnd, n, token)
    lines = [f"{method} {odd_path(rnd, path)} HTTP/1.1", "Host: x",
             "X-Request-Id: " + rid, "Content-Type: application/json"]
    if rnd.random() < 0.5:
        lines.append("Authorization: Bearer " + token)
    if rnd.random() < 0.1:
        lines.append("Transfer-Encoding: chunked")
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (n, body) if n else b"0\r\n\r\n"
    else:
        lines.append(odd_length(rnd, n))
    text = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    return text, method == "HEAD"


def http_attacker(world, rows, count, rnd, name):
    tokens = [world.token(u) for u in ATTACKERS]
    connections = [Client(world) for _ in range(4)]
    seen = collections.Counter()
    for i in range(count):
        rid = f"{name}-{i:08d}"
        c = rnd.choice(connections)
        text, head = http_request(rnd, rows, tokens, rid)
        status, ids, _ = ask(c, text, head)
        # If nginx cannot parse a request, it rejects it before it knows the
        # id.
        if status not in GOOD or (status != 400 and ids != [rid]):
            raise Wrong(rid, status, ids, text[:300])
        seen[status] += 1
    return seen, []


GOOD = {200, 201, 202, 204, 303, 304, 400, 401, 402, 403, 404, 405, 409, 413,
        415, 422, 426, 429, 501, 503}


# Streams

def pieces(rnd, kind, data):
    """Returns records of one kind with padding, and the empty last one."""
    out, at = b"", 0
    while at < len(data):
        n = min(rnd.choice((65535, 32768, 8184, rnd.randrange(1, 600))),
                len(data) - at)
        out += record(kind, data[at:at + n], 1, rnd.choice((0, 0, 7, 255)))
        at += n
    return out + record(kind)


def valid(rnd, rid, token, keep=1):
    body = hostile_body(rnd, body_size(rnd), token)
    params = pairs("POST", rnd.choice((PROFILE, "/user/x%41", "//", "/nope")),
                   rid, body, token)
    return (begin(keep) + pieces(rnd, PARAMS, params) +
            pieces(rnd, STDIN, body))


def big(n):
    return struct.pack(">I", n | 1 << 31)


def invalid(rnd, rid, token):
    """Returns a stream after which the worker must close the connection
    without a response.
    """
    params = pairs("GET", PROFILE, rid, token=token)
    end = record(PARAMS) + record(STDIN)
    whole = record(PARAMS, params) + end
    names = b"".join(pair(n, "") for n in ["FCGI_MAX_CONNS"] * 40)
    return rnd.choice((
        lambda: record(GET_VALUES, names, 0) + begin() + whole,
        lambda: begin() + record(GET_VALUES, names, 0) + whole,
        lambda: begin() + record(PARAMS, params) + record(77, b"x", 0) + end,
        lambda: begin() + record(ABORT) + whole,
        lambda: begin() + record(PARAMS, params, 2) + end,
        lambda: begin() + begin() + whole,
        lambda: begin(1, rnd.choice((0, 2, 3, 9, 257))) + whole,
        lambda: begin(1, 1, 0) + whole,
        lambda: record(BEGIN, b"\0\1\1\0\0\0\0") + whole,
        lambda: record(BEGIN, b"\0\1\1\0\0\0\0\0", 1, 8) + whole,
        lambda: begin() + record(PARAMS, params) + record(PARAMS, b"", 1, 8) +
        smuggled(token),
        lambda: begin() + record(PARAMS, params) + record(PARAMS) +
        record(STDIN, b"", 1, 8) + smuggled(token),
        lambda: begin() + record(PARAMS, params, 1, 0, rnd.choice((0, 2))) +
        end,
        lambda: begin() + record(PARAMS, params) + record(STDIN),
        lambda: begin() + record(STDIN) + whole,
        lambda: begin() + record(PARAMS, params) + record(PARAMS) +
        record(DATA, b"x") + record(STDIN),
        lambda: begin() + record(PARAMS, params[:-1]) + end,
        lambda: begin() + record(PARAMS, params + b"\0") + end,
        lambda: begin() + record(PARAMS, params + pair("", "x")) + end,
        lambda: begin() + record(PARAMS, params + pair("A", "x\0y")) + end,
        lambda: begin() + record(PARAMS, params + pair("A\0B", "x")) + end,
        lambda: begin() + record(PARAMS, params + pair("A=B", "x")) + end,
        lambda: begin() + record(PARAMS, big(0x7fffffff) + big(0x7fffffff) +
                                 b"x") + end,
        lambda: begin() + record(PARAMS, big(0x7ffffffe) + b"\1x") + end,
        lambda: begin() + record(PARAMS, b"\1" + big(0x7fffffff) + b"x") + end,
        lambda: begin() + record(PARAMS, pair("A", "x" * 32769)) + end,
        lambda: begin() + record(PARAMS, pair("A" * 8449, "")) + end,
        lambda: begin() + record(PARAMS, pair("A", "") * 8193) + end,
        lambda: begin() + record(PARAMS, pair("A", "x" * 30000) * 2) +
        record(PARAMS, pair("A", "x" * 6000)) + end,
        lambda: begin() + record(PARAMS, pair("A", "x"), 1, 255) * 600 + end,
        lambda: begin() + whole + b"GET / HTTP/1.1\r\n",
        lambda: begin() + whole + record(STDIN, b"x"),
        lambda: rnd.randbytes(rnd.randrange(8, 9000)),
        lambda: bytes(rnd.randrange(8, 9000)),
    ))()


def stream_attacker(world, count, rnd, name):
    tokens = [world.token(u) for u in ATTACKERS]
    seen = collections.Counter()

    def check(ok, what, rid, got):
        seen[what] += 1
        if not ok:
            raise Wrong(rid, what, got)

    def send(s, data):
        """Sends data in pieces, some of which end within a header."""
        cuts = sorted(rnd.randrange(len(data) + 1)
                      for _ in range(rnd.randrange(3)))
        for a, b in zip([0] + cuts, cuts + [len(data)]):
            s.send(data[a:b])

    for i in range(count):
        rid = f"{name}-{i:08d}"
        token = rnd.choice(tokens)
        s = Stream(f"{world.state}/run/{rnd.choice(POOLS)}.sock")
        kind = rnd.randrange(8)
        if kind < 3:
            for k in range(rnd.randrange(1, 4)):
                send(s, valid(rnd, f"{rid}-{k}", token))
                got = s.answer()
                check(got is not None and f"X-Request-Id: {rid}-{k}\r\n" in
                      got and re.match(r"Status: (4|503)", got),
                      "valid", rid, got)
        elif kind < 6:
            send(s, invalid(rnd, rid, token))
            # A complete request before the invalid bytes may get a response.
            got = s.answer()
            check(got is None or f"X-Request-Id: {rid}\r\n" in got,
                  "invalid", rid, got)
            check(got is None or s.closed(), "ended", rid, got)
        elif kind == 6:
            body = hostile_body(rnd, body_size(rnd) + 2, token)
            claimed = rnd.choice((str(len(body) - 1), str(len(body) + 1), "0",
                                  "", "-1", "x", "+%d" % len(body), "9" * 30,
                                  "%d " % len(body), "18446744073709551616"))
            send(s, begin() + record(PARAMS, pairs(
                "POST", PROFILE, rid, CONTENT_LENGTH=claimed)) +
                record(PARAMS) + pieces(rnd, STDIN, body))
            got = s.answer()
            check(got is not None and got.startswith("Status: 400") and
                  f"X-Request-Id: {rid}\r\n" in got, "mismatch", rid, got)
            check(s.closed(), "ended", rid, got)
        else:               # incomplete
            data = valid(rnd, rid, token)
            send(s, data[:rnd.randrange(len(data))])
            seen["partial"] += 1
        s.sock.close()
    return seen, []


# Other users

def bystander(world, users, stop, rnd):
    clients = [Client(world, u) for u in users]
    took = []
    while not stop.is_set():
        c = rnd.choice(clients)
        began = time.monotonic()
        status, body = c.ask("GET", PROFILE)
        took.append(time.monotonic() - began)
        if status != 200 or json.loads(body)["username"] != f"fault{c.user}":
            raise Wrong(c.user, status, body[:300])
        time.sleep(0.001)
    return {"bystander": len(took)}, took


def serving(world):
    """Returns workers of all pools that are ready."""
    return {p for pool in POOLS for p in world.workers(pool)
            if os.path.exists(f"{world.state}/run/worker-{pool}-{p}")}


def run(results, job, *args):
    try:
        results.put((None,) + job(*args))
    except (Wrong, OSError, ValueError, KeyError) as e:
        results.put((f"{job.__name__}: {e!r}", {}, []))


class Logs:
    """Reads what was written to the logs since the last call."""

    def __init__(self, state):
        self.state, self.at = state, {}

    def smuggled(self):
        """Returns logs that contain a request from within a body."""
        found = []
        for path in glob.glob(f"{self.state}/log/*"):
            with open(path, "rb") as f:
                f.seek(self.at.get(path, 0))
                text = f.read()
                # The last line may be incomplete.
                self.at[path] = max(0, f.tell() - 4096)
            if MARK.encode() in text:
                found.append(os.path.basename(path))
        return found


class Run:
    """The processes. Waits until all have results or one has an error."""

    def __init__(self, state):
        self.queue = multiprocessing.Queue()
        self.logs, self.processes = Logs(state), []
        self.wrong, self.took = [], []

    def start(self, job, *args):
        p = multiprocessing.Process(target=run, args=(self.queue, job) + args)
        p.start()
        self.processes.append(p)

    def wait(self, n):
        """Waits for n results, and checks the logs each second."""
        while n > 0 and not self.wrong:
            try:
                wrong, seen, took = self.queue.get(timeout=1)
                n -= 1
                self.took += took
                print(dict(seen))
                if wrong:
                    self.wrong.append(wrong)
            except queue.Empty:
                pass
            self.look()

    def look(self):
        self.wrong += [f"a request from inside a body, in {log}"
                       for log in self.logs.smuggled()]

    def end(self):
        for p in self.processes:
            if self.wrong:
                p.terminate()
            p.join()
        self.look()


def main():
    state, build, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    seed = int(sys.argv[4] if len(sys.argv) > 4 else
               int.from_bytes(os.urandom(4), "big"))
    print(f"seed {seed}", flush=True)
    world = World(state)
    world.fill()
    rows, pids, began = routes(build), serving(world), time.monotonic()
    stop = multiprocessing.Event()
    users = list(range(FIRST, FIRST + BYSTANDERS))
    r = Run(state)
    for n in range(2):
        r.start(bystander, world, users[n::2], stop,
                random.Random(f"{seed} bystander {n}"))
        r.start(http_attacker, world, rows, count // 3,
                random.Random(f"{seed} http {n}"), f"http{n}")
    r.start(stream_attacker, world, count - count // 3 * 2,
            random.Random(f"{seed} stream"), "stream")
    r.wait(3)
    stop.set()
    r.wait(2)
    r.end()
    took = sorted(r.took)
    p99 = took[len(took) * 99 // 100] if took else 0.0
    print(f"{len(took)} requests of others, p99 {p99 * 1000:.1f} ms, "
          f"{time.monotonic() - began:.1f} s")
    if pids - serving(world):
        r.wrong.append(f"workers ended: {sorted(pids - serving(world))}")
    if not r.wrong and len(took) < 100:
        r.wrong.append("too few requests of others")
    if os.environ.get("EARMARK_FAULT") == "full" and p99 > 0.1:
        r.wrong.append("p99 of the others is above 100 ms")
    for w in r.wrong:
        print("FAILED:", w)
    return 1 if r.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
