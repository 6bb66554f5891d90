#!/usr/bin/python3
"""Compares analytics of random histories with independent counts.

history.py STATE BUILD NTH STEPS steady|steps [SEED]

Generates events, and runs the jobs at times of a simulated clock. Some runs
are killed at a write (t/faults/tools/fail_nth.so). After each run, the rollup
must equal the counted facts by the rule of domain/common/rollup.h, and closed
hours must be unchanged. In a steady history, whose clock only goes forward,
each hour must also equal the counts of calls, sessions, entries and the log
by their times. In the other kind the clock is set back, and is far ahead for
some time. At the end all facts are pruned, and the sums must stay the same.
Exits with 1 on errors. Prints the seed.
"""
import bisect
import collections
import contextlib
import fcntl
import os
import random
import sqlite3
import subprocess
import sys
import time

import fail_nth
import seed

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "tools"))
import tokenizer                                        # noqa: E402

MINUTE, HOUR, DAY = 60000, 3600000, 86400000
WEEK, MONDAY = 7 * DAY, 4 * DAY
LENGTH = {1: HOUR, 2: DAY, 3: WEEK}
ENDS = {2: "ended", 3: "rejected", 4: "cancelled", 5: "missed"}
KINDS = ("", "listener", "flyer", "destination", "style", "creative",
         "document")
LANGUAGES = ("en", "hi", "de")
BEGIN = 1767571200000           # Monday, 2026-01-05
PEOPLE = 12


class Wrong(Exception):
    pass


def start(span, at):
    base = MONDAY if span == 3 else 0
    return at - (at - base) % LENGTH[span]


