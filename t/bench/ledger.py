#!/usr/bin/python3
"""A second implementation of the ledger (see lib/domain/money/ledger.h).

ledger.py STATE-FOLDER ENTRIES      fills an empty ledger of a stopped service

Book writes many transfers with hashes, balances and transactions, for tests
and benchmarks. prove() verifies a ledger that the service has written. It
shares no code with `earmark ledger verify`.
"""
import hashlib
import os
import random
import struct
import sys
import time

sys.dont_write_bytecode = True

WALLET, BONUS, HELD, EARNINGS, OWED = 1, 2, 3, 4, 5
FEE, GATEWAY, REFUNDS, PROMOTION, ADJUSTMENT, PAYOUT = 6, 7, 8, 9, 10, 11
(T_TOPUP, T_HOLD, T_RELEASE, T_SESSION, T_REFUND, T_BONUS, T_PAYOUT,
 T_ADJUSTMENT, T_REVERSAL, T_SETTLEMENT) = range(1, 11)
(L_TOPUP, L_SESSION, L_REFUND, L_BONUS, L_PAYOUT, L_ADJUSTMENT) = range(1, 7)
NONE = -2**63
SHOWN = (WALLET, BONUS, HELD)           # parts of a balance


def account(user, kind):
    return user * 16 + kind


def seal(before, number, kind, reference, at, note, entries):
    """Returns the hash of a transfer. entries: (account, amount, balance)."""
    text = None if note is None else note.encode()
    return hashlib.sha256(
        before
        + struct.pack(">4q", number, kind,
                      NONE if reference is None else reference, at)
        + (struct.pack(">q", -1) if text is None
           else struct.pack(">q", len(text)) + text)
        + struct.pack(">q", len(entries))
        + b"".join(struct.pack(">3q", *e) for e in entries)).digest()


