#!/usr/bin/python3
"""Measures lists of administrators in a large database.

 large.py fill STATE ROWS               fills a migrated, empty database
 large.py walk STATE URL PAGES [timed]  requests each list by cursor

fill inserts ROWS users, sessions, ledger entries, audit rows and favorites,
and a quarter as many rows of other kinds, as the service would write them.
User 1 is an administrator. User 2 has a tenth of all rows (a hundredth of
those that are created manually). Triggers are enabled, except those of the
ledger (see bench/ledger.py), so that all counters are right.

walk requests the first page of each list and filter, follows next_cursor for
PAGES pages (no row may be repeated), and requests the last page with a
constructed cursor. These three alternate. Prints the medians. Then it requests
analytics of a year and the dashboard. With "timed", a page that is slow, or
much slower than the first page, is an error.
"""
import base64
import hashlib
import hmac
import http.client
import json
import os
import random
import sqlite3
import statistics
import struct
import sys
import time
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "bench"))
import gen                                              # noqa: E402
import ledger                                           # noqa: E402
import tokenizer                                        # noqa: E402
import tokens                                           # noqa: E402

HOUR, DAY = 3600000, 86400000
NAMES = ("amara bela chen dario elif farid greta hana ivan jun kofi lena maya "
         "nils omar priya quinn rosa sven tara").split()
LANGUAGES = ("ar bn de en es fa fr gu hi id it ja ko mr nl pa pt ru ta te"
             ).split()
WHALE, EVERY = 2, 10            # user 2 has one row of EVERY


# ---- Rows

