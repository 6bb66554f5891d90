#!/usr/bin/python3
"""Signs up, changes addresses, undoes changes and links identities in parallel.

contact_races.py STATE URL ROUNDS [PORT]

Each round sends 100 requests at once that ask for codes of a few addresses,
then 100 that use these codes, then 100 that use the links in the notices or
change addresses again. With the port of t/doubles/oidc.js, the second and third
step have as many requests that sign in by a provider with these addresses, and
link and remove a few identities, also of accounts without an address. After each
step, no two accounts have the same verified address, and every active account
can sign in. SEED selects the requests.
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
PORT = int(sys.argv[4]) if len(sys.argv) > 4 else None
PARALLEL, ADDRESSES, USERS = 100, 6, 12
rnd = random.Random(int(os.environ["SEED"]))
where = urllib.parse.urlsplit(URL)
seen = {}


def post(source, path, bearer=None, method="POST", **body):
    """Returns the status and the body of a response."""
    c = http.client.HTTPConnection(where.hostname, where.port, timeout=120,
                                   source_address=(source, 0))
    headers = {"Content-Type": "application/json"}
    if bearer:
        headers["Authorization"] = "Bearer " + bearer
    try:
        c.request(method, path, json.dumps(body) if body else None, headers)
        r = c.getresponse()
        text = r.read()
        key = re.sub(r"/\d+$", "/{id}", path) + f" {r.status}"
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
                " AND (phone IS NULL OR phone_ok = 0)"
                " AND id NOT IN (SELECT user_id FROM identity)")
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


def forge(subject, email, serial):
    """Returns an ID token of the provider a."""
    c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=120)
    claims = {"sub": subject, "jti": serial}
    if email:
        claims.update(email=email, email_verified=True)
    c.request("POST", "/forge", json.dumps({"issuer": "a", "claims": claims}))
    text = c.getresponse().read().decode()
    c.close()
    return text


def by_provider(n, subject, email):
    token = forge(subject, email, rnd.getrandbits(60))
    return lambda: post(source(n), "/auth/id-token", provider="google",
                        id_token=token)


def link(bearer, n, subject):
    token = forge(subject, None, rnd.getrandbits(60))
    return lambda: post(source(n), "/auth/identities", bearer,
                        provider="google", id_token=token)


def unlink(bearer, n):
    """Removes all identities of an account, one after the other."""
    def run():
        _, body = post(source(n), "/auth/identities", bearer, "GET")
        for one in body.get("identities", []):
            post(source(n), f"/auth/identities/{one['id']}", bearer, "DELETE")
    return run


def identity_jobs(number, base, users, nameless, some):
    if PORT is None:
        return []
    names = [f"sub{number}x{n}" for n in range(ADDRESSES)]
    bearers = [u.token for u in users] + nameless
    jobs = [by_provider(base + n, rnd.choice(names), rnd.choice(some + [None]))
            for n in range(PARALLEL // 4)]
    jobs += [link(rnd.choice(bearers), base + n, rnd.choice(names))
             for n in range(PARALLEL // 4)]
    jobs += [unlink(rnd.choice(bearers), base + n)
             for n in range(PARALLEL // 2)]
    return jobs


def nameless_users(number):
    """Signs in accounts that have nothing but an identity."""
    if PORT is None:
        return []
    found = together([by_provider(n, f"only{number}x{n}", None)
                      for n in range(ADDRESSES)])
    return [body["access_token"] for _, body in found]


def one_round(number):
    users = [User(number * 1000 + n) for n in range(USERS)]
    together([u.sign_in for u in users])
    codes = newest("otp_continue")
    together([lambda u=u: u.enter(codes) for u in users])
    if any(u.token is None for u in users):
        sys.exit("a user could not sign up")
    nameless = nameless_users(number)
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
    jobs += identity_jobs(number, 300, users, nameless, some)
    rnd.shuffle(jobs)
    together(jobs)
    check("codes")
    tokens = links()
    jobs = [lambda n=n, t=t: post(source(n), "/user/restore", token=t)
            for n, t in enumerate(tokens + tokens)]
    jobs += [change(rnd.choice(users), 300 + n, rnd.choice(some))
             for n in range(max(0, PARALLEL - len(jobs)))]
    jobs += identity_jobs(number, 500, users, nameless, some)
    rnd.shuffle(jobs)
    together(jobs)
    check("links")


def main():
    for number in range(ROUNDS):
        one_round(number)
    for key in sorted(seen):
        print(key, seen[key])
    wanted = ["/auth/verify-otp 201", "/user/email/verify 200",
              "/user/restore 204"]
    if PORT is not None:
        wanted += ["/auth/id-token 200", "/auth/identities 201",
                   "/auth/identities/{id} 204", "/auth/identities/{id} 409"]
    for want in wanted:
        if want not in seen:
            sys.exit(f"not reached: {want}")


main()
