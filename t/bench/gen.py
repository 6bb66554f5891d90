#!/usr/bin/python3
"""Fills a migrated, empty Earmark database with the data of the benchmark.

gen.py STATE-FOLDER

10,000 users (9001..9100 are verified listeners, half of them online), 5,000
flyers and 5,000 destinations, 1,000,000 favorites of these: user 1 has 1,000
flyers and 1,000 destinations, the others about 50 of each. User 2 also has
the 100 listeners. Flyers 4901..5000 have no favorites, because the write
loads save them. The password of all users is PASSWORD. Users 7001..8000 are
also listeners for sessions, online, the k-th with the rate TALK_RATE + k - 1.
Users 2..PAYERS have money. All users have a push device, so that all
notifications are sent.

The rows equal those of the service. The two triggers that maintain counters
are disabled while favorites are inserted. Then the counters are computed from
the rows, and check() compares them.
"""
import ctypes
import ctypes.util
import fcntl
import os
import random
import sqlite3
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "tools"))
import ledger                                           # noqa: E402
import tokenizer                                        # noqa: E402
from tokens import TOKENS                               # noqa: E402

USERS, LISTENERS, FLYERS, DESTINATIONS = 10000, 100, 5000, 5000
FIRST_LISTENER, FREE_FLYERS = 9001, 100
TALKERS, FIRST_TALKER, TALK_RATE = 1000, 7001, 1000
PAYERS, MONEY = 1001, 10**9
MANY, FAVORITES = 1000, 1000000
PASSWORD = "correct horse battery"
BEGAN = 1700000000000
CITIES = ["Probolinggo", "Zürich", "New York", "Kyōto", "São Paulo", "Lisbon",
          "Oslo"]


def destination_uuid(n):
    """Returns the UUID of a destination, as wrk/common.lua does."""
    return bytes.fromhex("018bcfe568007000a000%012x" % n)


def password_hash():
    """Returns an Argon2id hash, made with the library of the auth pool."""
    lib = ctypes.CDLL(ctypes.util.find_library("sodium"))
    lib.sodium_init()
    out = ctypes.create_string_buffer(128)
    text = PASSWORD.encode()
    if lib.crypto_pwhash_str(out, text, ctypes.c_ulonglong(len(text)),
                             ctypes.c_ulonglong(2),
                             ctypes.c_size_t(19456 * 1024)) != 0:
        raise SystemExit("gen: no memory for a password hash")
    return out.value.decode()


def listeners():
    return {*range(FIRST_LISTENER, FIRST_LISTENER + LISTENERS),
            *range(FIRST_TALKER, FIRST_TALKER + TALKERS)}


def people(db, rnd):
    word = password_hash()
    db.executemany(
        "INSERT INTO user(id, uuid, status, roles, username, sex, bio,"
        " interests, image, preferred_language, country, email, password,"
        " referral_code, created_at, updated_at)"
        " VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, 'en', ?, ?, ?, ?, ?, ?)",
        ((i, rnd.randbytes(16),
          3 if i in listeners() else 1,
          f"user{i}", ("male", "female", "other")[i % 3],
          "Professional listener with years of experience, patient and kind",
          "music\ntech\nart", f"{i:016x}.webp", ("US", "IN", "ID")[i % 3],
          f"user{i}@example.com", word, f"BENCH{i:05d}", BEGAN + i, BEGAN + i)
         for i in range(1, USERS + 1)))
    db.executemany(
        "INSERT INTO device_session(id, user_id, created_at, used_at,"
        " user_agent) VALUES (?, ?, ?, ?, 'bench')",
        ((i, i, BEGAN, BEGAN) for i in range(1, TOKENS + 1)))
    db.executemany(
        "INSERT INTO push_device(token, user_id, platform, kind, created_at,"
        " used_at) VALUES (?, ?, 0, 0, ?, ?)",
        ((f"device{i}", i, BEGAN, BEGAN) for i in range(1, USERS + 1)))
    ids = range(FIRST_LISTENER, FIRST_LISTENER + LISTENERS)
    db.executemany(
        "INSERT INTO listener(user_id, rate_per_minute, rating_sum,"
        " rating_count, languages, registered_at)"
        " VALUES (?, 500, ?, 20, 'en' || char(10) || 'hi', ?)",
        ((i, 60 + i % 40, BEGAN) for i in ids))
    db.executemany(
        "INSERT INTO listener(user_id, rate_per_minute, languages,"
        " registered_at) VALUES (?, ?, 'en', ?)",
        ((FIRST_TALKER + k, TALK_RATE + k, BEGAN) for k in range(TALKERS)))
    db.executemany(
        "INSERT INTO listener_language(language, user_id) VALUES (?, ?)",
        ((lang, i) for i in ids for lang in ("en", "hi")))
    db.execute("UPDATE listener SET verification = 1, verified_at = ?",
               (BEGAN,))


def refresh(db):
    """Renews rows that expire: sessions and presence."""
    now = int(time.time() * 1000)
    db.execute("UPDATE device_session SET created_at = ?1, used_at = ?1",
               (now,))
    db.execute("UPDATE push_device SET used_at = ?", (now,))
    db.execute("UPDATE presence SET status = 1, online_until = ?,"
               " last_seen = ? WHERE listed = 1"
               " AND (user_id % 2 = 0 OR user_id < ?)",
               (now + 86400000, now, FIRST_LISTENER))
    db.execute("UPDATE presence SET busy_since = ?"
               " WHERE listed = 1 AND user_id % 8 = 0 AND user_id >= ?",
               (now, FIRST_LISTENER))


