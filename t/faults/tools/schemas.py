#!/usr/bin/python3
"""Inserts rows into a database of an earlier schema: schemas.py FILE

Inserts users, a listener, favorites, flyers, audit rows and transfers, as far
as the schema has their tables.
"""
import os
import sqlite3
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "bench"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "tools"))
import ledger                                           # noqa: E402
import tokenizer                                        # noqa: E402

USERS = range(1, 201)


def main(path):
    db = tokenizer.load(sqlite3.connect(path))
    db.execute("PRAGMA foreign_keys = ON")
    level = db.execute("PRAGMA user_version").fetchone()[0]
    now = int(time.time() * 1000)
    with db:
        db.executemany(
            "INSERT INTO user(id, uuid, status, roles, username, bio,"
            " referral_code, created_at, updated_at)"
            " VALUES (?, ?, 1, ?, ?, 'about me', ?, ?, ?)",
            ((i, os.urandom(16), 3 if i <= 20 else 1, f"user{i}", f"U{i}",
              now, now) for i in USERS))
        db.executemany("INSERT INTO device_session(user_id, created_at,"
                       " used_at) VALUES (?, ?, ?)",
                       ((i, now, now) for i in USERS))
        if level >= 2:
            db.executemany("INSERT INTO listener(user_id, rate_per_minute,"
                           " languages, registered_at) VALUES (?, 5, 'en', ?)",
                           ((i, now) for i in range(1, 21)))
            db.execute("UPDATE listener SET verification = 1"
                       " WHERE user_id <= 10")
        if level >= 4:
            db.executemany("INSERT INTO flyer(id, publisher_id, title,"
                           " created_at, updated_at)"
                           " VALUES (?, 1, 'a flyer', ?, ?)",
                           ((i, now, now) for i in range(1, 51)))
            db.executemany("INSERT INTO favorite(user_id, kind, entity_id,"
                           " created_at, updated_at) VALUES (?, 2, ?, ?, ?)",
                           ((i, 1 + i % 50, now, now) for i in USERS))
            db.executemany("INSERT INTO favorite_log(user_id, kind, entity_id,"
                           " action, at, request_id)"
                           " VALUES (?, 2, ?, 1, ?, 'x')",
                           ((i, 1 + i % 50, now) for i in USERS))
        # From schema 16 on, only the service can write hashed audit rows.
        if 5 <= level < 16:
            db.executemany("INSERT INTO audit(at, actor_id, action, target)"
                           " VALUES (?, 1, 'user.ban', ?)",
                           ((now, f"user:{i}") for i in USERS))
        # The verification of the ledger needs payments and sessions.
        if level >= 8:
            book = ledger.Book(db)
            for i in USERS:
                book.post(ledger.T_ADJUSTMENT, ledger.L_ADJUSTMENT, None, now,
                          (0, ledger.ADJUSTMENT, -100 - i),
                          (i, ledger.WALLET, 100 + i))
            book.flush()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


if __name__ == "__main__":
    main(sys.argv[1])
