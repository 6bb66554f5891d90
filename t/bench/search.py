#!/usr/bin/python3
"""Compares searches by the tokenizer of Earmark with those by unicode61.

search.py [ROWS]

Fills two pairs of full-text tables with the same 100,000 listeners and flyers,
runs the same searches in both in turn, and prints JSON: the median and the
99th percentile in ms of each, and the ratios.
"""
import json
import os
import random
import sqlite3
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "tools"))
import tokenizer                                        # noqa: E402

COLUMNS = {"listener": "username, bio, interests",
           "flyer": "title, description, address"}
TOKENIZERS = {"old": "unicode61 remove_diacritics 2", "new": "earmark"}
SEARCHES = 1500
WORDS = ["music", "sleep", "Zürich", "Łódź", "strasse", "Straße", "friendly",
         "listener", "years", "experience", "patient", "trek", "sunrise",
         "mountain", "बाहर", "दिल", "दौलत", "बात", "संगीत", "தமிழ்", "இசை",
         "Москва", "музыка", "Αθήνα", "μουσική", "كتاب", "موسيقى", "서울",
         "음악", "音楽", "東京タワー", "北京市朝阳区", "กรุงเทพมหานคร", "カフェ"]


def text(rnd, n):
    # A few words are frequent; most texts also have rare ones.
    words = [WORDS[int(len(WORDS) * rnd.random() ** 2)] for _ in range(n)]
    return " ".join(words + [f"w{rnd.randrange(20000)}"])


def fill(db, rows):
    rnd = random.Random(7)
    for table, columns in COLUMNS.items():
        for name, tokens in TOKENIZERS.items():
            db.execute(f"CREATE VIRTUAL TABLE {table}_{name} USING fts5("
                       f"{columns}, tokenize = '{tokens}', prefix = '2 3')")
    for i in range(1, rows + 1):
        for table, columns in COLUMNS.items():
            row = (i, f"user{i}", text(rnd, 12), text(rnd, 3))
            for name in TOKENIZERS:
                db.execute(f"INSERT INTO {table}_{name}(rowid, {columns})"
                           " VALUES (?, ?, ?, ?)", row)
    db.commit()


def query(rnd):
    words = [rnd.choice(WORDS) if rnd.random() < 0.6 else
             f"w{rnd.randrange(20000)}" for _ in range(rnd.choice((1, 1, 2)))]
    # Some searches are typed half.
    return " AND ".join(
        f'"{w[:3] if rnd.random() < 0.2 else w}"*' for w in words)


def run(db, table, match):
    began = time.perf_counter()
    db.execute(f"SELECT rowid FROM {table} WHERE {table} MATCH ?"
               " ORDER BY rowid DESC LIMIT 21", (match,)).fetchall()
    db.execute(f"SELECT count(*) FROM {table} WHERE {table} MATCH ?",
               (match,)).fetchall()
    return (time.perf_counter() - began) * 1e3


def main(rows=100000):
    db = tokenizer.load(sqlite3.connect(":memory:"))
    fill(db, int(rows))
    rnd, took = random.Random(8), {name: [] for name in TOKENIZERS}
    for _ in range(SEARCHES):
        match, table = query(rnd), rnd.choice(("listener", "flyer"))
        for name in rnd.sample(sorted(TOKENIZERS), 2):
            took[name].append(run(db, f"{table}_{name}", match))
    out = {}
    for name, times in took.items():
        times.sort()
        out[name + "_p50"] = round(times[len(times) // 2], 3)
        out[name + "_p99"] = round(times[len(times) * 99 // 100], 3)
    for key in ("p50", "p99"):
        out[key] = round(out["new_" + key] / out["old_" + key], 3)
    print(json.dumps(out))


if __name__ == "__main__":
    main(*sys.argv[1:])
