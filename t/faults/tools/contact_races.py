#!/usr/bin/python3
"""Signs up, changes addresses and undoes changes in parallel.

contact_races.py STATE URL ROUNDS

Each round sends 100 requests at once that ask for codes of a few addresses,
then 100 that use these codes, then 100 that use the links in the notices or
change addresses again. After each step, no two accounts have the same verified
address, and every active account can sign in. SEED selects the requests.
"""
import concurrent.futures
import http.client
import json
import os
import random
import re
import sqlite3
import sys
import time
import urllib.parse

STATE, URL, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3])
PARALLEL, ADDRESSES, USERS = 100, 6, 12
rnd = random.Random(int(os.environ["SEED"]))
where = urllib.parse.urlsplit(URL)
seen = {}


def post(source, path, bearer=None, **body):
    """Returns the status and the body of a response."""
    c = http.client.HTTPConnection(where.hostname, where.port, timeout=120,
                                   source_address=(source, 0))
    headers = {"Content-Type": "application/json"}
    if bearer:
        headers["Authorization"] = "Bearer " + bearer
    try:
        c.request("POST", path, json.dumps(body), headers)
        r = c.getresponse()
        text = r.read()
        key = f"{path} {r.status}"
        seen[key] = seen.get(key, 0) + 1
        if r.status >= 500 and r.status != 503:
            sys.exit(f"{path}: {r.status} {text!r}")
        return r.status, json.loads(text) if text else {}
    finally:
        c.close()


def rows(text):
    db = sqlite3.connect(f"file:{STATE}/earmark.db?mode=ro", uri=True,
                         timeout=30)
    try:
        return db.execute(text).fetchall()
    finally:
        db.close()


def messages():
    """Returns all messages when none is waiting."""
    end = time.time() + 300
    while rows("SELECT count(*) FROM outbox WHERE state = 0")[0][0]:
        if time.time() > end:
            sys.exit("timeout: the outbox is not empty")
        time.sleep(0.1)
    with open(f"{STATE}/outbox.jsonl") as f:
        return [json.loads(line) for line in f]


def check(step):
    twice = rows("SELECT email FROM user WHERE email_ok = 1 AND email IS NOT"
                 " NULL AND status <> 2 GROUP BY lower(email)"
                 " HAVING count(*) > 1")
    lost = rows("SELECT id, username FROM user WHERE status = 1 AND password IS"
                " NULL AND (email IS NULL OR email_ok = 0)"
                " AND (phone IS NULL OR phone_ok = 0)")
    if twice or lost:
        sys.exit(f"{step}: shared {twice}, without sign-in {lost}")


def source(n):
    return f"127.3.{n % 250}.{1 + n % 200}"


def together(jobs):
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        return list(pool.map(lambda job: job(), jobs))


class User:
    def __init__(self, n):
        self.n, self.address = n, f"user{n}@example.org"
        self.token = self.wanted = None

    def sign_in(self):
        status, _ = post(source(self.n), "/auth/continue",
                         identifier=self.address)
        return status

    def enter(self, codes):
        status, body = post(source(self.n), "/auth/verify-otp",
                            identifier=self.address,
                            code=codes.get(self.address, "000000"))
        self.token = body.get("access_token")
        return status


def newest(template):
    return {m["to"]: m["code"] for m in messages() if m["template"] == template}


def links():
    found = []
    for m in messages():
        if m["template"] == "contact_undo":
            found += re.findall(r"/restore/([\w-]{43})", m["body"])
    return found


def sign_up(n, address):
    return lambda: post(source(n), "/auth/continue", identifier=address)


def use(n, address, codes):
    return lambda: post(source(n), "/auth/verify-otp", identifier=address,
                        code=codes.get(address, "000000"))


def change(user, n, address):
    def run():
        if post(source(n), "/user/email", user.token, email=address)[0] == 202:
            user.wanted = address
    return run


def confirm(user, n, codes):
    return lambda: post(source(n), "/user/email/verify", user.token,
                        code=codes.get(user.wanted, "000000"))


def one_round(number):
    users = [User(number * 1000 + n) for n in range(USERS)]
    together([u.sign_in for u in users])
    codes = newest("otp_continue")
    together([lambda u=u: u.enter(codes) for u in users])
    if any(u.token is None for u in users):
        sys.exit("a user could not sign up")
    shared = [f"shared{number}x{n}@example.org" for n in range(ADDRESSES)]
    free = [f"free{number}x{n}@example.org" for n in range(USERS)]
    some = shared * 3 + free + [u.address for u in users]
    jobs = [sign_up(100 + n, rnd.choice(shared)) for n in range(PARALLEL // 2)]
    jobs += [change(rnd.choice(users), 200 + n, rnd.choice(some))
             for n in range(PARALLEL // 2)]
    rnd.shuffle(jobs)
    together(jobs)
    check("requests")
    codes, changed = newest("otp_continue"), newest("otp_contact")
    jobs = [use(100 + n, rnd.choice(shared), codes)
            for n in range(PARALLEL // 2)]
    jobs += [confirm(users[n % USERS], 200 + n, changed)
             for n in range(PARALLEL // 2)]
    rnd.shuffle(jobs)
    together(jobs)
    check("codes")
    tokens = links()
    jobs = [lambda n=n, t=t: post(source(n), "/user/restore", token=t)
            for n, t in enumerate(tokens + tokens)]
    jobs += [change(rnd.choice(users), 300 + n, rnd.choice(some))
             for n in range(max(0, PARALLEL - len(jobs)))]
    rnd.shuffle(jobs)
    together(jobs)
    check("links")


def main():
    for number in range(ROUNDS):
        one_round(number)
    for key in sorted(seen):
        print(key, seen[key])
    for want in ("/auth/verify-otp 201", "/user/email/verify 200",
                 "/user/restore 204"):
        if want not in seen:
            sys.exit(f"not reached: {want}")


main()
