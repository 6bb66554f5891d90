#!/usr/bin/python3
"""Fills the disk while money moves.

money_disk_full.py STATE BUILD

STATE is on a small disk. Users have live sessions and pending payments. The
disk is filled and kept full until a webhook, a start, an end, a redemption
and a new payment have each been rejected with 503 storage_full and
Retry-After. Reads must succeed, and the ledger must be valid. When space is
free, each request repeated with its key must succeed with the same workers,
and all balances must equal the responses. Exits with 1 on errors.
"""
import json
import os
import random
import sqlite3
import sys
import time

from money import BONUS, CODE, RATE, Money, Person, Wrong, control
from fixtures import FIRST, Client

PEOPLE = 60
READS = ("/user/balance", "/user/transactions", "/sessions/history",
         "/payments", "/referrals", "/events")


class Filler:
    def __init__(self, path):
        self.path = path

    def fill(self):
        fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        for size in (65536, 4096, 1):
            try:
                while True:
                    os.write(fd, bytes(size))
            except OSError:
                pass
        os.close(fd)


class Full:
    def __init__(self, world):
        self.world, self.wrong, self.refused = world, [], {}
        self.again = []
        self.people = [Person(world, n, random.Random(n))
                       for n in range(PEOPLE)]

    def prepare(self):
        """Half of the users have a live session, all have pending payments."""
        self.live = {}
        self.pending = []
        for p in self.people:
            p.topup(50_000)
            if p.n % 2:
                self.started(p)(*self.ask(*self.start_of(p)))
            for _ in range(6):
                self.pending.append((p, p.until(
                    p.me, (201,), "POST", "/payments/initiate",
                    {"amount": 1000, "provider": "sandbox"},
                    p.key())[1]["payment_id"]))

    @staticmethod
    def ask(client, good, *request):
        status, body = client.ask(*request)
        if status not in good:
            raise SystemExit(f"money_disk_full: {request[:2]}: {status} {body}")
        return status, body

    @staticmethod
    def start_of(p):
        return (p.me, (201,), "POST", "/sessions/start",
                {"listener_id": p.listener}, p.key())

    # Effects of each response on the model.

    def started(self, p):
        def done(status, body):
            # The reserve is taken from these balances now.
            self.live[p] = json.loads(body)["session_id"], min(p.bonus, RATE)
            p.bonus -= self.live[p][1]
            p.wallet -= RATE - self.live[p][1]
        return done

    def ended(self, p, number):
        def done(status, body):
            said = json.loads(body)
            p.earned += RATE - RATE // 5
            p.sessions[number] = said
            if said["cost"] != RATE:
                self.wrong.append(f"session {number}: {said}")
        return done

    def paid(self, p, number):
        def done(status, body):
            p.wallet += 1000
            p.payments[number] = 1000
        return done

    def redeemed(self, p):
        def done(status, body):
            p.bonus += BONUS
            p.redeemed += 1
        return done

    def next(self, kind, n):
        """Returns (client, good statuses, request...) and the effect of its
        response.
        """
        free = [p for p in self.people if p not in self.live and
                p not in self.busy]
        if kind == "webhook" and self.pending:
            p, number = self.pending.pop()
            return (p.provider, (200,), "POST", "/payments/webhook/sandbox",
                    *self.world.hook(number, 1000, f"full-{number}")
                    ), self.paid(p, number)
        if kind == "end" and self.live:
            p, (number, _) = self.live.popitem()
            self.busy.add(p)
            time.sleep(0.002)   # a session without a length is free
            return (p.me, (200,), "POST", "/sessions/end",
                    {"session_id": number}, p.key()), self.ended(p, number)
        if kind == "start" and free:
            self.busy.add(free[0])
            return self.start_of(free[0]), self.started(free[0])
        if kind == "redeem":
            p = self.people[n % PEOPLE]
            return (p.me, (200, 201), "POST", "/promotions/redeem",
                    {"code": CODE}, p.key()), self.redeemed(p)
        p = self.people[n % PEOPLE]
        return (p.me, (201,), "POST", "/payments/initiate",
                {"amount": 1000, "provider": "sandbox"}, p.key()
                ), lambda status, body: None

    def reads(self):
        for path in READS:
            status, body = self.people[0].me.ask("GET", path)
            if status != 200:
                self.wrong.append(f"GET {path}: {status} {body[:200]}")

    def until_full(self, filler):
        self.busy = set()
        kinds = ("webhook", "start", "end", "redeem", "initiate")
        for n in range(3000):
            if len(self.refused) == len(kinds):
                return
            kind = kinds[n % len(kinds)]
            if kind in self.refused:
                continue
            filler.fill()
            request, done = self.next(kind, n)
            client, good = request[:2]
            status, body = client.ask(*request[2:])
            if status in good:
                done(status, body)
                p = [q for q in self.people if client in (q.me, q.provider)]
                if kind in ("start", "end"):
                    self.busy.discard(p[0])
                continue
            if status != 503 or json.loads(body)["error"] != "storage_full" \
                    or not any(f.startswith("retry-after:")
                               for f in client.fields):
                self.wrong.append(f"{kind}: {status} {body[:200]}"
                                  f" {client.fields}")
            self.refused[kind] = self.refused.get(kind, 0) + 1
            self.again.append((kind, request, done))
            self.reads()
            ledger = self.world.verify(self.world.build)
            if ledger:
                self.wrong.append(f"full, after {kind}: {ledger}")
        if len(self.refused) < len(kinds):
            self.wrong.append(f"the disk was never full: {self.refused}")

    def with_room(self):
        for kind, request, done in self.again:
            end = time.time() + 5
            while True:
                status, body = request[0].ask(*request[2:])
                if status == 409 and "in_progress" in body:
                    # The request started, but its end could not be written.
                    for p in self.people:
                        self.world.minute_later(p.customer)
                elif status != 503 or time.time() > end:
                    break
                time.sleep(0.05)
            if status in request[1]:
                done(status, body)
            else:
                self.wrong.append(f"{kind}, with room: {status} {body[:200]}")
        for p, (number, _) in list(self.live.items()):
            self.ended(p, number)(*self.ask(
                p.me, (200,), "POST", "/sessions/end",
                {"session_id": number}, p.key()))
        for p in self.people:
            try:
                p.look()
            except Wrong as e:
                self.wrong.append(str(e))


def main(state, build):
    world = Money(state)
    world.build = build
    world.fill_money(PEOPLE)
    workers = world.all_workers("wallet")
    full = Full(world)
    full.prepare()
    filler = Filler(state + "/filler")
    full.until_full(filler)
    os.unlink(filler.path)
    full.with_room()
    db = sqlite3.connect(f"file:{world.db}?mode=ro", uri=True)
    full.wrong += [f"{p.customer}: {x}" for p in full.people
                   for x in p.missing(db)]
    db.close()
    full.wrong += world.wrong() + world.problems()
    ledger = world.verify(build)
    if ledger:
        full.wrong.append(ledger)
    if sorted(world.workers("wallet")) != sorted(workers):
        full.wrong.append("these are not the workers of before")
    full.wrong += control(world, full.people)
    print(f"refused: {full.refused}; {len(full.wrong)} wrong")
    for x in full.wrong[:12]:
        print("FAILED:", x)
    return 1 if full.wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
