#!/usr/bin/python3
"""Creates the database of the other servers: the same numbers of rows in a
typical schema.

gen.py FILE

10,000 users, 10,000 flyers that are also destinations, 1,000,000 favorites:
user 1 has 1,000, the others about 100. Flyers 9901..10000 have no favorites.
"""
import random
import sqlite3
import sys
import time

SCHEMA = """
CREATE TABLE auth_user(id INTEGER PRIMARY KEY, password TEXT NOT NULL,
  last_login TEXT, is_superuser INT NOT NULL, username TEXT NOT NULL UNIQUE,
  first_name TEXT NOT NULL, last_name TEXT NOT NULL, email TEXT NOT NULL,
  is_staff INT NOT NULL, is_active INT NOT NULL, date_joined TEXT NOT NULL);
CREATE TABLE flyer(id INTEGER PRIMARY KEY, title TEXT NOT NULL,
  city TEXT NOT NULL, country TEXT NOT NULL, description TEXT NOT NULL,
  thumbnail_url TEXT NOT NULL, is_active INT NOT NULL DEFAULT 1,
  created_at TEXT NOT NULL);
CREATE TABLE favorite(id INTEGER PRIMARY KEY,
  user_id INT NOT NULL REFERENCES auth_user(id),
  flyer_id INT NOT NULL REFERENCES flyer(id), created_at TEXT NOT NULL);
"""
INDEXES = """
CREATE UNIQUE INDEX favorite_user_flyer ON favorite(user_id, flyer_id);
CREATE INDEX favorite_user_created ON favorite(user_id, created_at);
CREATE INDEX favorite_flyer ON favorite(flyer_id);
"""
CITIES = ["Probolinggo", "Zürich", "New York", "Kyōto", "São Paulo", "Lisbon",
          "Oslo"]


def at(n):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(1700000000 + n))


def favorites(rnd):
    rows = []
    for user in range(1, 10001):
        n = 1000 if user == 1 else 99 if user % 10 else 108
        rows += [(user, flyer) for flyer in rnd.sample(range(1, 9901), n)]
    rnd.shuffle(rows)
    for n, (user, flyer) in enumerate(rows[:1000000]):
        yield n + 1, user, flyer, at(n * 50)


def main(file):
    rnd = random.Random(7)
    db = sqlite3.connect(file)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")
    db.executescript(SCHEMA)
    db.executemany(
        "INSERT INTO auth_user VALUES(?, '!', NULL, 0, ?, 'F', 'L', ?, 0, 1,"
        " ?)", ((i, f"user{i}", f"user{i}@example.com", at(i))
                for i in range(1, 10001)))
    db.executemany(
        "INSERT INTO flyer VALUES(?, ?, ?, ?, ?, ?, 1, ?)",
        ((i, f"Mount Bromo sunrise trek no {i}", CITIES[i % 7],
          f"Country {i % 90}", "Lorem ipsum dolor sit amet " * 8,
          f"https://cdn.example.com/destinations/{i:08x}-b2c5-4de4-93c9-"
          "99322bd49ee2/thumb.jpg", at(i)) for i in range(1, 10001)))
    db.executemany("INSERT INTO favorite VALUES(?, ?, ?, ?)", favorites(rnd))
    db.executescript(INDEXES)
    db.execute("ANALYZE")
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


if __name__ == "__main__":
    main(sys.argv[1])
