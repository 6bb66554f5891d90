#!/usr/bin/python3
"""Lets the n-th write, sync or allocation of a worker fail, for each n.

SEED=N fail_each_nth.py STATE BUILD CONTROL STEP CASE...

Each CASE is a request that moves money or saves a favorite. It is repeated
with the first, then the second, ... call failing, alone and with all later
ones, until there are no more calls. STEP is the distance to the next
allocation, and eight times the distance to the next write. The workers run
with t/faults/tools/fail_nth.so, one per pool. For each failure,

 - the response is documented: an error envelope with 500 or 503, or 502 if the
   worker ended because it had no memory,
 - nothing has changed after a 5xx, and everything after another response,
 - the same request with the same key succeeds later, and its effect exists once,
 - the ledger is valid.

Exits with 1 on errors.
"""
import errno
import hashlib
import json
import os
import random
import signal
import sys
import time

import fail_nth
import seed
from money import CODE, Money, Told, control
from fixtures import FIRST, Client

# Failures: kind, whether all later calls fail too, and the error. cold: memory
# of a worker that has not prepared its statements.
WAYS = [("write", False, errno.EIO), ("write", True, errno.EIO),
        ("write", True, errno.ENOSPC), ("sync", False, errno.EIO),
        ("sync", True, errno.EIO), ("memory", False, errno.ENOMEM),
        ("memory", True, errno.ENOMEM), ("cold", False, errno.ENOMEM)]
CODES = {500: {"internal"}, 502: {"unavailable"},
         503: {"busy", "storage_full", "unavailable"}}
# If a worker lived for less than this many seconds, the next one waits for 0.4
# s.
YOUNG = 0.21
FIRST_CALLS = 12
CALLS_MAX = 20000       # maximum number of calls of one request

# All tables about money, and those that change with it.
TABLES = ("ledger_account", "transfer", "entry", "wallet_entry", "session",
          "payment", "payment_event", "payment_reversal", "payment_flag",
          "promotion", "redemption", "redemption_hold", "referral",
          "media_ban", "event", "favorite", "favorite_log")


class Case:
    """A request, prepared again for each call."""
    program = "earmark-wallet"
    settled = 0         # how often the effect exists

    def __init__(self, world):
        self.world, self.n = world, 0
        self.me = Client(world, FIRST)
        self.prepare_all()

    def prepare_all(self):
        pass

    def plain(self, client, status, *request):
        got, body = client.ask(*request)
        if got != status:
            raise SystemExit(f"fail_each_nth: {request[:2]}: {got} {body}")
        return json.loads(body or "{}")

    def key(self):
        return f"Idempotency-Key: sweep-{type(self).__name__}-{self.n}\r\n"

    def next(self):
        self.n += 1


class Topup(Case):
    """A webhook credits a payment."""

    def next(self):
        super().next()
        self.payment = self.plain(
            self.me, 201, "POST", "/payments/initiate",
            {"amount": 1000, "provider": "sandbox"})["payment_id"]
        self.client = Client(self.world)
        body, headers = self.world.hook(self.payment, 1000,
                                        f"sweep-{self.payment}")
        self.request = "POST", "/payments/webhook/sandbox", body, headers

    good = 200,

    def done(self):
        return self.world.ask("SELECT count(*) FROM transfer WHERE type = 1"
                              " AND reference = ?", self.payment)[0][0]


class Start(Case):
    good = 201,

    def prepare_all(self):
        self.world.give(FIRST, 100_000)

    def next(self):
        super().next()
        self.before = self.count()
        self.client = self.me
        self.request = ("POST", "/sessions/start",
                        {"listener_id": FIRST + 5000}, self.key())

    def count(self):
        return self.world.ask("SELECT count(*) FROM session")[0][0]

    def done(self):
        return self.count() - self.before

    def after(self, body):
        time.sleep(0.002)
        self.plain(self.me, 200, "POST", "/sessions/end",
                   {"session_id": body["session_id"]})


class End(Case):
    good = 200,
    prepare_all = Start.prepare_all

    def next(self):
        super().next()
        self.number = self.plain(
            self.me, 201, "POST", "/sessions/start",
            {"listener_id": FIRST + 5000})["session_id"]
        time.sleep(0.002)
        self.client = self.me
        self.request = ("POST", "/sessions/end",
                        {"session_id": self.number}, self.key())

    def done(self):
        return self.world.ask("SELECT count(*) FROM transfer WHERE type = 4"
                              " AND reference = ?", self.number)[0][0]