def things(db, rnd):
    db.executemany(
        "INSERT INTO flyer(id, publisher_id, title, description, image_url,"
        " category, lat, lng, address, valid_from, valid_until, created_at,"
        " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((i, rnd.randint(1, USERS), f"Mount Bromo sunrise trek no {i}",
          "Lorem ipsum dolor sit amet " * 4,
          f"https://cdn.example.com/flyers/{i:08x}/image.jpg",
          ("food", "music", "sport", "travel")[i % 4],
          rnd.randint(-60000000, 70000000), rnd.randint(-180000000, 180000000),
          f"Main Street {i}, {CITIES[i % 7]}", BEGAN, BEGAN + 10**11,
          BEGAN + i, BEGAN + i) for i in range(1, FLYERS + 1)))
    db.executemany(
        "INSERT INTO destination(id, uuid, name, city, country, thumbnail_url,"
        " summary, images, lat, lng, created_at, updated_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((i, destination_uuid(i), f"Mount Bromo sunrise trek no {i}",
          CITIES[i % 7], f"Country {i % 90}",
          f"https://cdn.example.com/destinations/{i:08x}-b2c5-4de4-93c9-"
          "99322bd49ee2/thumb.jpg", "Lorem ipsum dolor sit amet " * 4,
          f"https://cdn.example.com/destinations/{i:08x}/1.jpg",
          rnd.randint(-60000000, 70000000), rnd.randint(-180000000, 180000000),
          BEGAN + i, BEGAN + i) for i in range(1, DESTINATIONS + 1)))


def pairs(rnd):
    """Returns (user, kind, entity) in the order of saving."""
    rows = []
    for user in range(1, USERS + 1):
        # User 1 has 2,000, and the other 9,999 users have 998,000 in total.
        n = 50 if user <= 9050 else 49
        for kind, last in ((2, FLYERS - FREE_FLYERS), (3, DESTINATIONS)):
            some = rnd.sample(range(1, last + 1), MANY if user == 1 else n)
            rows += [(user, kind, e) for e in some]
    rnd.shuffle(rows)
    return rows[:FAVORITES] + [
        (2, 1, i) for i in range(FIRST_LISTENER, FIRST_LISTENER + LISTENERS)]


def favorites(db, rnd):
    off = db.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = 'favorite'"
        " AND type IN ('trigger', 'index') AND sql IS NOT NULL").fetchall()
    for kind, name, _ in off:
        db.execute(f"DROP {kind} {name}")
    db.executemany(
        "INSERT INTO favorite(user_id, kind, entity_id, created_at,"
        " updated_at, uuid) VALUES (?, ?, ?, ?, ?, ?)",
        ((u, k, e, BEGAN + n * 50, BEGAN + n * 50,
          rnd.randbytes(16) if k > 2 else None)
         for n, (u, k, e) in enumerate(pairs(rnd))))
    for kind, name, sql in sorted(off):
        db.execute(sql)
    db.execute(
        "INSERT INTO favorite_total(user_id, kind, n, version)"
        " SELECT user_id, kind, count(*), count(*) FROM favorite"
        " GROUP BY user_id, kind")
    db.execute(
        "UPDATE favoritable SET favorites_count = c.n, version = 1 + c.n,"
        " changed_at = c.at FROM (SELECT kind, entity_id, count(*) AS n,"
        " max(created_at) AS at FROM favorite GROUP BY kind, entity_id) AS c"
        " WHERE favoritable.kind = c.kind AND favoritable.id = c.entity_id")


def check(db):
    """Checks the data, because results for wrong data are meaningless."""
    for what, sql, want in (
            ("favorites", "SELECT count(*) FROM favorite WHERE kind > 1",
             FAVORITES),
            ("of user 1", "SELECT count(*) FROM favorite WHERE user_id = 1",
             2 * MANY),
            ("kept totals", "SELECT sum(n) FROM favorite_total",
             FAVORITES + LISTENERS),
            ("kept counts", "SELECT sum(favorites_count) FROM favoritable",
             FAVORITES + LISTENERS),
            ("listed listeners", "SELECT sum(listed) FROM presence",
             LISTENERS + TALKERS)):
        got = db.execute(sql).fetchone()[0]
        if got != want:
            raise SystemExit(f"gen: {what}: {got}, not {want}")
    if db.execute("PRAGMA foreign_key_check").fetchone():
        raise SystemExit("gen: foreign keys do not hold")


def money(db):
    book = ledger.Book(db)
    for user in range(2, PAYERS + 1):
        book.post(ledger.T_ADJUSTMENT, ledger.L_ADJUSTMENT, None, BEGAN,
                  (0, ledger.ADJUSTMENT, -MONEY),
                  (user, ledger.WALLET, MONEY))
    book.flush()


def fill(db):
    rnd = random.Random(7)
    people(db, rnd)
    things(db, rnd)
    favorites(db, rnd)
    money(db)


def change(folder, *steps):
    """Runs the steps in one transaction. No other process may use the folder.
    """
    db = sqlite3.connect(folder + "/earmark.db", isolation_level=None)
    tokenizer.load(db)
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -200000")
    with open(folder + "/writer.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        db.execute("BEGIN IMMEDIATE")
        for step in steps:
            step(db)
        db.execute("COMMIT")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()


def main(folder):
    change(folder, fill, refresh, check)


if __name__ == "__main__":
    main(sys.argv[1])