class Fill:
    def __init__(self, db, rows):
        self.db, self.n, self.rnd = db, rows, random.Random(3)
        self.n_calls = rows // 4
        self.now = int(time.time() * 1000)
        self.began = self.now - 360 * DAY
        self.step = 360 * DAY // rows           # between two rows of the year
        self.talk = range(EVERY * 2, rows + 1, EVERY)   # ids of listeners

    def many(self, sql, rows):
        self.db.executemany(sql, rows)

    def at(self, i, of):
        return self.began + i * (360 * DAY // of)

    def whose(self, i):
        return WHALE if i % EVERY == 1 else 3 + i % (self.n - 2)

    def by_hand(self, i):
        return WHALE if i % 100 == 1 else 3 + i % (self.n - 2)

    def people(self):
        def one(i):
            status = (3 if i % 200 == 7 else 0 if i % 50 == 3 else
                      2 if i % 100 == 9 else 1)
            roles = (5 if i == 1 else 8 if i % 10000 == 6 else
                     3 if i % EVERY == 0 and i > EVERY else 1)
            # Unverified registrations are deleted after two days.
            at = self.at(i, self.n) if status else self.now
            return (i, self.rnd.randbytes(16), status, roles,
                    f"{NAMES[i % 20]}.{i}", f"u{i}@mail.example",
                    "IN", f"R{i}", at, at,
                    "Was rude" if status == 3 else None)
        self.many("INSERT INTO user(id, uuid, status, roles, username, email,"
                  " country, referral_code, created_at, updated_at, ban_reason)"
                  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  (one(i) for i in range(1, self.n + 1)))
        self.many("INSERT INTO device_session(id, user_id, created_at, used_at)"
                  " VALUES (?, ?, ?, ?)",
                  ((i, i if i < 3 else WHALE, self.now, self.now)
                   for i in range(1, 1000)))
        self.many("INSERT INTO listener(user_id, rate_per_minute, languages,"
                  " registered_at) VALUES (?, 100, ?, ?)",
                  ((i, LANGUAGES[i // EVERY % 20], self.at(i, self.n))
                   for i in self.talk))
        self.db.execute("UPDATE listener SET verification = 1, verified_at = ?"
                        " WHERE user_id % 50 <> 0", (self.now,))

    def sessions(self):
        book, rows, at = ledger.Book(self.db), [], self.began
        paid, listeners = [], len(self.talk)
        # Entries, and the sessions that they belong to. Other sessions are
        # free.
        while len(book.entries) < self.n:
            i = len(paid)
            who = WHALE if i % 3 == 0 else 3 + i % (self.n // 50)
            who += who % 100 == 9               # deleted accounts have none
            at += 11
            if book.has(who, ledger.WALLET) < 300:
                book.post(ledger.T_ADJUSTMENT, ledger.L_ADJUSTMENT, None, at,
                          (0, ledger.ADJUSTMENT, -100000),
                          (who, ledger.WALLET, 100000))
            ledger.session(book, self.rnd, who, self.talk[i % listeners]
                           if self.talk[i % listeners] != who
                           else self.talk[0], at, paid)
        book.flush()
        for i in range(len(paid) + 1, self.n + 1):
            at = self.at(i, self.n)
            rows.append((i, self.whose(i), self.talk[i % listeners]
                         if self.talk[i % listeners] != self.whose(i)
                         else self.talk[i % listeners - 1], 100, at, at, at,
                         at, 1, 0, 0, 0, 0))
        self.many(
            "INSERT INTO session(id, customer_id, listener_id, state, rate,"
            " commission, per_second, free_ms, started_at, billed_from,"
            " leased_until, lasts_until, ended_at, cause, billed_minutes, billed_free, cost,"
            " cost_bonus, fee, earned, balance) VALUES (?, ?, ?, 1, ?, 2000, 0,"
            " 0, ?, ?5, ?, ?, ?, 1, ?, 0, ?, 0, ?, ?, ?)", paid + rows)

    def calls(self):
        """The sessions follow each other, so that no user is in two of them.
        """
        n = self.n_calls
        for i in range(1, n + 1):
            at, who = self.at(i, n), self.by_hand(i)
            other = 3 + (i * 7 + 1) % (self.n - 2)
            self.db.execute(
                "INSERT INTO call(id, caller_id, callee_id, channel,"
                " created_at, ring_until) VALUES (?, ?, ?, ?, ?, ?)",
                (i, who, other if other != who else 1, f"c{i}", at, at))
            self.db.execute(
                "UPDATE call SET state = ?, ended_at = ? WHERE id = ?",
                ((3, 4, 5)[i % 3], at, i))

    def payments(self):
        n = self.n // 4

        def one(i):
            status, at = 2 + i % 2, self.at(i, n)
            return (i, self.by_hand(i), status, f"sandbox_{i}",
                    self.rnd.randbytes(16),
                    "another amount" if i % 500 == 0 else None, at, at)
        self.many("INSERT INTO payment(id, user_id, provider, status, amount,"
                  " currency, ref, page_key, flag, created_at, updated_at)"
                  " VALUES (?, ?, 1, ?, 1000, 'INR', ?, ?, ?, ?, ?)",
                  (one(i) for i in range(1, n + 1)))
        self.many("INSERT INTO payment_event(id, provider, event_id, type,"
                  " payment_id, outcome, received_at)"
                  " VALUES (?, ?, ?, 'x', ?, 0, ?)",
                  ((i, 1 + (i % 1000 == 0), f"e{i}", i if i % 100 else 5,
                    self.at(i, n)) for i in range(1, n + 1)))

    def approvals(self):
        n = self.n // 4
        self.many("INSERT INTO approval(id, kind, state, target_id, account,"
                  " amount, reason, requested_by, requested_at, decided_at)"
                  " VALUES (?, 1, ?, 2, 1, 5, 'x', 1, ?, ?)",
                  ((i, int(i % 500 > 0), at, at if i % 500 else None)
                   for i in range(1, n + 1) for at in (self.at(i, n),)))

    def outbox(self):
        n = self.n // 4
        self.many("INSERT INTO outbox(id, channel, user_id, recipient, template,"
                  " title, state, due_at, expires_at, created_at, done_at)"
                  " VALUES (?, ?, ?, 'a@mail.example', 'otp', 't', ?, ?, ?, ?,"
                  " ?)",
                  ((i, 1 + i % 3, self.by_hand(i), 2 if i % 100 == 0 else 1,
                    at, at, at, at) for i in range(1, n + 1)
                   for at in (self.now - n + i,)))

    def audit(self):
        actions = ["user.ban"] * 30 + ["listener.verify"] * 69 + ["faq.add"]
        head, rows = bytes(32), []

        def sha(text):
            return hashlib.sha256(text.encode()).digest()
        for i in range(1, self.n + 1):
            row = (i, self.at(i, self.n), 1 if i % 3 else 6,
                   actions[i % 100], f"user:{self.by_hand(i)}", "{}",
                   '{"n":%d}' % i, f"request-{i // 2}")
            head = hashlib.sha256(
                head + struct.pack(">3q", *row[:3])
                + b"".join(sha(t) for t in row[3:])).digest()
            rows.append((*row, head))
        self.many("INSERT INTO audit(id, at, actor_id, action, target, before,"
                  " after, request_id, hash)"
                  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def favorites(self):
        self.many("INSERT INTO favorite_log(seq, user_id, kind, entity_id,"
                  " action, at, request_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
                  ((i, self.by_hand(i),
                    2 if i % 1000 else 4,
                    7 if i % EVERY == 3 else i % 5000 + 1, i % 20 != 0,
                    self.at(i, self.n), f"request-{i}")
                   for i in range(1, self.n + 1)))

    def support(self):
        n = self.n // 4
        words = ("call money refund listener slow broken charged twice waits "
                 "answer").split()
        self.many("INSERT INTO ticket(id, user_id, subject, body, category,"
                  " status, assignee_id, created_at, updated_at)"
                  " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                  ((i, self.by_hand(i), f"{words[i % 10]} {words[i // 10 % 10]}"
                    f" {i}", "Please" if i % 10 == 0 else "Help",
                    5 if i % 1000 == 0 else 1 + i % 4,
                    1 if i % 100 == 0 else 4,
                    None if i % 3 else 1, at, at)
                   for i in range(1, n + 1) for at in (self.at(i, n),)))
        self.many("INSERT INTO feedback(id, user_id, kind, rating, body,"
                  " created_at) VALUES (?, ?, ?, ?, 'Good', ?)",
                  ((i, self.by_hand(i), 1 + i % 4,
                    1 if i % 500 == 0 else 3 + i % 3, self.at(i, n))
                   for i in range(1, n + 1)))
        # Sessions up to n; one customer reviewed many listeners, one listener
        # has many reviews.
        self.many("INSERT INTO review(session_id, listener_id, customer_id,"
                  " rating, hidden, created_at) SELECT id, listener_id,"
                  " customer_id, 1 + id % 5, id % 50 = 0, ended_at"
                  " FROM session WHERE id = ?",
                  ((i,) for i in range(1, n + 1)))
        self.many("INSERT INTO report(id, reporter_id, user_id, reason, status,"
                  " action, decided_at, created_at)"
                  " VALUES (?, ?, ?, 'spam', ?, ?, ?, ?)",
                  ((i, 3 + i % 1000, self.by_hand(i), status,
                    None if status == 1 else 1, None if status == 1 else at,
                    at) for i in range(1, n + 1)
                   for at in (self.at(i, n),)
                   for status in (1 if i % 100 == 0 else 2,)))
        self.many("INSERT INTO promotion(code, kind, value, budget, created_by,"
                  " created_at) VALUES (?, 1, 100, 10000, 1, ?)",
                  ((f"CODE{i}", self.at(i, n))
                   for i in range(1, n // 10 + 1)))

    def sums(self):
        """Inserts a year of hours, days and weeks that contain all facts."""
        days = 370 if self.n >= 100000 else 30
        words = {1: [""], 2: [""], 3: ["ended", "rejected", "cancelled",
                                      "missed"],
                 4: [""], 5: [""], 6: [""], 7: ["session", "payment"],
                 8: ["listener", "flyer", "destination", "style", "creative",
                     "document"], 9: [""] + LANGUAGES, 10: [""] + LANGUAGES}
        self.many("INSERT INTO rollup(metric, span, start, label, n)"
                  " VALUES (?, ?, ?, ?, 7)",
                  ((metric, span, at, word)
                   for metric, some in words.items()
                   for span, length in ((1, HOUR), (2, DAY), (3, 7 * DAY))
                   for at in range(self.floor(span, self.now - days * DAY),
                                   self.now, length) for word in some))
        self.db.execute(
            "INSERT INTO rollup_watermark(fact_id, open_from, at)"
            " SELECT max(id), ?1, ?2 FROM fact",
            (self.now // HOUR * HOUR - HOUR, self.now))
        self.db.execute("DELETE FROM fact")

    @staticmethod
    def floor(span, at):
        if span == 3:           # weeks begin on Monday, the epoch is a Thursday
            return (at + 3 * DAY) // (7 * DAY) * 7 * DAY - 3 * DAY
        return at // (HOUR if span == 1 else DAY) * (HOUR if span == 1
                                                     else DAY)


def fill(db, rows):
    f = Fill(db, rows)
    for step in (f.people, f.sessions, f.calls, f.payments, f.approvals,
                 f.outbox, f.audit, f.favorites, f.support, f.sums):
        began = time.time()
        step()
        print(f"{step.__name__} {time.time() - began:.1f} s", flush=True)


# ---- Lists

def q(sql):
    """Adds the position (key, id, text) after which the last page of 20
    begins.
    """
    return sql + " LIMIT 1 OFFSET 20"


ID = "SELECT 0, id FROM {} WHERE {} ORDER BY id"
USER = ID.format("user", "{}")
REVIEW = "SELECT 0, session_id FROM review WHERE {} ORDER BY session_id"
# (path, filters, position of the last page: SQL, or None for one or two pages)
LISTS = [
    ("users", "", USER.format("1")),
    ("users", "role=customer", USER.format("roles & 1")),
    ("users", "role=listener", USER.format("roles & 2")),
    ("users", "role=listener&status=banned", None),
    ("users", "role=admin", None),
    ("users", "role=service", USER.format("roles & 8")),
    ("users", "status=active", USER.format("status = 1")),
    ("users", "status=banned", USER.format("status = 3")),
    ("users", "role=customer&status=pending_verification",
     USER.format("status = 0")),
    ("users", "q=p", "SEARCH"),
    ("users", "q=priya", "SEARCH"),
    ("users", "q=priya.1", "SEARCH"),
    ("users", "q=p&status=active", "SEARCH"),
    ("users", "q=p&role=customer", "SEARCH"),
    ("users", "q=p&role=customer&status=active", "SEARCH"),
    ("users", "q=h&status=banned", "SEARCH"),
    ("users", "q=p&status=banned", None),
    ("users", "q=p&role=admin", None),
    ("users", "q=a&role=listener", "SEARCH"),
    ("users", "q=p&role=listener", None),
    ("users", "q=a&role=listener&status=active", "SEARCH"),
    ("users", "q=777", None),
    ("users", "q=u778@mail.example", None),
    ("listeners", "", "SELECT registered_at, user_id FROM listener"
     " ORDER BY 1, 2"),
    ("listeners", "verification=verified", "SELECT registered_at, user_id"
     " FROM listener WHERE verification = 1 ORDER BY 1, 2"),
    ("listeners", "verification=pending", "SELECT registered_at, user_id"
     " FROM listener WHERE verification = 0 ORDER BY 1, 2"),
    ("sessions", "", ID.format("session", "1")),
    ("sessions", "live=true", None),
    ("sessions", "state=ended", ID.format("session", "1")),
    ("sessions", "user_id=2", ID.format("session", "customer_id = 2")),
    ("sessions", "user_id=2&state=ended",
     ID.format("session", "customer_id = 2")),
    ("sessions", "user_id=2&state=live", None),
    ("sessions", "user_id=3", None),
    ("wallets/2/transactions", "", "SELECT at, transfer_id FROM wallet_entry"
     " WHERE user_id = 2 ORDER BY 1, 2"),
    ("wallets/2/transactions", "type=session",
     "SELECT at, transfer_id FROM wallet_entry WHERE user_id = 2 AND type = 2"
     " ORDER BY 1, 2"),
    ("wallets/2/transactions", "type=payout", None),
    ("approvals", "", ID.format("approval", "1")),
    ("approvals", "state=pending", ID.format("approval", "state = 0")),
    ("approvals", "state=rejected", None),
    ("payments", "", ID.format("payment", "1")),
    ("payments", "status=failed", ID.format("payment", "status = 2")),
    ("payments", "flagged=true", ID.format("payment", "flag IS NOT NULL")),
    ("payments", "flagged=true&status=expired", None),
    ("payments", "user_id=2", ID.format("payment", "user_id = 2")),
    ("payments", "user_id=2&status=expired",
     ID.format("payment", "user_id = 2 AND status = 3")),
    ("payments", "user_id=2&status=paid", None),
    ("payments", "user_id=2&flagged=true", None),
    ("webhooks", "", ID.format("payment_event", "1")),
    ("webhooks", "provider=stripe", ID.format("payment_event",
                                             "provider = 2")),
    ("webhooks", "payment_id=5", ID.format("payment_event",
                                           "payment_id = 5")),
    ("webhooks", "payment_id=5&provider=stripe", ID.format(
        "payment_event", "payment_id = 5 AND provider = 2")),
    ("calls", "", ID.format("call", "1")),
    ("calls", "live=true", None),
    ("calls", "state=missed", ID.format("call", "state = 5")),
    ("calls", "state=ended", None),
    ("calls", "user_id=2", ID.format("call", "caller_id = 2")),
    ("calls", "user_id=2&state=missed",
     ID.format("call", "caller_id = 2 AND state = 5")),
    ("calls", "user_id=2&state=ended", None),
    ("outbox", "", ID.format("outbox", "1")),
    ("outbox", "state=dead", ID.format("outbox", "state = 2")),
    ("outbox", "state=dead&lane=sms", ID.format(
        "outbox", "state = 2 AND channel = 1")),
    ("outbox", "lane=push", ID.format("outbox", "channel = 3")),
    ("outbox", "state=pending", None),
    ("outbox", "user_id=2", ID.format("outbox", "user_id = 2")),
    ("outbox", "user_id=2&state=dead", None),
    ("outbox", "user_id=2&lane=push", ID.format(
        "outbox", "user_id = 2 AND channel = 3")),
    ("outbox", "user_id=2&lane=push&state=pending", None),
    ("audit", "", "SELECT at, id FROM audit ORDER BY 1, 2"),
    ("audit", "actor=6", "SELECT at, id FROM audit WHERE actor_id = 6"
     " ORDER BY 1, 2"),
    ("audit", "action=faq.add", "SELECT at, id FROM audit"
     " WHERE action = 'faq.add' ORDER BY 1, 2"),
    ("audit", "actor=6&action=faq.add", "SELECT at, id FROM audit"
     " WHERE action = 'faq.add' AND actor_id = 6 ORDER BY 1, 2"),
    ("audit", "target=user:2", "SELECT at, id FROM audit"
     " WHERE target = 'user:2' ORDER BY 1, 2"),
    ("audit", "target=user:2&action=faq.add", None),
    ("audit", "target=user:2&actor=6", "SELECT at, id FROM audit"
     " WHERE target = 'user:2' AND actor_id = 6 ORDER BY 1, 2"),
    ("audit", "target=user:2&actor=6&action=faq.add", None),
    ("audit", "target=user:2&actor=6&from=%OLD&to=%MID",
     "SELECT at, id FROM audit WHERE target = 'user:2' AND actor_id = 6"
     " AND at >= %OLD ORDER BY 1, 2"),
    ("audit", "q=request-77", None),
    ("audit", "from=%OLD&to=%MID", "SELECT at, id FROM audit"
     " WHERE at >= %OLD ORDER BY 1, 2"),
    ("activity", "", "ACTIVITY 1"),
    ("activity", "kind=flyer", "ACTIVITY kind = 2"),
    ("activity", "kind=style", "ACTIVITY kind = 4"),
    ("activity", "kind=document", None),
    ("activity", "action=unsaved", "ACTIVITY action = 0"),
    ("activity", "kind=style&action=unsaved", None),
    ("activity", "from=%OLD&to=%MID", "ACTIVITY at >= %OLD"),
    ("activity", "to=%OLD", "ACTIVITY 1"),
    ("activity", "kind=style&from=%OLD&to=%MID",
     "ACTIVITY kind = 4 AND at >= %OLD"),
    ("activity", "kind=style&action=saved&to=%MID",
     "ACTIVITY kind = 4 AND action = 1"),
    ("activity", "user=2", "ACTIVITY user_id = 2"),
    ("activity", "user=2&kind=style", None),
    ("activity", "user=2&action=unsaved", None),
    ("activity", "user=2&kind=flyer&entity=7", None),
    ("activity", "user=2&kind=flyer&action=saved&from=%OLD&to=%MID",
     "ACTIVITY user_id = 2 AND kind = 2 AND action = 1 AND at >= %OLD"),
    ("activity", "user=2&to=%OLD", "ACTIVITY user_id = 2"),
    ("activity", "kind=flyer&entity=7", "ACTIVITY kind = 2 AND entity_id = 7"),
    ("activity", "kind=flyer&entity=7&action=unsaved", None),
    ("tickets", "", ID.format("ticket", "1")),
    ("tickets", "status=open", ID.format("ticket", "status = 1")),
    ("tickets", "category=safety", ID.format("ticket", "category = 5")),
    ("tickets", "category=safety&status=closed", None),
    ("tickets", "status=closed&category=account",
     ID.format("ticket", "status = 4 AND category = 1")),
    ("tickets", "assignee=1", ID.format("ticket", "assignee_id = 1")),
    ("tickets", "assignee=none&status=open", ID.format(
        "ticket", "assignee_id IS NULL AND status = 1")),
    ("tickets", "user_id=2", ID.format("ticket", "user_id = 2")),
    ("tickets", "user_id=2&status=open", None),
    ("tickets", "user_id=2&category=safety&assignee=1", None),
    ("tickets", "assignee=none&category=account", ID.format(
        "ticket", "assignee_id IS NULL AND category = 1")),
    ("tickets", "assignee=1&category=safety", ID.format(
        "ticket", "assignee_id = 1 AND category = 5")),
    ("tickets", "assignee=1&category=safety&status=closed", None),
    ("tickets", "q=money", ID.format("ticket", "subject LIKE '%money%'")),
    ("tickets", "q=mo", ID.format("ticket", "subject LIKE '%money%'")),
    ("tickets", "q=please", ID.format("ticket", "body = 'Please'")),
    ("tickets", "q=please&status=open", ID.format(
        "ticket", "body = 'Please' AND status = 1")),
    ("feedback", "", ID.format("feedback", "1")),
    ("feedback", "kind=idea", ID.format("feedback", "kind = 2")),
    ("feedback", "rating=1", ID.format("feedback", "rating = 1")),
    ("feedback", "kind=idea&rating=1", None),
    ("reviews", "", REVIEW.format("1")),
    ("reviews", "hidden=true", REVIEW.format("hidden = 1")),
    ("reviews", "hidden=false", REVIEW.format("hidden = 0")),
    ("reviews", f"listener_id={EVERY * 2}", None),
    ("reviews", f"listener_id={EVERY * 2}&hidden=true", None),
    ("reports", "", ID.format("report", "1")),
    ("reports", "status=open", ID.format("report", "status = 1")),
    ("reports", "status=closed", ID.format("report", "status = 2")),
    ("reports", "user_id=2", ID.format("report", "user_id = 2")),
    ("reports", "user_id=2&status=closed", ID.format(
        "report", "user_id = 2 AND status = 2")),
    (f"listeners/{EVERY * 2}/rates", "", None),
    ("promotions", "", ID.format("promotion", "1")),
    ("users/2/devices", "", ID.format("device_session", "user_id = 2")),
]
TURNS, RATIO = 15, 1.5
NOISE, SLOW, YEAR = 1.0, 25.0, 100.0    # ms


class Walk:
    def __init__(self, state, url, pages, timed):
        self.pages, self.timed = pages, timed
        self.db = tokenizer.load(sqlite3.connect(state + "/earmark.db"))
        with open(state + "/key") as f:
            key = bytes.fromhex(f.read().strip())
        self.key = hmac.new(key, b"earmark cursor\x01",
                            hashlib.sha256).digest()
        self.state = state
        where = urllib.parse.urlsplit(url)
        self.http = http.client.HTTPConnection(where.hostname, where.port,
                                               timeout=60)
        began, now = self.db.execute(
            "SELECT min(at), max(at) FROM audit").fetchone()
        self.old = began + (now - began) // 10
        self.mid = (began + now) // 2
        self.bad = 0
        # The maximum ratio to the first page of a list (at least 0.5 ms, which
        # is noise), and the slowest page and year.
        self.ratio = self.slowest = self.year = 0

    def time(self, ms):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ms // 1000))

    def sign_in(self):
        now = int(time.time())
        self.token = tokens.sign(tokens.project_key(self.state), {
            "iss": "earmark", "aud": "earmark", "use": "access", "sub": "1",
            "sid": 1, "iat": now, "nbf": now, "exp": now + 900}).decode()

    def ask(self, path):
        """Returns (ms, response)."""
        began = time.perf_counter()
        self.http.request("GET", path, headers={
            "Authorization": "Bearer " + self.token})
        r = self.http.getresponse()
        body = r.read()
        took = (time.perf_counter() - began) * 1e3
        if r.status != 200:
            raise SystemExit(f"large: {path}: {r.status} {body[:200]}")
        return took, json.loads(body)

    def check(self, data):
        h = 0xcbf29ce484222325
        for b in self.key + data:
            h = (h ^ b) * 0x100000001b3 & 2**64 - 1
        return struct.pack("<Q", h)

    def forge(self, cursor, key, number, text=None):
        b = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        assert self.check(b[:-8]) == b[-8:]
        b = b[:2] + struct.pack("<2q", key, number) + (text or "").encode()
        return base64.urlsafe_b64encode(b + self.check(b)).decode().rstrip("=")

    def last(self, query, sql, cursor):
        if sql == "SEARCH":
            want = urllib.parse.parse_qs(query)
            roles = {"customer": 1, "listener": 2}.get(
                want.get("role", [""])[0], 15)
            status = {"active": "1", "banned": "3"}.get(
                want.get("status", [""])[0], "status")
            at = self.db.execute(q(
                "SELECT 0, id, username FROM user WHERE username >= ?1"
                f" AND username < ?1 || '~' AND roles & {roles}"
                f" AND status = {status} ORDER BY username DESC"),
                want["q"]).fetchone()
        else:
            sql = sql.replace("ACTIVITY", "SELECT at, seq FROM favorite_log"
                              " WHERE")
            if "favorite_log" in sql:
                sql += " ORDER BY 1, 2"
            at = self.db.execute(q(sql.replace("%OLD", str(self.old)))
                                 ).fetchone()
        return self.forge(cursor, *at) if at else None

    def rows(self, page):
        return next(v for v in page.values() if isinstance(v, list))

    def list(self, path, query, sql):
        begin = f"/api/v1/admin/{path}?{query}".replace(
            "%OLD", self.time(self.old)).replace("%MID", self.time(self.mid))
        seen, n, deep = set(), 0, None
        _, page = self.ask(begin)
        total = page.get("total_count")
        cursor = page["next_cursor"]
        places = {"first": begin}
        while True:
            for row in self.rows(page):
                text = json.dumps(row, sort_keys=True)
                if text in seen:
                    self.wrong(f"{path}?{query}: twice: {text}")
                    return
                seen.add(text)
            n += 1
            if page["next_cursor"] is None or n >= self.pages:
                break
            deep = begin + "&cursor=" + page["next_cursor"]
            _, page = self.ask(deep)
        if deep:
            places[f"page {n}"] = deep
        if sql and cursor:
            at = self.last(query, sql, cursor)
            if at:
                places["last"] = begin + "&cursor=" + at
                _, page = self.ask(places["last"])
                if page["has_next"] or len(self.rows(page)) != 20:
                    self.wrong(f"{path}?{query}: not the last page:"
                               f" {len(self.rows(page))} rows")
        took = {name: [] for name in places}
        for _ in range(TURNS):
            for name, where in places.items():
                took[name].append(self.ask(where)[0])
        p50 = {name: statistics.median(t) for name, t in took.items()}
        best = {name: min(t) for name, t in took.items()}
        print(f"{path + '?' + query:52s} {str(total):>8s} rows " + " ".join(
            f"{name} {t:.2f}" for name, t in p50.items()) + " ms", flush=True)
        # Other load of the machine changes medians, but hardly the minimum.
        first = best["first"]
        for name, t in best.items():
            self.ratio = max(self.ratio, t / max(first, 0.5))
            self.slowest = max(self.slowest, t)
            if self.timed and (t > SLOW or t > first * RATIO + NOISE):
                self.wrong(f"{path}?{query}: {name} takes {t:.2f} ms at"
                           f" best, the first {first:.2f}")

    def wrong(self, text):
        self.bad += 1
        print("WRONG: " + text, flush=True)

    def measure(self, name, path, most):
        took = [self.ask(path)[0] for _ in range(7)]
        print(f"{name:52s} {statistics.median(took):.2f} ms", flush=True)
        took = min(took)
        if most == YEAR:
            self.year = max(self.year, took)
        if self.timed and took > most:
            self.wrong(f"{name} takes {took:.2f} ms, more than {most}")

    def all(self):
        for path, query, sql in LISTS:
            self.sign_in()
            self.list(path, query, sql)
        for name in ("dashboard", "status", "ledger", "users/2", "wallets/2"):
            self.measure(name, "/api/v1/admin/" + name, SLOW)
        now = self.db.execute("SELECT max(open_from)"
                              " FROM rollup_watermark").fetchone()
        for metric in ("registrations active_users calls minutes revenue"
                       " topups refunds favorites supply demand promotions").split():
            for bucket in ("hour", "day", "week"):
                self.measure(f"analytics {metric} by {bucket}, a year",
                             "/api/v1/admin/analytics?metric=" + metric +
                             "&bucket=" + bucket + "&from="
                             + self.time(now[0] - 365 * DAY), YEAR)


def main():
    if sys.argv[1:2] == ["fill"]:
        rows = int(sys.argv[3])
        gen.change(sys.argv[2], lambda db: fill(db, rows))
    else:
        walk = Walk(sys.argv[2], sys.argv[3],
                    int(sys.argv[4]), sys.argv[5:] == ["timed"])
        walk.all()
        print(f"{walk.bad} wrong")
        return 1 if walk.bad else 0


if __name__ == "__main__":
    sys.exit(main())