class Redeem(Case):
    good = 200, 201

    def next(self):
        super().next()
        self.before = self.count()
        self.client = self.me
        self.request = ("POST", "/promotions/redeem", {"code": CODE},
                        self.key())

    def count(self):
        return self.world.ask("SELECT count(*) FROM redemption")[0][0]

    def done(self):
        return self.count() - self.before


class Initiate(Case):
    """Two transactions with a request to the provider in between. A pending
    payment may remain, but no second one with the same key.
    """
    program = "earmark-payments"
    good = 201,
    loose = True

    def next(self):
        super().next()
        self.before = self.count()
        self.client = self.me
        self.request = ("POST", "/payments/initiate",
                        {"amount": 1000, "provider": "sandbox"}, self.key())

    count = staticmethod(lambda: 0)

    def done(self):
        return self.world.ask(
            "SELECT count(*) FROM payment WHERE ref IS NOT NULL"
            " AND id > ?", self.before)[0][0]


def last_payment(self):
    return self.world.ask("SELECT coalesce(max(id), 0) FROM payment")[0][0]


Initiate.count = last_payment


class Adjust(Case):
    """A request by an administrator."""
    program = "earmark-admin"
    good = 200, 201

    def prepare_all(self):
        with self.world.writer() as db:
            db.execute("UPDATE user SET roles = 5 WHERE id = ?", (FIRST + 1,))
        self.admin = Client(self.world, FIRST + 1)

    def next(self):
        super().next()
        self.before = self.count()
        self.client = self.admin
        self.request = ("POST", f"/admin/wallets/{FIRST}/adjust",
                        {"amount": 10, "reason": f"number {self.n}"},
                        self.key())

    def count(self):
        return self.world.ask("SELECT count(*) FROM transfer WHERE type = 8"
                              )[0][0]

    def done(self):
        return self.count() - self.before


class Favorite(Case):
    program = "earmark-favorites"
    good = 200, 201

    def next(self):
        super().next()
        self.thing = FIRST + self.n % self.world.things
        self.client = self.me
        self.me.ask("DELETE", f"/api/flyers/{self.thing}/favorite/")
        self.request = ("POST", f"/api/flyers/{self.thing}/favorite/", None,
                        "")

    def done(self):
        return self.world.ask(
            "SELECT count(*) FROM favorite WHERE user_id = ? AND kind = 2"
            " AND entity_id = ?", FIRST, self.thing)[0][0]


CASES = {c.__name__.lower(): c for c in (
    Topup, Start, End, Redeem, Initiate, Adjust, Favorite)}


