#!/usr/bin/python3
"""Compares the searches of two versions of Earmark, through nginx and workers.

search_service.py OLD [--rows N] [--queries N] [--dir DIR]

OLD is the folder of another version of the source with its programs in
OLD/build; the new version is this tree with ./build. Both serve the same
listeners and flyers (100,000 each), whose texts are documents of
t/tools/vectors/search.tsv and words of search.py. The same queries of the
corpus (400) are sent to both in turn, three times each.
DIR keeps the data.

Prints JSON: the median and the 99th percentile of the CPU time of workers and
nginx for a request in ms, and the ratios, for all queries and for those with the
same number of results in both. CPU time hardly depends on other load.
"""
import argparse
import json
import os
import random
import sqlite3
import statistics
import sys
import urllib.parse
import urllib.request

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[1:1] = [os.path.join(HERE, "..", "tools")]
import gen                                              # noqa: E402
import machine as m                                     # noqa: E402
import search                                           # noqa: E402
import servers                                          # noqa: E402
import tokenizer                                        # noqa: E402

VECTORS = os.path.join(HERE, "..", "tools", "vectors", "search.tsv")
FIRST = 1000            # id of the first user
TIMES = 3


class Version(servers.Project):
    def __init__(self, source, folder):
        os.makedirs(folder, exist_ok=True)
        super().__init__(folder, source + "/build")
        self.source = source

    def demo(self, *args):
        top, servers.TOP = servers.TOP, self.source
        try:
            super().demo(*args)
        finally:
            servers.TOP = top

    def prepare(self, rows, documents):
        """Fills the database, unless an earlier run with DIR did."""
        filled = os.path.join(self.out, f"filled-{rows}")
        self.up()
        if not os.path.exists(filled):
            self.demo("--stop")
            self.configure({"limits": {"search_rate": 0, "write_rate": 0}})
            db = tokenizer.load(sqlite3.connect(self.db))
            fill(db, rows, documents)
            db.commit()
            db.close()
            with open(filled, "w", encoding="ascii"):
                pass
            self.up()

    def begin(self):
        """Finds the processes. Too few requests follow to recycle workers."""
        self.pids = (self.app("listeners") + self.app("catalog") +
                     self.front())

    def ask(self, path):
        """Returns the number of results and the CPU time in ms."""
        before = cpu(self.pids)
        with urllib.request.urlopen(self.url + path, timeout=60) as r:
            body = json.load(r)
        took = cpu(self.pids) - before
        return body.get("total_count", body.get("count")), took / 1e6


def cpu(pids):
    """Returns the CPU time of processes in ns."""
    total = 0
    for pid in pids:
        with open(f"/proc/{pid}/schedstat") as f:
            total += int(f.read().split()[0])
    return total


def corpus():
    """Returns the documents and the queries of the corpus."""
    documents, queries = [], []
    with open(VECTORS, encoding="utf-8") as f:
        for line in f:
            if not line.startswith("#"):
                parts = line.rstrip("\n").split("\t")
                documents.append(parts[1])
                queries += [q for p in parts[2:] for q in p.split("|") if q]
    return documents, queries


def fill(db, rows, documents):
    rnd = random.Random(7)
    ids = range(FIRST, FIRST + rows)
    texts = [rnd.choice(documents) + " " + search.text(rnd, 6) for _ in ids]
    db.executemany(
        "INSERT INTO user(id, uuid, status, roles, username, bio, password,"
        " referral_code, created_at, updated_at)"
        " VALUES (?, ?, 1, 3, ?, ?, 'x', ?, 1, 1)",
        ((i, rnd.randbytes(16), f"user{i}", text, f"B{i:07d}")
         for i, text in zip(ids, texts)))
    db.executemany(
        "INSERT INTO listener(user_id, verification, verified_at,"
        " rate_per_minute, languages, registered_at)"
        " VALUES (?, 0, NULL, 500, 'en', ?)", ((i, gen.BEGAN) for i in ids))
    db.executemany("INSERT INTO listener_language(language, user_id)"
                   " VALUES ('en', ?)", ((i,) for i in ids))
    db.execute("UPDATE listener SET verification = 1, verified_at = 1"
               " WHERE user_id >= ?", (FIRST,))
    rnd.shuffle(texts)
    db.executemany(
        "INSERT INTO flyer(publisher_id, title, description, address,"
        " created_at, updated_at) VALUES (?, ?, ?, ?, 1, 1)",
        ((i, text[:200], search.text(rnd, 6), search.text(rnd, 2))
         for i, text in zip(ids, texts)))


def figures(pairs):
    """Returns medians and 99th percentiles of [(old, new)], and the ratios."""
    out = {"queries": len(pairs)}
    for name, values in zip(("old", "new"), zip(*pairs)):
        values = sorted(values)
        out[name + "_p50"] = round(values[len(values) // 2], 3)
        out[name + "_p99"] = round(values[len(values) * 99 // 100], 3)
    for key in ("p50", "p99"):
        out[key] = round(out["new_" + key] / out["old_" + key], 3)
    return out


def compare(versions, queries):
    every, same = [], []
    rnd = random.Random(8)
    for n, query in enumerate(queries):
        path = ("/api/flyers/?limit=20&q=" if n % 2 else
                "/api/v1/listeners?per_page=20&q=") + urllib.parse.quote(query)
        took, found = ([], []), [None, None]
        for _ in range(TIMES):
            for i in rnd.sample((0, 1), 2):
                found[i], ms = versions[i].ask(path)
                took[i].append(ms)
        pair = tuple(statistics.median(t) for t in took)
        every.append(pair)
        if found[0] == found[1] and found[0] > 0:
            same.append(pair)
    return {"all": figures(every), "same results": figures(same)}


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("old")
    parser.add_argument("--rows", type=int, default=100000)
    parser.add_argument("--queries", type=int, default=400)
    parser.add_argument("--dir", default="search-service")
    args = parser.parse_args()
    documents, queries = corpus()
    queries = random.Random(9).sample(queries, args.queries)
    versions = [Version(os.path.abspath(source), os.path.join(
        os.path.abspath(args.dir), name))
        for name, source in (("old", args.old), ("new", servers.TOP))]
    try:
        for v in versions:
            v.prepare(args.rows, documents)
        for v in versions:
            v.begin()
        print(json.dumps(compare(versions, queries), indent=1))
    finally:
        for v in versions:
            v.demo("--stop")
        m.stop_all()


if __name__ == "__main__":
    main()