class History:
    def __init__(self, state, build, control, seed):
        self.state, self.build = state, build
        self.db = tokenizer.load(sqlite3.connect(
            state + "/earmark.db", timeout=5, isolation_level=None))
        self.db.execute("PRAGMA foreign_keys = ON")
        self.lock = open(state + "/writer.lock", "a")
        self.nth = fail_nth.Nth(control)
        self.env = {**os.environ, "NTH": control,
                    "LD_PRELOAD": build + "/t/faults/tools/fail_nth.so"}
        self.rnd = random.Random(seed)
        self.now = self.ran = BEGIN
        self.balances = collections.Counter()
        self.facts, self.closed, self.open = {}, {}, 0
        self.people, self.transfers, self.killed, self.reopened = [], 0, 0, 0
        with self.writer():
            for i in range(PEOPLE):
                self.account(i < 4)

    @contextlib.contextmanager
    def writer(self):
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        try:
            self.db.execute("BEGIN IMMEDIATE")
            yield
            self.db.execute("COMMIT")
        finally:
            fcntl.flock(self.lock, fcntl.LOCK_UN)

    def add(self, table, **columns):
        return self.db.execute(
            f"INSERT INTO {table}({', '.join(columns)})"
            f" VALUES ({', '.join('?' * len(columns))})",
            tuple(columns.values())).lastrowid

    # ---- Events

    def account(self, listens=False):
        proved = self.rnd.random() < .7
        n = len(self.people)
        user = self.add("user", uuid=os.urandom(16), status=int(proved),
                        username=f"p{n}", referral_code=f"P{n}",
                        created_at=self.now, updated_at=self.now)
        if not proved:
            self.db.execute("UPDATE user SET status = 1, updated_at = ?"
                            " WHERE id = ?", (self.now + 1, user))
        if listens:
            spoken = self.rnd.sample(LANGUAGES, self.rnd.randint(1, 2))
            self.add("listener", user_id=user, rate_per_minute=1,
                     languages="\n".join(spoken), registered_at=self.now)
            self.db.execute("UPDATE listener SET verification = 1"
                            " WHERE user_id = ?", (user,))
            for language in spoken:
                self.add("listener_language", language=language, user_id=user)
        self.people.append(user)

    def two(self):
        return self.rnd.sample(self.people, 2)

    def ended(self):
        """Returns a time, usually the present. Some ends are noticed late or
        after an outage of the jobs.
        """
        return max(self.now - self.rnd.choice((0, 0, 0, 30000, 4 * MINUTE,
                                               3 * HOUR)),
                   min(self.ran, self.now) - 5 * MINUTE)

    def sign_in(self):
        self.add("device_session", user_id=self.rnd.choice(self.people),
                 created_at=self.now, used_at=self.now)

    def renew(self):
        self.db.execute("UPDATE device_session SET used_at = ? WHERE id ="
                        " (SELECT id FROM device_session ORDER BY random()"
                        " LIMIT 1)", (self.now,))

    def call(self):
        at, (caller, callee) = self.ended(), self.two()
        call = self.add("call", caller_id=caller, callee_id=callee,
                        channel=os.urandom(8).hex(), created_at=at - 1000,
                        ring_until=at)
        if self.rnd.random() < .5:
            self.db.execute("UPDATE call SET state = 1, accepted_at = ?"
                            " WHERE id = ?", (at - 500, call))
        self.db.execute("UPDATE call SET state = ?, ended_at = ?"
                        " WHERE id = ?", (self.rnd.choice((2, 3, 4, 5)), at,
                                          call))

    def session(self):
        at, minutes = self.ended(), self.rnd.randint(0, 40)
        customer, listener = self.two()
        session = self.add(
            "session", customer_id=customer, listener_id=listener, rate=1,
            commission=0, per_second=0, free_ms=0, started_at=at - 1000,
            billed_from=at - 1000, leased_until=at, lasts_until=at)
        self.db.execute(
            "UPDATE session SET state = 1, ended_at = ?, cause = 1,"
            " billed_minutes = ?, billed_free = 0, cost = 0, cost_bonus = 0,"
            " fee = 0, earned = 0, balance = 0 WHERE id = ?",
            (at, minutes, session))

    def move(self, kind, entries, at=None):
        self.transfers += 1
        entries = [(a, x) for a, x in entries if x != 0]
        for n, (account, amount) in enumerate(entries):
            self.balances[account] += amount
            self.add("entry", transfer_id=self.transfers, n=n,
                     account_id=account, amount=amount,
                     balance=self.balances[account])
        self.add("transfer", id=self.transfers, type=kind,
                 reference=self.transfers, at=at or self.now,
                 hash=os.urandom(32))

    def money(self):
        wallet = self.rnd.choice(self.people) * 16 + 1
        amount = self.rnd.randint(1, 1000)
        fee = self.rnd.choice((0, amount // 5))
        self.move(1, [(7, -amount * 3), (wallet, amount * 3)])
        self.move(4, [(wallet, -amount), (wallet + 3, amount - fee),
                      (6, fee)])
        if self.rnd.random() < .3:
            self.move(5, [(wallet + 3, -(amount - fee)), (6, -fee),
                          (wallet, amount - 1), (wallet + 1, 1)])
        if self.rnd.random() < .3:
            self.move(9, [(wallet, -amount), (7, amount)])
        if self.rnd.random() < .1:              # a won dispute
            self.move(9, [(wallet, amount), (7, -amount)])
        self.move(2, [(wallet, -1), (wallet + 2, 1)])

    def favorite(self):
        self.add("favorite_log", user_id=self.rnd.choice(self.people),
                 kind=self.rnd.randint(1, 6), entity_id=1,
                 action=self.rnd.choice((0, 1, 1)), at=self.now,
                 request_id="-")

    def asked(self):
        self.add("fact", metric=10, at=self.now, n=1,
                 label=self.rnd.choice(LANGUAGES))

    def presence(self):
        self.db.execute("UPDATE presence SET status = ?, online_until = ?"
                        " WHERE user_id = ?", (
                            self.rnd.randint(0, 2),
                            self.now + self.rnd.randint(0, 10) * MINUTE,
                            self.rnd.choice(self.people[:4])))

    def happen(self):
        what = (self.account, self.sign_in, self.renew, self.call,
                self.session, self.money, self.favorite, self.favorite,
                self.asked, self.presence, self.presence)
        with self.writer():
            for _ in range(self.rnd.randint(0, 30)):
                self.rnd.choice(what)()

    # ---- Jobs

    def once(self):
        text = time.strftime("%Y-%m-%dT%H:%M:%SZ",
                             time.gmtime(self.now / 1000))
        return subprocess.run(
            [self.build + "/earmark-jobs", "-c", self.state + "/earmark.conf",
             "--once", "--now=" + text], env=self.env, capture_output=True,
            text=True)

    def jobs(self, kill=0):
        if kill:
            self.nth.arm("earmark-jobs", "kill-write", kill)
            self.once()
            self.killed += self.nth.disarm()[1]
            self.look()
        done = self.once()
        if done.returncode:
            raise Wrong(done.stdout + done.stderr)
        self.ran = self.now
        self.look()

    # ---- Independent counts

    def counted(self):
        (last,) = self.db.execute("SELECT coalesce((SELECT value FROM setting"
                                  " WHERE key = 'rollup_fact'), 0)").fetchone()
        for fact in self.db.execute("SELECT * FROM fact"):
            if self.facts.setdefault(fact[0], fact) != fact:
                raise Wrong(f"fact {fact[0]} was changed")
        marks = self.db.execute("SELECT fact_id, open_from"
                                " FROM rollup_watermark ORDER BY id").fetchall()
        numbers = [m[0] for m in marks]
        sums, seen = collections.Counter(), set()
        for number, metric, at, word, n, user in self.facts.values():
            if number > last:
                continue
            i = bisect.bisect_left(numbers, number)
            hour = max(start(1, at), marks[i - 1][1] if i > 0 else 0)
            for span in LENGTH:
                key = (metric, span, start(span, hour), word)
                if user is not None and (key, user) in seen:
                    continue
                seen.add((key, user))
                sums[key] += n
        return sums, marks

    def look(self):
        self.db.execute("BEGIN")
        want, marks = self.counted()
        have = {r[:4]: r[4] for r in self.db.execute("SELECT * FROM rollup")}
        self.db.execute("COMMIT")
        for key in want.keys() | have.keys():
            if want[key] != have.get(key, 0):
                raise Wrong(f"{key}: {have.get(key)}, facts say {want[key]}")
        opened = marks[-1][1] if marks else 0
        if opened < self.open:
            self.reopened += 1
            self.closed = {k: n for k, n in self.closed.items()
                           if k[2] + LENGTH[k[1]] <= opened}
        old = self.open
        self.open = opened
        for key, n in have.items():
            end = key[2] + LENGTH[key[1]]
            if end > opened:
                continue
            if self.closed.get(key, n if end > old else None) != n:
                raise Wrong(f"{key} was closed with"
                            f" {self.closed.get(key)}, is {n}")
            self.closed[key] = n
        if not self.closed.keys() <= have.keys():
            raise Wrong("closed rows were deleted")

    def scan(self):
        """Counts the rows of each kind by the hours of their times."""
        want = collections.Counter()
        for metric, sql in (
                (3, "SELECT ended_at, state, 1 FROM call WHERE state >= 2"),
                (4, "SELECT ended_at, '', billed_minutes FROM session"
                    " WHERE state = 1"),
                (6, "SELECT at, '', -amount FROM entry JOIN transfer"
                    " ON id = transfer_id WHERE account_id = 7 AND type = 1"),
                (7, "SELECT at, 'payment', amount FROM entry JOIN transfer"
                    " ON id = transfer_id WHERE account_id = 7 AND type = 9"),
                (7, "SELECT at, 'session', amount FROM entry JOIN transfer"
                    " ON id = transfer_id WHERE account_id & 15 IN (1, 2)"
                    " AND type = 5"),
                (11, "SELECT at, CASE WHEN type IN (4, 5) THEN 'minutes'"
                     " WHEN type = 11 THEN 'referral' ELSE 'bonus' END,"
                     " -amount FROM entry JOIN transfer"
                     " ON id = transfer_id WHERE account_id = 9"),
                (8, "SELECT at, kind, 1 FROM favorite_log WHERE action = 1"),
                (1, "SELECT created_at, '', 1 FROM user WHERE status <> 0")):
            for at, word, n in self.db.execute(sql):
                word = ENDS[word] if metric == 3 else \
                    KINDS[word] if metric == 8 else word
                for span in LENGTH:
                    want[metric, span, start(span, at), word] += n
        have = {r[:4]: r[4] for r in self.db.execute(
            "SELECT * FROM rollup WHERE metric NOT IN (2, 5, 9, 10)")}
        for key in want.keys() | have.keys():
            if want[key] != have.get(key, 0):
                raise Wrong(f"{key}: {have.get(key)}, rows say {want[key]}")
        return len(want)

    # ---- Histories

    def step(self, steady):
        self.happen()
        self.now += self.rnd.choice((1, 1, 1, 5, 20, 40, 90)) * MINUTE
        if not steady and self.rnd.random() < .1:
            self.now -= self.rnd.choice((10 * MINUTE, HOUR, 5 * HOUR))
        if self.rnd.random() < .5:
            self.jobs(self.rnd.choice((0, self.rnd.randint(1, 60))))

    def ahead(self):
        """Sets the clock up to ten days ahead, and back later."""
        wrong = self.rnd.randint(2, 10) * DAY
        self.now += wrong
        for _ in range(5):
            self.step(True)
        self.jobs()
        self.now -= wrong
        for _ in range(5):
            self.step(True)
        self.jobs()

    def go(self, steps, steady):
        for n in range(steps):
            self.step(steady)
            if not steady and n == steps // 2:
                self.ahead()
        self.jobs()
        rows = self.scan() if steady else 0
        if not steady and not self.reopened:
            raise Wrong("hours were never opened again")
        if not self.killed:
            raise Wrong("no pass was killed")
        sums = self.db.execute("SELECT * FROM rollup").fetchall()
        self.now += 60 * DAY
        self.jobs()
        if self.db.execute("SELECT count(*) FROM fact").fetchone() != (0,) \
                or self.db.execute("SELECT count(*) FROM active_user"
                                   ).fetchone() != (0,):
            raise Wrong("facts were not pruned")
        if self.db.execute("SELECT * FROM rollup").fetchall() != sums:
            raise Wrong("pruning changed the sums")
        print(f"{len(self.facts)} facts, {len(sums)} sums, {rows} of them"
              f" scanned; {self.killed} passes killed,"
              f" {self.reopened} times opened again")


def main():
    state, build, control, steps, kind = sys.argv[1:6]
    try:
        History(state, build, control, seed.take()).go(int(steps), kind == "steady")
    except Wrong as e:
        sys.exit(f"wrong: {e}")


if __name__ == "__main__":
    main()