class Sweep(Money):
    def __init__(self, state, build, control_file):
        super().__init__(state)
        self.build, self.nth = build, fail_nth.Nth(control_file)
        self.trials = self.refused = self.ended = self.absorbed = 0
        self.failures = []
        self.told = Told()

    def give(self, user, amount):
        """Adds money by a payment."""
        client, provider = Client(self, user), Client(self)
        status, body = client.ask("POST", "/payments/initiate",
                                  {"amount": amount, "provider": "sandbox"})
        if status != 201:
            raise SystemExit(f"fail_each_nth: {status} {body}")
        payment = json.loads(body)["payment_id"]
        body, headers = self.hook(payment, amount, f"give-{payment}")
        status, body = provider.ask("POST", "/payments/webhook/sandbox", body,
                                    headers)
        if status != 200:
            raise SystemExit(f"fail_each_nth: {status} {body}")
        self.told.payments.add(payment)

    def digest(self):
        """Returns a digest of all rows that a failed request must not change.
        """
        sums = []
        for table in TABLES:
            rows = self.ask(f"SELECT * FROM {table}")
            sums.append((table, len(rows), hashlib.sha256(
                repr(rows).encode()).hexdigest()))
        return sums

    def fail(self, where, text):
        self.failures.append(f"{where}: {text}")
        if len(self.failures) > 20:
            raise SystemExit("\n".join(self.failures))

    def documented(self, where, status, body, fields):
        try:
            answer = json.loads(body)
            ok = answer["error"] in CODES.get(status, ()) and \
                answer["message"] and answer["request_id"]
        except (ValueError, KeyError):
            ok = False
        if not ok:
            self.fail(where, f"answered {status} {body[:200]}")
        if status == 503 and not any(f.startswith("retry-after:")
                                     for f in fields):
            self.fail(where, "503 without Retry-After")

    def once(self, case, way, at):
        """Returns False if the request has no such call."""
        what, on, error = way
        for client in (case.me, getattr(case, "admin", case.me)):
            if time.time() - client.since > 600:
                client.signed_in()
        where = f"{type(case).__name__} {what} {at}" \
            f"{' and on' if on else ''} {errno.errorcode[error]}"
        case.next()
        if what == "cold":
            self.fresh(case.program[8:])
        before = self.digest()
        pids = self.workers(case.program[8:])
        self.nth.arm(case.program, "memory" if what == "cold" else what, at,
                     on, error)
        try:
            status, body = case.client.ask(*case.request)
        except (OSError, ValueError) as e:
            status, body = 0, repr(e)
            case.client.close()
        seen, failed = self.nth.disarm()
        if failed == 0 and status not in case.good:
            self.fail(where, f"nothing failed, but {status} {body[:200]}")
        if failed and status not in case.good:
            self.refused += 1
            self.documented(where, status, body,
                            getattr(case.client, "fields", []))
            ended = self.workers(case.program[8:]) != pids
            if ended:
                self.ended += 1
                time.sleep(YOUNG)
            if status == 502 and not (what in ("memory", "cold") and ended):
                self.fail(where, "502, and no worker ended without memory")
            # A worker may end after its commit. Then the effect exists.
            if case.done() == 0 and not getattr(case, "loose", False) and \
                    self.digest() != before:
                after = self.digest()
                self.fail(where, "refused, and changed: " + ", ".join(
                    x[0] for x, y in zip(before, after) if x != y))
            if case.done() and status != 502:
                self.fail(where, "refused, and done")
        elif failed:
            self.absorbed += 1
            if case.done() != 1:
                self.fail(where, f"answered {status}, done {case.done()}"
                          " times")
        if failed:
            status, body = self.retry(case)
            if status not in case.good:
                self.fail(where, f"tried again: {status} {body[:200]}")
        if case.done() != 1:
            self.fail(where, f"done {case.done()} times")
        if failed or at == 1:
            wrong = self.verify(self.build)
            if wrong:
                self.fail(where, f"the ledger: {wrong}")
        if isinstance(case, Topup) and status in case.good:
            self.told.payments.add(case.payment)
        if hasattr(case, "after") and status in case.good:
            case.after(json.loads(body))
        self.trials += failed > 0
        return failed > 0

    def fresh(self, pool):
        """Waits for a new worker that is old enough."""
        os.kill(self.all_workers(pool, 1)[0], signal.SIGKILL)
        self.all_workers(pool, 1)
        time.sleep(YOUNG)

    def retry(self, case):
        """Repeats the request with the same key without failures."""
        end = time.time() + 20
        while True:
            try:
                status, body = case.client.ask(*case.request)
            except OSError as e:
                case.client.close()
                status, body = 0, repr(e)
            if "idempotency_in_progress" in body:
                self.minute_later(FIRST)
            elif status not in (0, 502, 503) or time.time() > end:
                return status, body
            time.sleep(0.02)

    def run(self, name, step, rnd):
        case = CASES[name](self)
        for way in WAYS:
            if way[0] not in os.environ.get("WAYS", way[0]).split():
                continue
            case.next()                 # The statements are prepared now.
            self.retry(case)
            if hasattr(case, "after"):
                case.after(json.loads(self.retry(case)[1]))
            most = {"memory": step, "cold": max(10, 4 * step)}.get(
                way[0], (step + 7) // 8)
            at, places = rnd.randint(1, most), 0
            if way[0] == "sync":
                at = most = 1
            # The connection and the request of a new worker need memory first.
            if way[0] == "cold" and name == "favorite":
                for n in range(1, FIRST_CALLS + 1):
                    self.once(case, way, n)
            while self.once(case, way, at):
                places += 1
                at += most
                if at > CALLS_MAX:
                    raise SystemExit(f"fail_each_nth: {name} has no end")
            print(f"# {name}: {way[0]}{' and on' if way[1] else ''}"
                  f" {errno.errorcode[way[2]]}: {places} places to {at - most}")


def main(state, build, control_file, step, *names):
    chosen = seed.take()
    world = Sweep(state, build, control_file)
    world.keep_connections()
    world.fill_money(3)
    world.give(FIRST, 1000)
    for name in names:
        world.run(name, int(step), random.Random(chosen))
    wrong = world.wrong() + world.problems() + control(world, [world.told])
    print(f"{world.trials} faults, {world.refused} refused,"
          f" {world.absorbed} without harm, {world.ended} workers ended,"
          f" {len(world.failures) + len(wrong)} failures")
    for x in world.failures + wrong:
        print("FAILED:", x)
    return 1 if world.failures or wrong or world.trials == 0 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
