#!/usr/bin/python3
"""Fills a migrated, empty Earmark database for the measurement of capacity.

capacity_data.py STATE-FOLDER USERS

With N users: 10 N favorites, 10 N ledger entries with their transfers,
payments and sessions, N calls, N events, N notifications, N rows of the audit
and of the log of favorites, N/10 listeners, N/10 styles, creatives and
documents in total, N/20 flyers and N/20 destinations, and N/4 rows of the other
kinds (see large.py). User 1 is an administrator. User 2 has far more rows than
others. Each user has the login session SESSION + id, and the password of the
accounts is PASSWORD.

The rows equal those of the service. Triggers are enabled except those of the
ledger and of favorites, whose counters are computed from the rows. check()
compares them.
"""
import fcntl
import os
import sqlite3
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, "..", "faults", "tools"),
                 os.path.join(HERE, "..", "tools")]
import gen                                              # noqa: E402
import large                                            # noqa: E402
import ledger                                           # noqa: E402
import tokenizer                                        # noqa: E402

SESSION, SERVICE = 1000, 6              # user 6 is a service account
PASSWORD = gen.PASSWORD
EACH, ENTRIES = 10, 10                  # favorites, ledger entries per user
BATCH = 300000                          # ledger entries of one INSERT
WHALE, WHALE_PAIRS = large.WHALE, 1000


def payer(i):
    """Returns the i-th user who has money and paid sessions."""
    return 11 + 10 * i


