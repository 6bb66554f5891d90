#!/usr/bin/python3
"""Compares random operations with money by 64 clients with a model.

model.py STATE OPERATIONS [SEED]

Each client has customers and a listener of its own, for which the model
(model_money.py) predicts each response. For shared users the model keeps only
sums. Top-ups, refunds and disputes arrive as signed webhooks, also after the
account was deleted. Some requests are repeated, with an idempotency key or as
providers do. Some sessions are extended by moving their start into the past.
Rates change during sessions, and some free minutes apply only to low rates.
Sessions are interrupted by lost parties and outages. The first customer of each
client invited the others. At the end all wallets, bonuses, reserves, debts, earnings and budgets must equal
the model, and the ledger must be valid. Exits with 1 on errors. Prints the
seed.
"""
import json
import random
import subprocess
import sys
import time

import async_clients
import seed
from model_money import (Bill, Customer, Grant, Listener, Live, Paid, Referral,
                         share)
from money_fixtures import ADMIN, Bank

CLIENTS, OWN, COMMON, SHARED = 64, 3, 8, 16
MINUTE = 60000
MAX_MINUTES = 180               # of a session
AWAY = 120 * MINUTE             # more than calls.lost_after and calls.gap
HOLD = 8 * 24 * 60 * MINUTE     # more than referral.hold_days
LOST_FREE = 3                   # of a customer and day
# (code, kind, value, max_rate, budget, redemptions of each user)
PROMOTIONS = (("BONUS", 1, 150, None, 10**12, 10**9),
              ("MINUTES", 2, 1, 10**6, 10**12, 10**9),
              ("CHEAP", 2, 2, 100, 40000, 10**9),
              ("PER3", 1, 150, None, 10**12, 3))


class Wrong(Exception):
    pass


class Run:
    """The state that all clients share."""

    def __init__(self, world, operations, seed):
        self.world, self.seed = world, seed
        self.left = operations
        self.key = 0
        self.count = {}
        self.position = {}              # balances of shared users
        self.spent = {p[0]: 0 for p in PROMOTIONS}
        self.failed = []
        self.interrupted = False        # a session is being interrupted

    def payment(self, user, amount):
        """Returns a pending payment of the user."""
        return self.world.begun[user].pop(), amount


