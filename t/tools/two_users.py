#!/usr/bin/python3
"""Checks that responses of one user do not reach another one.

two_users.py URL CONTEXT.json ROUTES...

ROUTES are outputs of `earmark-POOL --routes`. CONTEXT has the tokens of the
users, the text that is secret to each, and values for path segments. All
users request each GET route alternately, twice, with one worker per pool.
Responses must repeat and have ETags, the ETag of a response must return 304,
ETags must differ between users, no user may get 304 for the ETag of another
one, and no secret may reach another user. Prints TAP.
"""
import http.client
import itertools
import json
import re
import sys
import urllib.parse

URL, CONTEXT = sys.argv[1:3]
HOST = urllib.parse.urlsplit(URL)
# The responses of these depend on the process or the time, or are pages, which
# show the request ID.
SKIP = re.compile(r"^/openapi\.json$|/(health|metrics|version|\.earmark|pay|"
                  r"unsubscribe)\b"
                  r"|/admin/(status|dashboard|outbox)")
# The export is produced in slices and neither a list nor a detail.
UNTAGGED = re.compile(r"/me/export\b")


class Caller:
    def __init__(self):
        self.c = http.client.HTTPConnection(HOST.hostname, HOST.port,
                                            timeout=60)

    def get(self, path, token, tag=None):
        headers = {"Authorization": "Bearer " + token} if token else {}
        if tag:
            headers["If-None-Match"] = tag
        self.c.request("GET", path, headers=headers)
        r = self.c.getresponse()
        body = r.read().decode()
        return r.status, r.headers.get("ETag"), re.sub(
            r'"(request_id|expires_at)":"[^"]*"', "", body)


def read_paths(files, values):
    for file in files:
        with open(file, encoding="utf-8") as lines:
            for line in lines:
                method, path, _ = line.split()
                if method == "GET" and not SKIP.search(path):
                    for words in values:
                        yield re.sub(r"\{(\w+)\}", lambda m, w=words:
                                     str(w.get(m[1], w["id"])), path)


def look(caller, path, users):
    """Yields each error for a path."""
    first = {}
    for name, user in users.items():
        first[name] = caller.get(path, user["token"])
    for name, user in users.items():
        again = caller.get(path, user["token"])
        # A spooled response has a tag if its first slice completes it.
        if again[::2] != first[name][::2] or (
                again[1] != first[name][1] and not UNTAGGED.search(path)):
            yield f"{name}: another response the second time"
        if again[0] == 200 and not UNTAGGED.search(path):
            if again[1] is None:
                yield f"{name}: no ETag"
            elif caller.get(path, user["token"], again[1])[0] != 304:
                yield f"{name}: the ETag does not return 304"
        for other, whose in users.items():
            if other != name and not user.get("admin") and \
                    whose["secret"] in again[2]:
                yield f"{name} reads the secret of {other}"
    for one, two in itertools.permutations(users, 2):
        tag = first[two][1]
        if tag is None or first[one][0] != 200:
            continue
        if tag == first[one][1]:
            yield f"{one} and {two} have the same tag"
        status, _, body = caller.get(path, users[one]["token"], tag)
        if status != 200 or body != first[one][2]:
            yield f"{one} with the tag of {two}: {status}"


def main():
    with open(CONTEXT, encoding="utf-8") as f:
        context = json.load(f)
    caller = Caller()
    paths = sorted(set(read_paths(sys.argv[3:], context["paths"])))
    good = bad = 0
    for n, path in enumerate(paths, 1):
        wrong = sorted(set(look(caller, path, context["users"])))
        bad += bool(wrong)
        good += not wrong
        print(f"{'not ' * bool(wrong)}ok {n} - {path}")
        for w in wrong:
            print("#  ", w)
    print(f"1..{len(paths)}")
    return 1 if bad or good < 60 else 0


sys.exit(main())