class Book:
    """Collects transfers, which flush() writes to a database."""

    def __init__(self, db):
        self.db = db
        self.balance = dict(db.execute(
            "SELECT id, balance FROM ledger_account"))
        self.number, self.head = db.execute(
            "SELECT id, hash FROM transfer ORDER BY id DESC LIMIT 1"
        ).fetchone() or (0, bytes(32))
        # Databases of earlier schemas have the earlier name.
        (self.wallet,) = db.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table'"
            " AND name IN ('wallet_entry', 'wallet_line')").fetchone()
        self.last = {}          # account: (transfer, n)
        self.count = {}         # (user, type): transactions; type 0: all
        for user, kind, n in db.execute(
                f"SELECT user_id, type, count(*) FROM {self.wallet}"
                " GROUP BY user_id, type"):
            self.count[user, kind] = n
            self.count[user, 0] = self.count.get((user, 0), 0) + n
        self.transfers, self.entries, self.lines = [], [], []

    def has(self, user, kind):
        return self.balance.get(account(user, kind), 0)

    def shown(self, user):
        return sum(self.has(user, k) for k in SHOWN)

    def post(self, kind, line, reference, at, *moves, note=None):
        """Adds a transfer. Moves are (user, kind of account, amount) and sum
        up to zero. Moves of 0 are ignored.
        """
        people = {u: (self.shown(u), self.has(u, EARNINGS))
                  for u, _, _ in moves if u}
        done = []
        for user, what, amount in moves:
            if not amount:
                continue
            a = account(user, what)
            self.balance[a] = self.balance.get(a, 0) + amount
            self.last[a] = self.number + 1, len(done)
            done.append((a, amount, self.balance[a]))
        self.number += 1
        self.head = seal(self.head, self.number, kind, reference, at, note,
                         done)
        self.transfers.append(
            (self.number, kind, reference, at, note, self.head))
        self.entries += [(self.number, n, *e) for n, e in enumerate(done)]
        for user, (shown, earned) in people.items():
            for of_earnings, before, after in (
                    (0, shown, self.shown(user)),
                    (1, earned, self.has(user, EARNINGS))):
                if after != before:
                    self.line(user, line, of_earnings, after - before, after,
                              at)
        return self.number

    def line(self, user, kind, earned, amount, balance, at):
        n = self.count[user, 0] = self.count.get((user, 0), 0) + 1
        t = self.count[user, kind] = self.count.get((user, kind), 0) + 1
        self.lines.append((self.number, user, at, kind, earned, n, t, amount,
                           balance))

    def flush(self):
        """Writes the collected transfers in the open transaction, with the
        triggers that check single rows disabled.
        """
        off = self.db.execute(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
            " AND tbl_name IN ('transfer', 'entry', ?, 'ledger_account')",
            (self.wallet,)).fetchall()
        for name, _ in off:
            self.db.execute(f"DROP TRIGGER {name}")
        self.db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?)",
                            self.entries)
        self.db.executemany("INSERT INTO transfer VALUES (?, ?, ?, ?, ?, ?)",
                            self.transfers)
        self.db.executemany(
            f"INSERT INTO {self.wallet}(transfer_id, user_id, at, type, earned,"
            " n, type_n, amount, balance) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self.lines)
        self.db.executemany(
            "INSERT INTO ledger_account(id, balance, transfer_id, n)"
            " VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO UPDATE"
            " SET balance = ?2, transfer_id = ?3, n = ?4",
            ((a, self.balance[a], *last) for a, last in self.last.items()))
        for _, sql in off:
            self.db.execute(sql)
        self.transfers, self.entries, self.lines = [], [], []
        self.last = {}


def prove(db):
    """Returns (transfers, entries, errors). errors has a few sentences at
    most.
    """
    wrong, balance, shown, earned = [], {}, {}, {}
    number, entries, head = 0, 0, bytes(32)
    rows = iter(db.execute(
        "SELECT transfer_id, n, account_id, amount, balance FROM entry"
        " ORDER BY transfer_id, n"))
    lines = iter(db.execute(
        "SELECT transfer_id, user_id, earned, amount, balance"
        " FROM wallet_entry ORDER BY transfer_id, user_id, earned"))
    row, line = next(rows, None), next(lines, None)
    for t, kind, reference, at, note, sealed in db.execute(
            "SELECT id, type, reference, at, note, hash FROM transfer"
            " ORDER BY id"):
        number += 1
        mine, total, change = [], 0, {}
        while row and row[0] == t:
            _, _, a, amount, after = row
            mine.append((a, amount, after))
            total += amount
            balance[a] = balance.get(a, 0) + amount
            if balance[a] != after:
                wrong.append(f"transfer {t}: account {a} has {after},"
                             f" not {balance[a]}")
            if (1 <= a & 15 <= 3 and after < 0) or (a & 15 == 5 and after > 0):
                wrong.append(f"transfer {t}: account {a} has {after}")
            if a >= 16 and a & 15 in SHOWN:
                key = a >> 4, 0
                change[key] = change.get(key, 0) + amount
            elif a >= 16 and a & 15 == EARNINGS:
                key = a >> 4, 1
                change[key] = change.get(key, 0) + amount
            row = next(rows, None)
        entries += len(mine)
        if t != number:
            wrong.append(f"transfer {t} is number {number}")
        if total:
            wrong.append(f"transfer {t} sums to {total}")
        head = seal(head, t, kind, reference, at, note, mine)
        if head != sealed:
            wrong.append(f"transfer {t}: its hash is another")
            head = sealed
        while line and line[0] == t:
            _, user, of_earnings, amount, after = line
            got = change.pop((user, of_earnings), 0)
            kept = earned if of_earnings else shown
            kept[user] = kept.get(user, 0) + amount
            if got != amount or kept[user] != after:
                wrong.append(f"transfer {t}: the line of user {user} says"
                             f" {amount} to {after}, the entries {got} to"
                             f" {kept[user]}")
            line = next(lines, None)
        if any(change.values()):
            wrong.append(f"transfer {t}: no line for {change}")
        if len(wrong) > 9:
            break
    if row or line:
        wrong.append(f"rows of no transfer: {row} {line}")
    kept = dict(db.execute("SELECT id, balance FROM ledger_account"))
    for a in set(kept) | set(balance):
        if kept.get(a, 0) != balance.get(a, 0):
            wrong.append(f"account {a} says {kept.get(a)}, its entries"
                         f" {balance.get(a)}")
    if sum(kept.values()):
        wrong.append(f"all balances sum to {sum(kept.values())}")
    return number, entries, wrong


def people(db, first, n, listeners, rate=100):
    """Inserts active accounts first.. with a session each. The last
    `listeners` are verified listeners, the k-th with the rate rate + k.
    """
    now = int(time.time() * 1000)
    ids = range(first, first + n)
    talk = ids[n - listeners:] if listeners else []
    db.executemany(
        "INSERT INTO user(id, uuid, status, roles, username, referral_code,"
        " created_at, updated_at) VALUES (?, ?, 1, ?, ?, ?, ?, ?)",
        ((i, os.urandom(16), 3 if i in talk else 1, f"money{i}",
          f"MONEY{i}", now, now) for i in ids))
    db.executemany(
        "INSERT INTO device_session(id, user_id, created_at, used_at)"
        " VALUES (?, ?, ?, ?)", ((i, i, now, now) for i in ids))
    db.executemany(
        "INSERT INTO listener(user_id, rate_per_minute, languages,"
        " registered_at) VALUES (?, ?, 'en', ?)",
        ((i, rate + k, now) for k, i in enumerate(talk)))
    db.executemany("UPDATE listener SET verification = 1 WHERE user_id = ?",
                   ((i,) for i in talk))
    return ids[:n - len(talk)], talk


FIRST, PEOPLE, LISTENERS = 1000, 1000, 100


def session(book, rnd, customer, listener, at, rows):
    """Adds a paid session of some minutes, as the service writes it."""
    rate, minutes = rnd.randint(1, 50), rnd.randint(1, 4)
    cost, n = rate * minutes, len(rows) + 1
    fee = (cost * 2000 + 5000) // 10000
    book.post(T_HOLD, 0, n, at, (customer, WALLET, -cost - rate),
              (customer, HELD, cost + rate))
    book.post(T_SESSION, L_SESSION, n, at, (customer, HELD, -cost),
              (listener, EARNINGS, cost - fee), (0, FEE, fee))
    book.post(T_RELEASE, 0, n, at, (customer, HELD, -rate),
              (customer, WALLET, rate))
    rows.append((n, customer, listener, rate, at - minutes * 60000, at, at,
                 at, minutes, cost, fee, cost - fee, book.shown(customer)))


def fill(db, entries, seed=7):
    """Adds top-ups with payments, and sessions with bills, until there are at
    least ENTRIES entries.
    """
    rnd = random.Random(seed)
    customers, listeners = people(db, FIRST, PEOPLE, LISTENERS)
    book, at = Book(db), int(time.time() * 1000) - 10**9
    payments, sessions = [], []
    while len(book.entries) < entries:
        who = rnd.choice(customers)
        at += 3
        if book.has(who, WALLET) < 300:
            amount = rnd.randint(1000, 5000)
            n = len(payments) + 1
            payments.append((n, who, amount, f"sandbox_{n}", f"paid_{n}",
                             rnd.randbytes(16), at, at, at))
            book.post(T_TOPUP, L_TOPUP, n, at, (0, GATEWAY, -amount),
                      (who, WALLET, amount))
        else:
            session(book, rnd, who, rnd.choice(listeners), at, sessions)
    db.executemany(
        "INSERT INTO payment(id, user_id, provider, status, amount, currency,"
        " ref, paid_ref, page_key, credited_at, created_at, updated_at)"
        " VALUES (?, ?, 1, 1, ?, 'INR', ?, ?, ?, ?, ?, ?)", payments)
    db.executemany(
        "INSERT INTO session(id, customer_id, listener_id, state, rate,"
        " commission, per_second, free_ms, started_at, billed_from,"
        " leased_until, lasts_until, ended_at, cause, billed_minutes, billed_free, cost, cost_bonus,"
        " fee, earned, balance) VALUES (?, ?, ?, 1, ?, 2000, 0, 0, ?, ?5, ?, ?,"
        " ?, 1, ?, 0, ?, 0, ?, ?, ?)", sessions)
    done = len(book.entries)
    book.flush()
    return done


def live(db, n):
    """Adds n live sessions at rate 0. Returns the first and the last login
    session of their parties, who have realtime connections.
    """
    customers, listeners = people(db, FIRST, 2 * n, n, 0)
    now = int(time.time() * 1000)
    day = now + 24 * 3600 * 1000
    db.executemany(
        "INSERT INTO session(id, customer_id, listener_id, rate, commission,"
        " per_second, free_ms, started_at, billed_from, leased_until,"
        " lasts_until) VALUES (?, ?, ?, 0, 2000, 0, 0, ?4, ?4, ?5, ?5)",
        ((k + 1, c, w, now, day) for k, (c, w) in
         enumerate(zip(customers, listeners))))
    db.executemany(
        "INSERT INTO session_party(session_id, side, device_id, proof_at,"
        " tracked) VALUES (?, ?, ?, ?, 1)",
        ((k + 1, side + 1, u, now) for side, all_of in
         enumerate((customers, listeners)) for k, u in enumerate(all_of)))
    return customers[0], listeners[-1]


def main(state, entries):
    import gen
    out = []
    gen.change(state, lambda db: out.append(fill(db, entries)))
    print(out[0])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
