#!/usr/bin/python3
"""Sends simultaneous requests for one wallet, session, payment or promotion.

money_races.py STATE ROUNDS

All requests of a burst are sent before any response is read. Exactly one may
succeed if the operation is possible once, and the ledger must be valid at the
end. Prints statistics. Exits with 1 on errors.
"""
import collections
import json
import subprocess
import sys
import time

import async_clients
from money_fixtures import ADMIN, Bank

RATE, MANY = 100, 50
INVITER, INVITED = 700, 300     # referral bonuses
failures = 0


def check(ok, *what):
    global failures
    if not ok:
        failures += 1
        print("FAILED:", *what)


def together(world, requests):
    """Returns responses (status, body) of simultaneous requests."""
    conns = [async_clients.Conn(world, None) for _ in requests]
    data = [c.encode(*r) for c, r in zip(conns, requests)]
    for c in conns:
        c.connect()
    for c, d in zip(conns, data):
        c.sock.sendall(d)
    out = []
    for c in conns:
        got = None
        while got is None:
            more = c.sock.recv(65536)
            if not more:
                raise SystemExit("races: closed without an answer")
            c.rest += more
            got = c.answer()
        c.close()
        out.append((got[0], json.loads(got[1])))
    return out


def seen(answers):
    """Returns how often each status and code occurred."""
    return dict(collections.Counter(
        f"{s} {b['error']}" if "error" in b else str(s) for s, b in answers))