class Data(large.Fill):
    def __init__(self, db, users):
        super().__init__(db, users)
        self.n_calls = users
        self.flyers = self.destinations = max(users // 20, 50)
        self.studio = max(users // 30, 50)      # of each of three kinds
        self.payers = users // 10 - 2

    def sql(self, text, *args):
        return self.db.execute(text, args)

    # Rows i = first..last
    NUMBERS = ("WITH RECURSIVE n(i) AS (SELECT ?1 UNION ALL SELECT i + 1"
               " FROM n WHERE i < ?2)")

    def people(self):
        super().people()
        self.sql(
            "UPDATE user SET password = ?, bio = 'Patient and kind, with years"
            " of experience', interests = 'music' || char(10) || 'art',"
            " preferred_language = 'en',"
            " sex = iif(id % 2, 'female', 'male')", gen.password_hash())
        self.sql("INSERT INTO device_session(id, user_id, created_at, used_at,"
                 " user_agent) SELECT ?1 + id, id, ?2, ?2, 'bench' FROM user",
                 SESSION, self.now)
        self.sql("INSERT INTO listener_language(language, user_id)"
                 " SELECT languages, user_id FROM listener")
        self.sql("INSERT INTO security_log(user_id, kind, session_id, at)"
                 " SELECT user_id, 1, id, ? FROM device_session WHERE id > ?",
                 self.now, SESSION)

    def things(self):
        self.many(
            "INSERT INTO flyer(id, publisher_id, title, description, image_url,"
            " category, lat, lng, address, valid_from, valid_until, created_at,"
            " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((i, 1 + i * 7 % self.n, f"Mount Bromo sunrise trek no {i}",
              "Lorem ipsum dolor sit amet " * 4,
              f"https://cdn.example.com/flyers/{i:08x}/image.jpg",
              ("food", "music", "sport", "travel")[i % 4],
              self.rnd.randint(-60000000, 70000000),
              self.rnd.randint(-180000000, 180000000),
              f"Main Street {i}, {gen.CITIES[i % 7]}", at, at + 10**11, at, at)
             for i in range(1, self.flyers + 1)
             for at in (self.at(i, self.flyers),)))
        self.many(
            "INSERT INTO destination(id, uuid, name, city, country,"
            " thumbnail_url, summary, images, lat, lng, created_at, updated_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            ((i, gen.destination_uuid(i), f"Mount Bromo sunrise trek no {i}",
              f"{gen.CITIES[i % 7]} {i // 700}", f"Country {i % 90}",
              f"https://cdn.example.com/destinations/{i:08x}/thumb.jpg",
              "Lorem ipsum dolor sit amet " * 4,
              f"https://cdn.example.com/destinations/{i:08x}/1.jpg",
              self.rnd.randint(-60000000, 70000000),
              self.rnd.randint(-180000000, 180000000), at, at)
             for i in range(1, self.destinations + 1)
             for at in (self.at(i, self.destinations),)))
        for table, name, more in (
                ("style", "name", ""), ("creative", "html_url",
                                        ", is_published"),
                ("document", "title", ", is_public")):
            self.sql(
                self.NUMBERS + f" INSERT INTO {table}(id, uuid, owner_id,"
                f" {name}, created_at, updated_at{more}) SELECT i,"
                " randomblob(16), 1 + i * 13 % ?3, 'https://example.com/' || i,"
                f" ?4 + i, ?4 + i{', i % 2' if more else ''} FROM n",
                1, self.studio, self.n, self.began)

    def sessions(self):
        """Adds top-ups and sessions of payers. The whale has a twentieth of
        them.
        """
        book, at, done, n = ledger.Book(self.db), self.began, 0, 0
        step = 360 * large.DAY // (ENTRIES * self.n // 7)
        payments, rows, paid = [], [], self.n // 4
        while done + len(book.entries) < ENTRIES * self.n:
            n += 1
            at += step
            who = WHALE if n % 20 == 0 else payer(n * 7919 % self.payers)
            if book.has(who, ledger.WALLET) < 300:
                amount = self.rnd.randint(10, 50) * 100
                paid += 1
                payments.append((paid, who, amount, f"sandbox_{paid}",
                                 f"paid_{paid}", self.rnd.randbytes(16), at,
                                 at, at))
                book.post(ledger.T_TOPUP, ledger.L_TOPUP, paid, at,
                          (0, ledger.GATEWAY, -amount),
                          (who, ledger.WALLET, amount))
            ledger.session(book, self.rnd, who, self.talk[n % len(self.talk)],
                           at, rows)
            if len(book.entries) >= BATCH:
                done += len(book.entries)
                book.flush()
        book.flush()
        self.many(
            "INSERT INTO payment(id, user_id, provider, status, amount,"
            " currency, ref, paid_ref, page_key, credited_at, created_at,"
            " updated_at) VALUES (?, ?, 1, 1, ?, 'INR', ?, ?, ?, ?, ?, ?)",
            payments)
        self.many(
            "INSERT INTO session(id, customer_id, listener_id, state, rate,"
            " commission, per_second, free_ms, started_at, billed_from,"
            " leased_until, lasts_until, ended_at, cause, billed_minutes,"
            " billed_free, cost, cost_bonus, fee, earned, balance) VALUES (?,"
            " ?, ?, 1, ?, 2000, 0, 0, ?, ?5, ?, ?, ?, 1, ?, 0, ?, 0, ?, ?, ?)",
            rows)
        # Triggers count these when a session ends.
        self.sql(
            "UPDATE session_total SET ended = s.n, minutes = s.minutes,"
            " earned = s.earned FROM (SELECT listener_id, count(*) AS n,"
            " sum(billed_minutes) AS minutes, sum(earned) AS earned"
            " FROM session GROUP BY listener_id) AS s"
            " WHERE user_id = s.listener_id")
        self.sql("UPDATE listener SET sessions_count = t.ended"
                 " FROM session_total AS t WHERE t.user_id = listener.user_id")

    def favorites(self):
        super().favorites()
        # Rankings count the last 30 days. The job would read older rows too.
        self.sql("INSERT OR REPLACE INTO setting(key, value)"
                 " SELECT 'popular_seq', max(seq) FROM favorite_log WHERE at < ?",
                 self.now - 31 * large.DAY)

    def inbox(self):
        for table, columns, values in (
                ("event", "seq, type, at, data", "1, 7, ?4 + i, '{}'"),
                ("notification", "kind, title, body, created_at",
                 "4, 'News', 'A new kind of call', ?4 + i")):
            self.sql(self.NUMBERS + f" INSERT INTO {table}(user_id, {columns})"
                     f" SELECT i + 0 * ?3, {values} FROM n", 1, self.n, 0,
                     self.now - self.n)

    def pairs(self):
        """Adds EACH favorites of each user: a listener, four flyers, four
        destinations and a style, creative or document.
        """
        off = self.sql(
            "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name ="
            " 'favorite' AND type IN ('trigger', 'index') AND sql IS NOT NULL"
        ).fetchall()
        for kind, name, _ in off:
            self.sql(f"DROP {kind} {name}")
        step = max(360 * large.DAY // (EACH * self.n), 1)
        at = self.began
        insert = (" INSERT INTO favorite(user_id, kind, entity_id, created_at,"
                  " updated_at, uuid) SELECT i, {kind}, {entity},"
                  " ?3 + i * ?4, ?3 + i * ?4, {uuid} FROM n")
        for k in range(EACH):
            # The entities of one user are ?5 / EACH apart, so they differ.
            kind, count, entity = (
                (1, len(self.talk), f"({large.EVERY * 2} + {large.EVERY}"
                 " * (i * 7919 % ?5))") if k == 0 else
                ("4 + i % 3", self.studio, "1 + i * 7919 % ?5") if k == 9 else
                (2 + k % 2, self.flyers,
                 f"1 + (i * 7919 + {k} * (?5 / {EACH})) % ?5"))
            self.sql(self.NUMBERS + insert.format(
                kind=kind, entity=entity,
                uuid="iif({} > 2, randomblob(16), NULL)".format(kind)),
                3, self.n, at, step, count)
            at += step * self.n
        for kind, count in ((2, self.flyers), (3, self.destinations)):
            self.sql(self.NUMBERS + insert.format(
                kind=kind, entity="i + 0 * ?5",
                uuid="iif({} > 2, randomblob(16), NULL)".format(kind)).replace(
                    "SELECT i,", f"SELECT {WHALE},"),
                1, min(WHALE_PAIRS, count), at, 1, 0)
        for kind, name, sql in sorted(off):
            self.sql(sql)
        self.sql("DELETE FROM favorite_total")
        self.sql("INSERT INTO favorite_total(user_id, kind, n, version)"
                 " SELECT user_id, kind, count(*), count(*) FROM favorite"
                 " GROUP BY user_id, kind")
        self.sql("UPDATE favorite_total SET log_n = l.n FROM (SELECT user_id,"
                 " kind, count(*) AS n FROM favorite_log GROUP BY user_id,"
                 " kind) AS l WHERE favorite_total.user_id = l.user_id"
                 " AND favorite_total.kind = l.kind")
        self.sql("UPDATE favoritable SET favorites_count = c.n,"
                 " version = 1 + c.n, changed_at = c.at FROM (SELECT kind,"
                 " entity_id, count(*) AS n, max(created_at) AS at"
                 " FROM favorite GROUP BY kind, entity_id) AS c"
                 " WHERE favoritable.kind = c.kind"
                 " AND favoritable.id = c.entity_id")

    def here(self):
        """One listener of ten is online."""
        self.sql("UPDATE presence SET status = 1, online_until = ?1 + 86400000,"
                 " last_seen = ?1 WHERE listed = 1 AND user_id % ?2 = 0",
                 self.now, 10 * large.EVERY)

    def steps(self):
        return (self.people, self.things, self.sessions, self.calls,
                self.payments, self.approvals, self.outbox, self.audit,
                self.favorites, self.support, self.inbox, self.pairs,
                self.here, self.sums)


def check(db):
    """Compares the counters with the rows."""
    for what, a, b in (
            ("favorites", "SELECT count(*) FROM favorite",
             "SELECT sum(n) FROM favorite_total"),
            ("favorites of things", "SELECT count(*) FROM favorite",
             "SELECT sum(favorites_count) FROM favoritable"),
            ("users", "SELECT count(*) FROM user",
             "SELECT sum(n) FROM counter WHERE name LIKE 'user:%'"),
            ("calls", "SELECT count(*) FROM call",
             "SELECT sum(n) FROM counter WHERE name LIKE 'call:%'"),
            ("balances", "SELECT 0", "SELECT sum(balance) FROM ledger_account"),
            ("sessions", "SELECT count(*) FROM session",
             "SELECT sum(as_customer) FROM session_total")):
        one, other = (db.execute(sql).fetchone()[0] for sql in (a, b))
        if one != other:
            raise SystemExit(f"capacity_data: {what}: {one}, not {other}")
    if db.execute("PRAGMA foreign_key_check").fetchone():
        raise SystemExit("capacity_data: foreign keys do not hold")


def fill(folder, users):
    """Fills the database of a folder that no process uses. The file is useless
    if this is interrupted, because there is no journal.
    """
    db = sqlite3.connect(folder + "/earmark.db", isolation_level=None)
    tokenizer.load(db)
    for pragma in ("journal_mode = OFF", "synchronous = OFF",
                   "temp_store = MEMORY", "cache_size = -1500000"):
        db.execute("PRAGMA " + pragma)
    with open(folder + "/writer.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        db.execute("BEGIN IMMEDIATE")
        data = Data(db, users)
        for step in data.steps():
            began = time.time()
            step()
            print(f"{step.__name__} {time.time() - began:.1f} s", flush=True)
        check(db)
        db.execute("COMMIT")
        db.execute("PRAGMA journal_mode = WAL")
        db.close()


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]))
