#!/usr/bin/python3
"""Compares the media types that nginx and a worker choose for errors.

accept_differential.py URL

Sends random Accept headers to a path of a worker that requires a token, and to
one that nginx answers. Prints SEED=N first, and headers that are treated
differently. Exits with 1 if there are any.
"""
import http.client
import os
import random
import sys
from urllib.parse import urlsplit

TYPES = ["application/json", "application/problem+json", "application/*",
         "*/*", "text/html", "application/problem+jsonx", "Application/JSON"]
QUALITIES = ["", "", ";q=1", "; q=1.000", ";q=0", ";q=0.0", ";q=0.5",
             "; Q=0.50", ";q=0.05", ";q=0.505", ";q=0.51", ";q=0.9",
             ";v=1;q=0.4", " ; q=0.4 ;v=1", ";q=0.1234", ";q=2", ";q=",
             ";q=0.", ";qq=1"]
COMMAS = [",", ", ", " ,", ",\t"]


def accept(rand):
    """Returns a header without repeated types."""
    text = ""
    types = {t.lower(): t for t in rand.sample(TYPES, rand.randint(1, 5))}
    for name in types.values():
        text += (rand.choice(COMMAS) if text else "") + name
        text += rand.choice(QUALITIES)
    return text


def media_type(conn, path, header, status):
    conn.request("GET", path, headers={"Accept": header})
    response = conn.getresponse()
    response.read()
    assert response.status == status, f"{path}: {response.status}"
    return response.headers["Content-Type"].split(";")[0]


def main():
    seed = int(os.environ.get("SEED") or random.randrange(1 << 32))
    print(f"SEED={seed}")
    rand = random.Random(seed)
    conn = http.client.HTTPConnection(urlsplit(sys.argv[1]).netloc)
    seen = {}
    wrong = 0
    for _ in range(300):
        header = accept(rand)
        worker = media_type(conn, "/user/profile", header, 401)
        nginx = media_type(conn, "/absent", header, 404)
        seen[worker] = seen.get(worker, 0) + 1
        if nginx != worker:
            wrong += 1
            print(f"{header!r}: nginx {nginx}, worker {worker}")
    print(seen)
    return 1 if wrong or min(seen.values()) < 20 or len(seen) != 2 else 0


sys.exit(main())