class Round:
    """A group of customers, and a listener for each."""

    def __init__(self, world, n):
        self.w = world
        self.people = world.customers[n * MANY:(n + 1) * MANY]
        self.talk = world.listeners[n * MANY:(n + 1) * MANY]
        self.n = n

    def has(self, user):
        return self.w.wallets([user])[user]

    def one(self, *request):
        return together(self.w, [request])[0]

    def start(self, user, listener, headers=""):
        return ("POST", "/sessions/start", user, {"listener_id": listener},
                headers)

    def burst(self, name, requests, *wants):
        got = together(self.w, requests)
        check(seen(got) in wants, f"{name}: {seen(got)}, not {wants}",
              [b for s, b in got if s >= 400][:1])
        return got

    def live(self, got):
        return next(b["session_id"] for s, b in got if s == 201)

    def end(self, user, session):
        return "POST", "/sessions/end", user, {"session_id": session}

    def starts(self):
        """50 starts with a balance for one, first with one listener, then
        with 50.
        """
        me = self.people[0]
        self.w.give([me], RATE)
        for listeners in ([self.talk[0]] * MANY, self.talk):
            got = self.burst("starts of one customer",
                             [self.start(me, x) for x in listeners],
                             {"201": 1, "409 customer_busy": MANY - 1})
            check(self.has(me)[:3] == (0, 0, RATE),
                  f"one minute is held, not {self.has(me)}")
            session = self.live(got)
            check(self.w.ask("SELECT count(*) FROM session WHERE customer_id ="
                             " ? AND state = 0", me) == [(1,)],
                  "one session is live")
            self.ends(me, session)
            self.w.give([me], RATE)

    def ends(self, me, session):
        """Ends by both users: one bill."""
        listener = self.w.ask("SELECT listener_id FROM session WHERE id = ?",
                              session)[0][0]
        before = self.has(listener)[3]
        got = self.burst("ends from both sides",
                         [self.end((me, listener)[k % 2], session)
                          for k in range(MANY)], {"200": MANY})
        bills = {(b["cost"], b["billed_minutes"], b["duration_seconds"])
                 for _, b in got}
        check(len(bills) == 1 and bills.pop()[:2] == (RATE, 1),
              f"one bill for all: {got[0]}, {got[1]}")
        check(self.has(me) == (0, 0, 0, 0, 0), f"paid: {self.has(me)}")
        check(self.has(listener)[3] - before == RATE * 8 // 10,
              f"earned once: {before}, {self.has(listener)}")
        check(self.w.ask("SELECT count(*) FROM transfer WHERE type = 4"
                         " AND reference = ?", session) == [(1,)],
              f"session {session} was paid once")

    def listener(self):
        """50 customers start a session with one listener."""
        self.w.give(self.people[1:], RATE)
        got = self.burst("one listener",
                         [self.start(u, self.talk[0])
                          for u in self.people[1:]],
                         {"201": 1, "409 listener_busy": MANY - 2})
        self.one(*self.end(self.talk[0], self.live(got)))

    def same_key(self):
        """Repeated starts with one key: one session, one response."""
        me = self.people[2]
        self.w.give([me], 2 * RATE)
        key = f"Idempotency-Key: race-{self.n}\r\n"
        got = self.burst("starts with one key",
                         [self.start(me, self.talk[2], key)] * MANY,
                         {"201": MANY})
        check(len({b["session_id"] for _, b in got}) == 1,
              "one key is one session")
        self.one(*self.end(me, self.live(got)))

    def webhooks(self):
        """100 webhooks for one payment, with one event and with several."""
        me = self.people[3]
        for events in (["same"], ["captured", "order"],
                       [f"e{k}" for k in range(100)]):
            payment = self.w.payments([(me, 5000)])[0]
            before = self.has(me)[0]
            hooks = [self.w.hook(payment, "paid", 5000,
                                 event=f"{events[k % len(events)]}-{payment}")
                     for k in range(100)]
            got = self.burst("webhooks", [("POST", path, None, body, headers)
                                          for path, body, headers in hooks],
                             {"200": 100})
            check(all(b == {"received": True} for _, b in got),
                  "webhooks: what they are answered")
            check(self.has(me)[0] == before + 5000,
                  f"credited once: {before}, {self.has(me)}")

    def promotions(self):
        """The last redemption of a promotion, in total and of one user."""
        with self.w.writer() as db:
            for code, total in (("LAST", 1), ("OWN", None)):
                db.execute("INSERT INTO promotion(code, kind, value, per_user,"
                           " total, budget, created_at)"
                           " VALUES (?, 1, 70, 1, ?, 7000, 0)",
                           (f"{code}{self.n}", total))
        path = "/promotions/redeem"
        asked = [("POST", path, u, {"code": f"last{self.n}"})
                 for u in self.people[4:24]]
        got = together(self.w, asked)
        good = sum(s in (200, 201) for s, _ in got)
        check(good == 1 and all("used_up" in b["error"] for s, b in got
                                if s >= 400),
              f"the last of a promotion: {seen(got)}")
        me = self.people[30]
        before = self.has(me)[1]
        got = together(self.w, [("POST", path, me,
                                 {"code": f"OWN{self.n}"})] * 20)
        check(sum(s in (200, 201) for s, _ in got) == 1 and
              all("already_redeemed" in b["error"] for s, b in got
                  if s >= 400), f"one's own last: {seen(got)}")
        check(self.has(me)[1] == before + 70, "the bonus came once")

    def refunds(self):
        """A refund and the end of the session, then 20 full refunds."""
        me, listener = self.people[5], self.talk[5]
        before = self.has(me)
        self.w.give([me], RATE)
        session = self.live([self.one(*self.start(me, listener))])
        back = ("POST", f"/admin/sessions/{session}/refund", ADMIN,
                {"reason": "race"})
        got = together(self.w, [back, self.end(me, session), back,
                                self.end(listener, session), back])
        ends, others = got[1::2], got[0::2]
        check(all(s == 200 for s, _ in ends), f"ends during refunds: {ends}")
        early = sum(s == 200 for s, _ in others)
        check(early <= 1 and all(
            b["error"] in ("session_live", "not_refundable")
            for s, b in others if s != 200), f"refunds during ends: {others}")
        got = together(self.w, [back] * 20)
        check(sum(s == 200 for s, _ in got) + early == 1,
              f"one refund of the whole: {early}, {seen(got)}")
        after = self.has(me)
        check((after[0], after[1]) == (before[0] + RATE, before[1]),
              f"all is back: {before}, {after}")

    def reversal(self):
        """A dispute and a start: money is reserved or owed, and never lost."""
        me = self.people[6]
        payment = self.w.payments([(me, 3 * RATE)])[0]
        self.one("POST", *self.hooked(payment, "paid", 3 * RATE))
        free = sum(self.has(me)[:3]) - 3 * RATE
        got = together(self.w, [
            self.start(me, self.talk[6]),
            ("POST", *self.hooked(payment, "disputed", 3 * RATE,
                                  return_ref=f"d{payment}"))])
        wallet, bonus, held, _, owed = self.has(me)
        check(wallet + bonus + held - owed == free and
              got[1][0] == 200 and got[0][0] in (201, 402),
              f"a dispute during a start: {got}, {self.has(me)}")
        if got[0][0] == 201:
            self.one(*self.end(me, got[0][1]["session_id"]))

    def reserved(self):
        """The jobs have reserved a second minute. Then the provider takes all
        money back, and the unused reserve pays the debt at the end.
        """
        me = self.people[7]
        payment = self.w.payments([(me, 3 * RATE)])[0]
        self.one("POST", *self.hooked(payment, "paid", 3 * RATE))
        self.w.take(me, self.has(me)[0] - 3 * RATE)
        bonus = self.has(me)[1]
        session = self.live([self.one(*self.start(me, self.talk[7]))])
        began = self.w.ask("SELECT started_at FROM session WHERE id = ?",
                           session)[0][0]
        self.w.jobs(began // 1000 + 59)
        check(self.has(me)[2] == 2 * RATE, f"two minutes: {self.has(me)}")
        self.one("POST", *self.hooked(payment, "disputed", 3 * RATE,
                                      return_ref=f"d{payment}"))
        check(self.has(me) == (0, 0, 2 * RATE, 0, 2 * RATE - bonus),
              f"a dispute leaves what is held: {self.has(me)}")
        answer = self.one(*self.end(me, session))[1]
        check(self.has(me) == (0, 0, 0, 0, RATE - bonus) and answer["balance"] == 0,
              f"a minute is paid, the rest is what was owed: {self.has(me)},"
              f" {answer}")

    def position(self, user):
        wallet, bonus, held, _, owed = self.has(user)
        return wallet + bonus + held - owed

    def talked(self, user, listener, rate):
        """A session of one minute at a rate. Returns its id."""
        with self.w.writer() as db:
            db.execute("UPDATE listener SET rate_per_minute = ?"
                       " WHERE user_id = ?", (rate, listener))
        session = self.live([self.one(*self.start(user, listener))])
        self.one(*self.end(user, session))
        return session

    def invite(self, inviter, user, listener):
        """An invited user pays twice, and the commission on a session is
        enough for both bonuses. Returns the payments and the session.
        """
        for u in inviter, user:
            self.w.take(u, self.has(u)[0])
        with self.w.writer() as db:
            db.execute("UPDATE user SET referred_by = ? WHERE id = ?",
                       (inviter, user))
        payments = self.w.payments([(user, 9000)] * 2)
        for p in payments:
            self.one("POST", *self.hooked(p, "paid", 9000))
        return payments, self.talked(user, listener, 5000)

    def run(self, program, *args):
        return subprocess.Popen(
            [f"{self.w.build}/{program}", "-c", self.w.conf,
             *map(str, args)], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def bonuses(self):
        """A referral bonus was paid and spent. Refunds of the payment and the
        session that it depends on, a dispute, and payouts of what the bonus
        earned arrive together. Each takes effect once.
        """
        inviter, me = self.people[44:46]
        first, second = self.talk[8:10]
        before = self.has(first)[3]     # starts() may have chosen it
        (refunded, disputed), session = self.invite(inviter, me, first)
        self.w.jobs(int(time.time()) + 20)
        check(self.has(inviter)[1] == INVITER and
              self.position(me) == 13000 + INVITED,
              f"both bonuses: {self.has(inviter)}, {self.has(me)}")
        self.talked(inviter, second, INVITER)
        earned = self.has(second)[3]
        payouts = [self.run("earmark", "ledger", "payout", second, earned,
                            "--note", "race") for _ in range(6)]
        back = ("POST", f"/admin/payments/{refunded}/refund", ADMIN,
                {"reason": "race", "amount": 4000})
        again = ("POST", f"/admin/sessions/{session}/refund", ADMIN,
                 {"reason": "race", "charge_listener": True})
        dispute = [("POST", *self.hooked(disputed, "disputed", 9000,
                                         return_ref=f"d{disputed}"))
                   for _ in range(6)]
        got = together(self.w, [x for d in dispute for x in (back, d, again)])
        paid = sum(p.wait() == 0 for p in payouts)
        refunds = sum(s == 202 for s, _ in got[0::3])
        check(all(s == 200 for s, _ in got[1::3]), f"disputes: {got[1::3]}")
        check(sum(s == 200 for s, _ in got[2::3]) == 1,
              f"one refund of the session: {got[2::3]}")
        check(paid == 1 and self.has(second)[3] == 0,
              f"{paid} payouts, and {self.has(second)} is left")
        check(refunds <= 2 and self.position(me) == 9000 - refunds * 4000,
              f"{refunds} refunds, and {self.has(me)}")
        check(self.has(inviter) == (0, 0, 0, 0, INVITER),
              f"the spent bonus is owed once: {self.has(inviter)}")
        check(self.has(first)[3] == before,
              f"earnings: {before}, {self.has(first)}")
        self.returned(inviter, me, disputed)

    def returned(self, inviter, me, disputed):
        """A dispute is won several times at once. The bonus stays taken back,
        because the session that earned it is refunded.
        """
        before = self.position(me)
        won = [("POST", *self.hooked(disputed, "dispute_won", 9000,
                                     return_ref=f"d{disputed}"))
               for _ in range(6)]
        jobs = self.run("earmark-jobs", "--once", "--now=" + time.strftime(
            "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 40)))
        together(self.w, won)
        check(jobs.wait() == 0, "jobs")
        check(self.position(me) == before + 9000 and
              self.position(inviter) == -INVITER,
              f"won once: {self.has(me)}, {self.has(inviter)}")

    def held(self):
        """The job pays a bonus while a dispute arrives: the bonus is not paid,
        or it is taken back.
        """
        inviter, me = self.people[46:48]
        (_, disputed), _ = self.invite(inviter, me, self.talk[10])
        jobs = [self.run("earmark-jobs", "--once", "--now=" + time.strftime(
            "%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + k)))
            for k in (20, 40)]
        together(self.w, [("POST", *self.hooked(
            disputed, "disputed", 9000, return_ref=f"d{disputed}"))] * 3)
        for j in jobs:
            j.wait()
        self.w.jobs(int(time.time()) + 60)
        check(self.has(inviter) == (0, 0, 0, 0, 0) and
              self.position(me) == 4000,
              f"no bonus: {self.has(inviter)}, {self.has(me)}")

    def hooked(self, *args, **how):
        path, body, headers = self.w.hook(*args, **how)
        return path, None, body, headers


def main(state, rounds):
    world = Bank(state)
    world.settle(rounds * MANY, rounds * MANY, RATE)
    with world.writer() as db:
        db.execute("UPDATE listener SET rate_per_minute = ?", (RATE,))
    for n in range(rounds):
        r = Round(world, n)
        for one in (r.starts, r.listener, r.same_key, r.webhooks,
                    r.promotions, r.refunds, r.reversal, r.reserved,
                    r.bonuses, r.held):
            one()
    for x in world.wrong():
        check(False, x)
    print(f"{rounds} rounds, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
