#!/usr/bin/python3
"""Runs a provider that accepts connections and never responds.

 hang.py listen FILE                 writes its port to FILE, runs until killed
 hang.py count STATE SECONDS TIMEOUT

count compares how many other requests are served with and without hanging
initiations, of which there are more than workers. The initiations must fail
after TIMEOUT. Exits with 1 if other requests were delayed.
"""
import json
import os
import selectors
import socket
import sys
import threading
import time

import async_clients
from money_fixtures import FIRST, Bank

HANG, CLIENTS = 8, 8       # more than there are workers


def listen(file):
    poll = selectors.DefaultSelector()
    with socket.create_server(("127.0.0.1", 0), backlog=128) as s:
        with open(file + ".new", "w") as f:
            f.write(str(s.getsockname()[1]))
        os.rename(file + ".new", file)
        poll.register(s, selectors.EVENT_READ)
        kept = []
        while True:
            poll.select()
            kept.append(s.accept()[0])


class Load:
    """Sends all kinds of requests except initiations for some time."""

    def __init__(self, world, seconds):
        self.world, self.until, self.bad = world, time.time() + seconds, []
        self.done = async_clients.run(world, [self.client(n) for n in range(CLIENTS)])

    def client(self, n):
        user, listener = self.world.customers[n], self.world.listeners[n]
        while time.time() < self.until:
            for method, path, body in (
                    ("GET", "/user/balance", None),
                    ("POST", "/sessions/start", {"listener_id": listener}),
                    ("GET", "/payments", None),
                    ("GET", "/listeners", None),
                    ("POST", f"/api/flyers/{FIRST}/favorite/", None)):
                status, text = yield method, path, user, body, ""
                if status not in (200, 201):
                    self.bad.append((method, path, status, text[:200]))
                if path == "/sessions/start" and status == 201:
                    status, text = yield (
                        "POST", "/sessions/end", user,
                        {"session_id": json.loads(text)["session_id"]}, "")
                    if status != 200:
                        self.bad.append((path, status, text[:200]))


def initiation(world, user, timeout, out):
    """Returns (seconds, status, code)."""
    conn = async_clients.Conn(world, None)
    data = conn.encode("POST", "/payments/initiate", user,
                       {"amount": 5000, "provider": "stripe"})
    conn.connect()
    conn.sock.settimeout(timeout * 3)
    began, got = time.time(), None
    conn.sock.sendall(data)
    while got is None:
        more = conn.sock.recv(65536)
        if not more:
            break
        conn.rest += more
        got = conn.answer()
    status, text = got or (0, "{}")
    out.append((time.time() - began, status, json.loads(text).get("error")))


def main(state, seconds, timeout):
    world = Bank(state)
    world.settle(CLIENTS + HANG, CLIENTS, 100)
    world.give(world.customers, 10**9)
    with world.writer() as db:
        db.execute("INSERT INTO flyer(id, publisher_id, title, created_at,"
                   " updated_at) VALUES (?, ?, 'flyer', 0, 0)",
                   (FIRST, FIRST))
    Load(world, 0.3)
    calm = Load(world, seconds)
    said, threads = [], []
    for user in world.customers[CLIENTS:]:
        threads.append(threading.Thread(
            target=initiation, args=(world, user, timeout, said)))
        threads[-1].start()
    time.sleep(0.2)
    during = Load(world, seconds)
    early = len(said)
    for t in threads:
        t.join()
    wrong = calm.bad[:3] + during.bad[:3] + world.wrong()
    if early:
        wrong.append(f"{early} initiations did not wait: {said}")
    for took, status, code in said:
        if (status, code) != (502, "provider_unavailable") or \
                not timeout - 0.5 < took < timeout + 5:
            wrong.append(f"an initiation: {took:.1f} s, {status} {code}")
    if during.done < calm.done / 3:
        wrong.append(f"{during.done} requests during them, {calm.done} without")
    rows = world.ask("SELECT status, count(*) FROM payment GROUP BY status")
    if any(status == 1 for status, _ in rows):
        wrong.append(f"payments were made: {rows}")
    print(f"{calm.done} requests without, {during.done} during"
          f" {len(said)} that hang; these: "
          + ", ".join(f"{t:.1f} s {s}" for t, s, _ in said))
    for x in wrong:
        print("FAILED:", x)
    return 1 if wrong else 0


if __name__ == "__main__":
    if sys.argv[1] == "listen":
        listen(sys.argv[2])
    sys.exit(main(sys.argv[2], float(sys.argv[3]), float(sys.argv[4])))
