#!/usr/bin/python3
"""Kills jobs at each write and sync, or lets these fail.

money_jobs.py STATE BUILD CONTROL STEP

Each call gets new work for the jobs: a session that needs its next minutes,
one without money, a refund to send to the provider, a sandbox webhook to
send, and an unpaid payment. earmark-jobs is killed at the call, or the write,
sync or allocation fails. The ledger must be valid. The next run must complete
the work, and all effects must exist once. The service runs without its jobs.
Exits with 1 on errors.
"""
import json
import os
import random
import subprocess
import sys
import time

import fail_nth
import seed
from money import RATE, Money, Told, control
from fixtures import FIRST, Client

MINUTE = 60_000
ENOUGH = 1500
ADMIN = FIRST + 1


class Work:
    """Work for the jobs, by users of its own."""

    def __init__(self, world, n):
        self.world, self.n = world, n
        base = FIRST + 2 + 2 * (n % (world.pairs // 2 - 2))
        self.lasts, self.ends = base, base + 1
        self.lease()
        self.refund()
        self.hook()
        self.late()

    def ask(self, client, status, *request):
        got, body = client.ask(*request)
        if got != status:
            raise SystemExit(f"money_jobs: {request[:2]}: {got} {body}")
        return json.loads(body)

    def payment(self, user, amount=1000):
        return self.ask(Client(self.world, user), 201, "POST",
                        "/payments/initiate",
                        {"amount": amount, "provider": "sandbox"})["payment_id"]

    def paid(self, user, amount=1000):
        n = self.payment(user, amount)
        self.ask(Client(self.world), 200, "POST", "/payments/webhook/sandbox",
                 *self.world.hook(n, amount, f"jobs-{n}"))
        return n

    def empty(self, user):
        """Leaves the user money for one minute."""
        has = self.balance(user, 1) + self.balance(user, 2)
        if has != RATE:
            self.ask(Client(self.world, ADMIN), 200, "POST",
                     f"/admin/wallets/{user}/adjust",
                     {"amount": RATE - has, "reason": "a minute is left"})

    def balance(self, user, kind):
        rows = self.world.ask("SELECT balance FROM ledger_account"
                              " WHERE id = ?", user * 16 + kind)
        return rows[0][0] if rows else 0

    def lease(self):
        """Moves the start to 90 s ago. One user has money for more minutes,
        the other has not.
        """
        self.paid(self.lasts)
        self.empty(self.ends)
        self.live = [self.ask(
            Client(self.world, user), 201, "POST", "/sessions/start",
            {"listener_id": user + 5000})["session_id"]
            for user in (self.lasts, self.ends)]
        with self.world.writer() as db:
            db.execute("UPDATE session SET started_at = started_at - 90000,"
                       " billed_from = billed_from - 90000,"
                       " leased_until = leased_until - 90000"
                       " WHERE id IN (?, ?)", self.live)

    def refund(self):
        self.back = self.paid(FIRST)
        self.ask(Client(self.world, ADMIN), 202, "POST",
                 f"/admin/payments/{self.back}/refund",
                 {"reason": "a test"})

    def hook(self):
        self.told = self.payment(FIRST)
        now = int(time.time() * 1000)
        with self.world.writer() as db:
            db.execute("INSERT INTO sandbox_webhook(payment_id, event_id, what,"
                       " amount, due_at, created_at) VALUES (?, ?, 1, 1000,"
                       " ?, ?)", (self.told, f"hook-{self.told}", now, now))

    def late(self):
        self.unpaid = self.payment(FIRST)
        with self.world.writer() as db:
            db.execute("UPDATE payment SET created_at = created_at - 90000000"
                       " WHERE id = ?", (self.unpaid,))

    def wrong(self):
        """Checks the effects of all work."""
        def one(sql, *args):
            rows = self.world.ask(sql, *args)
            return rows[0] if rows else None

        out = []

        def check(what, got, want):
            if got != want:
                out.append(f"{what}: {got}, not {want}")

        check("the one that lasts", one(
            "SELECT state, held_wallet + held_bonus, leased_until - started_at"
            " FROM session WHERE id = ?", self.live[0])[:2], (0, 3 * RATE))
        check("the one that ends", one(
            "SELECT state, ended_at - started_at, cost, cause, balance"
            " FROM session WHERE id = ?", self.live[1]),
            (1, MINUTE, RATE, 3, 0))
        check("its bill", one("SELECT count(*) FROM transfer WHERE type = 4"
                              " AND reference = ?", self.live[1]), (1,))
        check("the refund", one(
            "SELECT count(*), sum(amount), min(state) > 0 FROM payment_reversal"
            " WHERE payment_id = ?", self.back), (1, 1000, 1))
        check("what it took", one("SELECT count(*) FROM transfer WHERE"
                                  " type = 9 AND reference = ?", self.back),
              (1,))
        check("the webhook", one("SELECT count(*), min(state)"
                                 " FROM sandbox_webhook WHERE payment_id = ?"
                                 " AND what = 1",
                                 self.told), (1, 1))
        check("its credit", one(
            "SELECT count(*), p.status FROM payment AS p JOIN transfer AS t"
            " ON t.type = 1 AND t.reference = p.id WHERE p.id = ?",
            self.told), (1, 1))
        check("the unpaid", one("SELECT status FROM payment WHERE id = ?",
                                self.unpaid), (3,))
        return out

    def over(self):
        self.ask(Client(self.world, self.lasts), 200, "POST", "/sessions/end",
                 {"session_id": self.live[0]})



class Jobs(Money):
    def __init__(self, state, build, control_file):
        super().__init__(state)
        self.build, self.nth = build, fail_nth.Nth(control_file)
        self.told = Told()
        self.env = {**os.environ, "NTH": control_file,
                    "LD_PRELOAD": build + "/t/faults/tools/fail_nth.so"}

    def go(self):
        return subprocess.run(
            [self.build + "/earmark-jobs", "-c", self.conf, "--once"],
            env=self.env, capture_output=True, text=True)

    def sweep(self, what, step, rnd):
        """Returns (calls, errors)."""
        at, n, wrong = rnd.randint(1, step), 0, []
        while len(wrong) < 10:
            work = Work(self, n)
            where = f"{what} {at}"
            self.nth.arm("earmark-jobs", what, at)
            first = self.go()
            failed = self.nth.disarm()[1]
            bad = self.verify(self.build)
            if bad:
                wrong.append(f"{where}, killed: {bad}")
            if failed and not self.as_it_should(what, first):
                wrong.append(f"{where}: ended with {first.returncode},"
                             f" {first.stderr[-200:]}")
            if failed or first.returncode:
                self.later()
                again = self.go()
                if again.returncode:
                    wrong.append(f"{where}, again: {again.stdout[-300:]}"
                                 f" {again.stderr[-300:]}")
            bad = self.verify(self.build)
            if bad:
                wrong.append(f"{where}, again: {bad}")
            wrong += [f"{where}: {x}" for x in work.wrong()]
            self.told.payments |= {work.back, work.told}
            work.over()
            n += 1
            at += step
            if not failed or n > ENOUGH:
                break
        return n - 1, wrong

    @staticmethod
    def as_it_should(what, p):
        """Returns whether the process ended as expected: killed, failed or
        without memory.
        """
        if what.startswith("kill"):
            return p.returncode == -9
        if p.returncode == -6:
            said = p.stderr.lower()     # libcurl: "Out of memory"
            return what == "memory" and any(
                x in said for x in ("out of memory", "sha-256 failed",
                                    "aes-256-gcm failed"))
        return p.returncode >= 0

    def later(self):
        """Makes work that a dead process claimed due again."""
        with self.writer() as db:
            db.execute("UPDATE sandbox_webhook SET due_at = 0 WHERE state = 0")
            db.execute("UPDATE payment_reversal SET due_at = 0 WHERE state = 0")


def main(state, build, control_file, step):
    world = Jobs(state, build, control_file)
    world.keep_connections()
    world.fill_money(40)
    with world.writer() as db:
        db.execute("UPDATE user SET roles = 5 WHERE id = ?", (ADMIN,))
    chosen = seed.take()
    wrong = []
    for what, far in (("kill-write", step), ("kill-sync", 1),
                      ("kill-answer", 1), ("write", step), ("sync", 1),
                      ("memory", 25 if step == 1 else 100 * step)):
        places, bad = world.sweep(what, far, random.Random(chosen))
        print(f"# {what}: {places} places")
        wrong += bad
        if not places:
            wrong.append(f"{what}: nothing was killed")
    wrong += world.wrong() + control(world, [world.told])
    print(f"{len(wrong)} wrong")
    for x in wrong[:12]:
        print("FAILED:", x)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4], int(sys.argv[4])))