class Client:
    def __init__(self, run, n):
        self.run, self.world = run, run.world
        self.rnd = random.Random(run.seed * 1000 + n)
        w = run.world
        self.mine = [Customer(u, run.spent)
                     for u in w.customers[n * OWN:n * OWN + OWN]]
        for c in self.mine[1:]:
            c.referral = Referral(self.mine[0], c)
        self.own = w.talk[w.listeners[n]]
        self.shared = [w.talk[u] for u in w.listeners[CLIENTS:]]
        self.common = list(w.customers[CLIENTS * OWN:])
        self.left = []                  # deleted accounts

    def check(self, ok, what, *seen):
        if not ok:
            raise Wrong(f"{what}: {seen}")

    def ask(self, method, path, user=None, body=None, headers="", want=200,
            code=None):
        """Sends a request, sometimes twice. Returns the body, which must be
        the expected one.
        """
        twice = (method == "POST" and user and "Idem" not in headers
                 and self.rnd.random() < 0.03)
        if twice:
            self.run.key += 1
            headers += f"Idempotency-Key: m{self.run.seed}-{self.run.key}\r\n"
        status, text = yield method, path, user, body, headers
        if twice:
            again = yield method, path, user, body, headers
            self.check(again == (status, text), "another answer to the same",
                       path, status, text, again)
        answer = json.loads(text) if text else None
        wants = want if isinstance(want, tuple) else (want,)
        self.check(status in wants and
                   (code is None or answer["error"] in code),
                   f"wanted {want} {code or ''} from {method} {path}",
                   body, status, text)
        self.status = status
        return answer

    def hook(self, payment, kind, amount, want=200, twice=0.05, **how):
        """Sends a webhook, sometimes twice."""
        path, body, headers = self.world.hook(payment, kind, amount, **how)
        for _ in range(1 + (self.rnd.random() < twice)):
            status, text = yield "POST", path, None, body, headers
            self.check(status == want, f"webhook {kind}", body, status, text)

    # ---- Operations of own users

    def topup(self, c):
        """Pays a top-up. Sometimes with a forged webhook or another amount."""
        amount = self.world.amount
        payment = self.world.begun[c.user].pop()
        x = self.rnd.random()
        if x < 0.03:
            yield from self.hook(payment, "paid", amount, want=400,
                                 forged=True)
        elif x < 0.05:
            return (yield from self.accept(c, payment, amount + 1))
        elif x < 0.07:
            return (yield from self.hook(payment, "paid", amount,
                                         currency="USD"))
        elif x < 0.10:
            yield from self.hook(payment, "failed", amount)
        yield from self.hook(payment, "paid", amount)
        if x > 0.95:
            yield from self.hook(payment, "paid", amount)   # another event
        if not c.gone:                  # otherwise it is refunded at once
            self.credited(c, payment, amount)

    def credited(self, c, payment, amount):
        c.give(amount)
        c.paid.append(Paid(payment, amount))
        c.all_paid.append(c.paid[-1])
        del c.paid[:-20]
        if c.referral:
            c.referral.begin(time.time())

    def accept(self, c, payment, amount):
        """The provider captures another amount. Sometimes an administrator
        accepts it.
        """
        yield from self.hook(payment, "paid", amount)
        if self.rnd.random() < 0.5:
            return
        yield from self.ask(
            "POST", f"/admin/payments/{payment}/accept", ADMIN,
            {"note": "model"}, want=409 if c.gone else 200,
            code=("account_deleted",) if c.gone else None)
        if not c.gone:
            self.credited(c, payment, amount)

    def initiate(self, c):
        amount = self.world.amount
        answer = yield from self.ask(
            "POST", "/payments/initiate", c.user,
            {"amount": amount, "provider": "sandbox"}, want=201)
        self.check((answer["status"], answer["amount"]) ==
                   ("pending", amount), "a payment begun", answer)
        self.world.begun[c.user].append(answer["payment_id"])

    def start(self, c):
        if c.live:
            return (yield from self.end(c))
        shared = self.rnd.random() < 0.3
        listener = self.rnd.choice(self.shared) if shared else self.own
        rate = listener.rate
        codes = ["listener_busy"] if shared or self.busy() else []
        minutes = c.lasts(rate)
        if c.owed:
            codes.append("balance_owed")
        elif minutes < 1:
            codes.append("insufficient_balance")
        want = 409 if self.busy() and not shared else (
            402 if c.owed or minutes < 1 else 201)
        began = time.time()
        answer = yield from self.ask(
            "POST", "/sessions/start", c.user, {"listener_id": listener.user},
            want=(want, 409) if shared else want)
        if self.status != 201:
            return self.check(answer["error"] in codes, "start", codes, answer)
        got = (answer["rate_per_minute"], answer["max_seconds"],
               answer["tariff"]["free_minutes"])
        want = rate, min(minutes, MAX_MINUTES) * 60, c.free(rate)
        self.check(got == want, "a session", want, answer)
        c.live = Live(answer["session_id"], listener, began)
        c.lease(1)

    def busy(self):
        return any(c.live and c.live.listener is self.own for c in self.mine)

    def stretch(self, c):
        """Moves the start of the session into the past, because the clock is
        real.
        """
        if not c.live or c.live.mixed:
            return                      # the jobs may reserve more or not
        k = self.rnd.randint(1, 4)
        with self.world.writer() as db:
            self.move(db, c.live, k * MINUTE)
        c.live.minutes += k
        yield from self.end(c)

    def move(self, db, live, ms):
        """Moves the start of a live session into the past."""
        db.execute("UPDATE session SET started_at = started_at - ?1,"
                   " billed_from = billed_from - ?1,"
                   " leased_until = leased_until - ?1,"
                   " lasts_until = lasts_until - ?1"
                   " WHERE id = ?2 AND state = 0", (ms, live.number))
        live.moved += ms

    def beat(self, c):
        """Both parties prove their presence, so that their devices are known.
        """
        for user in c.user, c.live.listener.user:
            yield from self.ask("POST", "/call/heartbeat", user,
                                {"session_id": c.live.number}, want=204)

    def seen(self, db, c, side, at):
        """The last proof of a party (0 customer, 1 listener) was at `at`."""
        user = (c.user, c.live.listener.user)[side]
        db.execute("UPDATE session_party SET proof_at = ?, tracked = 1,"
                   " device_id = ? WHERE session_id = ? AND side = ?",
                   (at, user, c.live.number, side + 1))
        subprocess.run([self.world.build + "/t/tools/proofs",
                        self.world.state + "/run", str(user), str(at), "1"],
                       check=True)

    def lose(self, c):
        """A party was lost AWAY ago. The session ends at its last proof; if a
        customer had too many lost sessions, when that is detected.
        """
        yield from self.interrupt(c, outage=False)

    def outage(self, c):
        """The service was down for AWAY. The session ends at the start."""
        yield from self.interrupt(c, outage=True)

    def interrupt(self, c, outage):
        """Moves a session back by some minutes and AWAY, and ends it. The job
        that stores when the service ran must not see two of them.
        """
        live = c.live
        if (not live or live.mixed or live.listener is not self.own or
                self.run.interrupted):
            return
        self.run.interrupted = True
        yield from self.beat(c)
        k, lost = self.rnd.randint(0, 4), self.rnd.randrange(2)
        with self.world.writer() as db:
            (start,), = db.execute("SELECT started_at FROM session WHERE id = ?"
                                   " AND state = 0", (live.number,))
            self.move(db, live, k * MINUTE + AWAY)
            last, now = start - AWAY + 1000, int(time.time() * 1000)
            for side in 0, 1:
                self.seen(db, c, side,
                          last if outage or side == lost else now)
            db.execute("INSERT INTO setting(key, value) VALUES"
                       " ('session_beat', ?1) ON CONFLICT (key) DO UPDATE"
                       " SET value = ?1", (last if outage else now,))
        live.minutes += k
        live.length = k * MINUTE + 1000
        if not outage and lost == 0:
            if c.lost < LOST_FREE:
                c.lost += 1
            else:
                live.minutes += AWAY // MINUTE
                live.length = None
        # The request of the party that is not lost ends it.
        yield from self.end(c, by=live.listener.user if lost == 0 else c.user)
        self.run.interrupted = False

    def bonus(self, c):
        """The hold of a referral is over, and the job decides about it."""
        r = c.referral
        # The job runs at a whole second. All payments must be older.
        if (not r or not r.begun or r.paid is not None or
                time.time() - r.last < 2 or
                not (r.ready() or self.rnd.random() < 0.02)):
            return
        with self.world.writer() as db:
            db.execute("UPDATE referral SET topup_at = topup_at - ?1,"
                       " due_at = 1 WHERE invited_id = ?2", (HOLD, c.user))
        self.world.jobs(int(time.time()))
        r.pay()
        with self.world.writer() as db:
            db.execute("UPDATE referral SET topup_at = topup_at + ?1"
                       " WHERE invited_id = ?2", (HOLD, c.user))
        return
        yield

    def reversal(self, c):
        """What a reversal of a payment or a session changes for the bonuses."""
        if c.referral:
            c.referral.update()

    def commission(self, c, change):
        """The commission on the sessions of an invited customer decreased. The
        jobs look at a paid bonus only then. They do it before the next session.
        """
        c.referral.earn(change)
        if not change or c.referral.paid is None:
            return
        if c.referral.reversed() != c.referral.taken:
            self.world.jobs(int(time.time()) + 1)       # it is due now
            self.reversal(c)
            return
        with self.world.writer() as db:
            db.execute("UPDATE referral SET due_at = NULL WHERE invited_id = ?",
                       (c.user,))

    def end(self, c, by=None):
        if not c.live:
            return (yield from self.start(c))
        live = c.live
        by = by or (c.user if self.rnd.random() < 0.7 else live.listener.user)
        answer = yield from self.ask("POST", "/sessions/end", by,
                                     {"session_id": live.number})
        if answer["duration_seconds"] == 0 and answer["cost"] == 0 and \
                answer["billed_minutes"] == 0:
            live.minutes = 0            # ended within its first millisecond
        minutes, cost, bonus = c.end()
        most = live.length if live.length is not None else (
            live.moved + (time.time() - live.began) * 1000 + 1)
        self.check(answer["duration_ms"] <= most, "a billed length", most,
                   answer)
        got = answer["billed_minutes"], answer["cost"]
        self.check(got == (minutes, cost), "a bill", (minutes, cost), answer)
        self.check(by != c.user or answer["balance"] == c.balance(),
                   "the balance after a bill", c.balance(), answer)
        if c.referral:
            c.referral.earn(share(cost - bonus))
        c.bills.append(Bill(live, answer, cost, bonus))
        del c.bills[:-20]

    def end_again(self, c):
        if c.bills:
            bill = self.rnd.choice(c.bills)
            answer = yield from self.ask("POST", "/sessions/end", c.user,
                                         {"session_id": bill.number})
            self.check(answer["cost"] == bill.cost, "a second end",
                       bill.answer, answer)

    def refund(self, c):
        """Refunds a session as the administrator."""
        if not c.bills:
            return
        bill = self.rnd.choice(c.bills)
        left = bill.cost - bill.refunded
        amount = self.rnd.choice((None, 0, 1, left, left + 1, left // 2))
        rest = bill.earned - bill.reversed
        earnings = self.rnd.choice((None, None, 0, rest, rest + 1, rest // 2))
        charge = earnings is None and self.rnd.random() < 0.5
        body = {"amount": amount, "earnings": earnings,
                "charge_listener": charge or None}
        body = {k: v for k, v in body.items() if v is not None}
        if amount is None:
            amount = left if earnings is None else 0
        before, after = bill.refunded, bill.refunded + amount
        if charge:
            earnings = min(rest, amount - share(after) + share(before))
        earnings = earnings or 0
        good = amount <= left and earnings <= rest and amount + earnings > 0
        late = good and c.gone and amount > 0
        empty = amount == 0 and "amount" in body and "earnings" not in body
        answer = yield from self.ask(
            "POST", f"/admin/sessions/{bill.number}/refund", ADMIN,
            {"reason": "model", **body}, want=400 if empty else
            409 if late or not good else 200)
        if empty:
            return
        if late or not good:
            return self.check(answer["error"] == (
                "account_deleted" if late else "not_refundable"), "refund",
                left, rest, body, answer)
        bill.refunded = after
        bill.reversed += earnings
        bill.listener.earnings -= earnings
        self.check(answer["earnings_reversed"] == bill.reversed,
                   "reversed earnings", bill.reversed, answer)
        own = bill.cost - bill.bonus    # wallet money is returned first
        wallet = min(after, own) - min(before, own)
        c.gift(bonus=amount - wallet)
        c.give(wallet)
        if c.referral and wallet:
            self.commission(c, share(min(before, own)) - share(min(after, own)))

    def adjust(self, c):
        kind = self.rnd.choice(("wallet", "wallet", "bonus"))
        has = getattr(c, kind)
        amount = self.rnd.choice((100, 1, 5000, -50, -1000, -has, -has - 1))
        if not amount:
            return
        good = not c.gone and (amount > 0 or -amount <= has)
        answer = yield from self.ask(
            "POST", f"/admin/wallets/{c.user}/adjust", ADMIN,
            {"amount": amount, "reason": "model", "account": kind},
            want=200 if good else 409, code=None if good else
            ("account_deleted" if c.gone else "insufficient_balance",))
        if not good:
            return
        if kind == "bonus":
            c.gift(bonus=amount)
        elif amount > 0:
            c.give(amount)
        else:
            c.wallet += amount
        self.check(answer["balance"] == c.balance(), "an adjustment",
                   c.balance(), answer)

    def redeem(self, c):
        code, kind, value, max_rate, _, each = self.rnd.choice(PROMOTIONS)
        if each == 3 and c.redeemed == 3:
            want, codes = 409, ("promotion_already_redeemed",)
        elif code == "CHEAP":           # all clients share its small budget
            want = 200, 201, 409
            codes = None, "promotion_exhausted"
        else:
            want, codes = (200, 201), None
        answer = yield from self.ask(
            "POST", "/promotions/redeem", c.user,
            {"code": self.rnd.choice((code, code.lower()))}, want=want)
        self.check(not codes or answer.get("error") in codes, "a redemption",
                   code, answer)
        if self.status == 409:
            return
        if kind == 2:
            c.gift(grant=Grant(code, value, max_rate))
        else:
            c.gift(bonus=value)
            self.run.spent[code] += value
        c.redeemed += each == 3

    def dispute(self, c):
        """The provider takes money back, and returns some of it."""
        p = next((p for p in reversed(c.paid) if p.reversals < 2), None)
        if not p:
            return
        amount = self.rnd.choice((p.amount, p.amount // 2, 1))
        taken = min(amount, p.amount - p.taken)     # the rest is a loss
        p.reversals += 1
        ref = f"back_{p.number}_{p.reversals}"
        refund = self.rnd.random() < 0.5
        yield from self.hook(p.number, "refunded" if refund else "disputed",
                             amount, return_ref=ref)
        bonus = c.reverse(taken)
        p.taken += taken
        self.reversal(c)
        if refund or self.rnd.random() < 0.5:
            return
        yield from self.hook(p.number, "dispute_won", amount, return_ref=ref)
        c.restore(taken, bonus)
        p.taken -= taken
        self.reversal(c)

    def pay_back(self, c):
        """Refunds a payment as the administrator. The jobs notify the
        provider.
        """
        p = next((p for p in reversed(c.paid) if not p.reversals), None)
        if not p:
            return
        spent = self.rnd.random() < 0.5
        amount = self.rnd.choice((p.amount, p.amount // 3))
        good = spent or amount <= c.wallet
        yield from self.ask(
            "POST", f"/admin/payments/{p.number}/refund", ADMIN,
            {"amount": amount, "reason": "model", "even_if_spent": spent},
            want=202 if good else 409,
            code=None if good else ("insufficient_balance",))
        if good:
            p.reversals += 1
            p.taken += amount
            c.reverse(amount)
            self.reversal(c)

    def look(self, c):
        answer = yield from self.ask("GET", "/user/balance", c.user)
        want = {"balance": c.balance(), "bonus": c.bonus, "owed": c.owed,
                "free_minutes": c.free(),
                "available": 0 if c.owed else c.wallet + c.bonus}
        self.check(all(answer[k] == v for k, v in want.items()), "a balance",
                   want, answer)

    def payout(self, _):
        """Pays out as the operator, rarely."""
        amount = self.own.earnings // 2
        if amount > 0:
            r = self.world.cli("ledger", "payout", self.own.user, amount,
                               "--note", "model")
            self.check(r.returncode == 0, "a payout", r.stdout, r.stderr)
            self.own.earnings -= amount
        return
        yield

    def rate(self, _):
        """Changes the rate of a listener. Live sessions keep theirs."""
        self.own.rate = self.rnd.randint(50, 150)
        with self.world.writer() as db:
            db.execute("UPDATE listener SET rate_per_minute = ?"
                       " WHERE user_id = ?", (self.own.rate, self.own.user))
        return
        yield

    def leave(self, c):
        """Deletes an account. What arrives later must not become its money."""
        if c.live or len(self.mine) == 1:
            return
        money = c.balance() > 0
        with self.world.writer() as db:         # a recent sign-in
            db.execute("UPDATE device_session SET created_at = ?"
                       " WHERE user_id = ?",
                       (int(time.time() * 1000), c.user))
        yield from self.ask("DELETE", "/user/profile", c.user,
                            want=409 if money else 204,
                            code=("account_has_money",) if money else None)
        if money:
            yield from self.ask("DELETE", "/user/profile?forfeit=true", c.user,
                                want=204)
        c.gone, c.grants = True, []
        c.forfeit()
        self.mine.remove(c)
        self.left.append(c)

    def late(self, _):
        """Payments, reversals and corrections after a deletion."""
        if not self.left:
            return
        c = self.rnd.choice(self.left)
        name = self.rnd.choice(("topup", "refund", "adjust", "dispute",
                                "pay_back"))
        if name != "topup" or self.world.begun[c.user]:
            yield from getattr(self, name)(c)

    # ---- Operations of shared users, for which only sums are known

    def commons(self, _):
        user, position = self.rnd.choice(self.common), self.run.position
        x = self.rnd.random()
        if x < 0.3 and self.world.begun[user]:
            payment = self.world.begun[user].pop()
            yield from self.hook(payment, "paid", self.world.amount, twice=0.5)
            position[user] += self.world.amount
        elif x < 0.4:
            amount = self.rnd.choice((50, -50))
            yield from self.ask(
                "POST", f"/admin/wallets/{user}/adjust", ADMIN,
                {"amount": amount, "reason": "common"}, want=(200, 409))
            if self.status == 200:
                position[user] += amount
        else:
            yield from self.talk(user)

    def talk(self, user):
        """A session with a shared listener."""
        listener = self.rnd.choice(self.shared)
        answer = yield from self.ask(
            "POST", "/sessions/start", user, {"listener_id": listener.user},
            want=(201, 402, 409))
        if self.status != 201:
            return
        answer = yield from self.ask(
            "POST", "/sessions/end", self.rnd.choice((user, listener.user)),
            {"session_id": answer["session_id"]})
        cost = answer["cost"]
        self.check(cost in (0, listener.rate), "a common bill", answer)
        self.run.position[user] -= cost
        listener.earn(cost)

    OPS = (("start", 30), ("end", 30), ("topup", 16), ("commons", 16),
           ("refund", 5), ("adjust", 5), ("look", 4), ("redeem", 4),
           ("dispute", 3), ("pay_back", 1), ("end_again", 2), ("initiate", 1),
           ("stretch", 0.5), ("payout", 0.05), ("rate", 0.3),
           ("lose", 1), ("outage", 0.4), ("bonus", 3),
           ("leave", 0.1), ("late", 2))

    def go(self):
        """The generator that async_clients.run() runs."""
        names, weights = zip(*self.OPS)
        c = name = None
        try:
            while self.run.left > 0 and not self.run.failed:
                name = self.rnd.choices(names, weights)[0]
                c = self.rnd.choice(self.mine)
                if name == "topup" and not self.world.begun[c.user]:
                    continue
                inner = getattr(self, name)(c)
                answer = None
                while True:
                    try:
                        request = inner.send(answer)
                    except StopIteration:
                        break
                    self.run.left -= 1
                    self.run.count[name] = self.run.count.get(name, 0) + 1
                    answer = yield request
            for c in self.mine:
                if c.live:
                    name = "end"
                    yield from self.end(c)
        except Wrong as e:
            self.run.failed.append(f"{name} of {c.user}: {e}")


def setup(world, seed):
    """Inserts users, promotions and pending payments."""
    world.settle(CLIENTS * OWN + COMMON, CLIENTS + SHARED, 90)
    world.talk = {u: Listener(u, r) for u, r in world.rate.items()}
    world.amount = 700 + seed % 600
    with world.writer() as db:
        db.executemany("UPDATE user SET referred_by = ? WHERE id = ?",
                       ((u - (u - world.customers[0]) % OWN, u) for u in
                        world.customers[:CLIENTS * OWN]
                        if (u - world.customers[0]) % OWN))
        db.executemany("INSERT INTO promotion(code, kind, value, max_rate,"
                       " budget, per_user, created_at)"
                       " VALUES (?, ?, ?, ?, ?, ?, 0)", PROMOTIONS)


def refill(world, each):
    """Inserts pending payments, until each user has `each`."""
    many_of = [(u, world.amount) for u in world.customers
               for _ in range(each - len(world.begun[u]))]
    for (user, _), number in zip(many_of, world.payments(many_of)):
        world.begun[user].append(number)


def compare(world, run, clients):
    """Returns differences between the model and the service."""
    out = []
    got = world.wallets(list(world.customers) + list(world.listeners))
    free = dict(world.ask("SELECT user_id, sum(minutes) FROM redemption"
                          " GROUP BY user_id"))
    reserved = {code: 0 for code in run.spent}
    for client in clients:
        for c in client.mine + client.left:
            want = c.wallet, c.bonus, 0, 0, c.owed
            if got[c.user] != want or free.get(c.user, 0) != c.free():
                out.append(f"user {c.user} has {got[c.user]} and"
                           f" {free.get(c.user, 0)} free minutes, not {want}"
                           f" and {c.free()}")
            for g in c.grants:
                reserved[g.code] += g.minutes * g.max_rate
    for user, position in run.position.items():
        wallet, bonus, held, _, owed = got[user]
        if wallet + bonus + held - owed != position:
            out.append(f"common user {user} has {got[user]}, not {position}")
    for listener in world.talk.values():
        if got[listener.user] != (0, 0, 0, listener.earnings, 0):
            out.append(f"listener {listener.user} has {got[listener.user]},"
                       f" not {listener.earnings}")
    states = {u: row for u, *row in world.ask(
        "SELECT invited_id, commission, paid_at IS NOT NULL,"
        " clawed_at IS NOT NULL FROM referral")}
    for client in clients:
        for r in (c.referral for c in client.mine + client.left if c.referral):
            want = [r.commission, int(r.paid is not None), int(r.taken)]
            if states.get(r.invited.user, [0, 0, 0]) != want:
                out.append(f"the referral of {r.invited.user} is"
                           f" {states.get(r.invited.user)}, not {want}")
    for code, spent, held, budget in world.ask(
            "SELECT code, spent, reserved, budget FROM promotion"):
        want = run.spent[code], reserved[code]
        if (spent, held) != want or spent + held > budget:
            out.append(f"promotion {code} spent {spent} and reserves {held}"
                       f" of {budget}, not {want}")
    return out


def main(state, operations):
    chosen = seed.take()
    world = Bank(state)
    world.keep_connections()
    setup(world, chosen)
    world.begun = {u: [] for u in world.customers}
    run = Run(world, operations, chosen)
    run.position = {u: 0 for u in world.customers[CLIENTS * OWN:]}
    clients = [Client(run, n) for n in range(CLIENTS)]
    began, spent = time.time(), 0.0
    # Runs in parts, so that there are always pending payments, but not more
    # than a user may have.
    pieces = max(1, operations // 25000)
    for n in range(pieces):
        refill(world, operations // pieces // 3 // len(world.customers) + 4)
        run.left = operations // pieces
        t = time.time()
        async_clients.run(world, [c.go() for c in clients])
        spent += time.time() - t
        if run.failed:
            break
    wrong = run.failed + compare(world, run, clients) + world.wrong()
    transfers, entries, _ = world.proved
    referrals = [c.referral for x in clients for c in x.mine + x.left
                 if c.referral and c.referral.paid is not None]
    print(f"{sum(run.count.values())} operations in {spent:.0f} of"
          f" {time.time() - began:.0f} s, {transfers} transfers,"
          f" {entries} entries, {len(referrals)} referrals paid,"
          f" {sum(r.taken for r in referrals)} taken back,"
          f" {len(wrong)} wrong")
    print("#", " ".join(f"{k} {n}" for k, n in sorted(run.count.items())))
    for x in wrong[:12]:
        print("FAILED:", x)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
