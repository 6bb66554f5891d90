#!/usr/bin/python3
"""Compares responses for an identifier of an account with those for an
unknown one.

enumeration.py STATE URL HASH [SEQUENCES]

Each sequence runs twice, step by step. In one world the probed address
belongs to an account whose username the client knows. In the other world that
account has another address, and no account has the probed one. A step is a
request with the username or the address, a passage of time, or a request of
the owner, who knows the codes and the password. Status, headers, body and the
number of executed statements must be the same.

HASH is the hash of the password of the accounts, "owners-horse-9". The seed
is printed first. SEED sets it.
"""
import email.utils
import fcntl
import glob
import http.client
import json
import os
import random
import sqlite3
import sys
import time
import urllib.parse
import uuid

STATE, URL, HASH = sys.argv[1:4]
SEQUENCES = int(sys.argv[4]) if len(sys.argv) > 4 else 36
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(10 ** 9))
PURPOSES = ("register", "login", "reset")
PENDING, ACTIVE, BANNED = 0, 1, 3
# A step may run two seconds later in one world than in the other.
SLACK = 2

# state: status, address kinds, verified, password, another registration
STATES = {
    "active by e-mail": (ACTIVE, "email", True, True, False),
    "active by phone": (ACTIVE, "phone", True, True, False),
    "active by both": (ACTIVE, "both", True, True, False),
    "active, e-mail not verified": (ACTIVE, "claim", True, True, False),
    "active without a password": (ACTIVE, "email", True, False, False),
    "banned": (BANNED, "email", True, True, False),
    "banned by phone": (BANNED, "phone", True, True, False),
    "unverified by e-mail": (PENDING, "email", False, True, False),
    "unverified by phone": (PENDING, "phone", False, True, False),
    "unverified by both": (PENDING, "both", False, True, False),
    "unverified twice": (PENDING, "email", False, True, True),
    "deleted": (2, "email", False, False, False),
}


def sql(text, *args):
    """Writes as the service does, with the writer lock."""
    with open(f"{STATE}/writer.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        db = sqlite3.connect(f"{STATE}/earmark.db", timeout=10)
        try:
            db.execute("PRAGMA foreign_keys = ON")
            with db:
                return db.execute(text, args).lastrowid
        finally:
            db.close()


def number(text):
    db = sqlite3.connect(f"file:{STATE}/earmark.db?mode=ro", uri=True,
                         timeout=10)
    try:
        return db.execute(text).fetchone()[0]
    finally:
        db.close()


class Client:
    def __init__(self):
        where = urllib.parse.urlsplit(URL)
        self.c = http.client.HTTPConnection(where.hostname, where.port,
                                            timeout=30)

    def post(self, path, **body):
        self.c.request("POST", "/auth/" + path, json.dumps(body),
                       {"Content-Type": "application/json"})
        r = self.c.getresponse()
        text = r.read()
        return Answer(r.status, r.getheaders(), text)


class Answer:
    def __init__(self, status, headers, text):
        self.status, self.text = status, text
        self.headers = {k.lower(): v for k, v in headers}
        self.id = self.headers.pop("x-request-id")
        self.date = self.headers.pop("date")
        self.wait = int(self.headers.pop("retry-after", -1))
        self.body = json.loads(text) if text else None

    def seconds(self, value):
        """Returns a time relative to that of the response."""
        then = time.strptime(value, "%Y-%m-%dT%H:%M:%SZ")
        now = email.utils.parsedate(self.date)
        return int(time.mktime(then) - time.mktime(now))

    def plain(self, world):
        """Returns the response without members that always differ, and its
        times.
        """
        times = [self.wait]
        headers = dict(self.headers)

        def walk(node):
            if not isinstance(node, dict):
                return node
            out = {}
            for name, value in node.items():
                if name in ("request_id", "user_id"):
                    continue
                if name == "expires_at":
                    times.append(self.seconds(value))
                elif name == "resend_after":
                    times.append(value)
                elif name == "username":
                    out[name] = world.plain(value)
                else:
                    out[name] = walk(value)
            return out

        body = walk(self.body)
        if self.body and ("user_id" in self.body or "expires_at" in self.body):
            headers.pop("content-length", None)
        return self.status, headers, body, times


class World:
    """One account and the probed address."""

    def __init__(self, letter, n, state, probe_phone, known):
        self.letter, self.n, self.known = letter, n, known
        status, kinds, verified, password, twice = STATES[state]
        self.name = f"u{letter}{n}"
        free = {"email": f"p{n}.{letter}.free@example.org",
                "phone": f"+919{'78'[letter == 'a']}{n:05d}4242"[:13]}
        own = {"email": f"p{n}.{letter}.own@example.org",
               "phone": f"+919{'34'[letter == 'a']}{n:05d}4242"[:13]}
        kind = "phone" if probe_phone else "email"
        if kinds not in ("both", "claim"):
            kind = kinds
        elif kinds == "claim":
            kind = "email"
        self.probe = (own if known else free)[kind]
        self.kind, self.registered, self.codes = kind, None, 0
        has_email = kinds != "phone"
        has_phone = kinds != "email"
        self.address = own["phone"] if has_phone else own["email"]
        if status == 2:
            return
        for name in (self.name, self.name + "x")[:1 + twice]:
            sql("INSERT INTO user(uuid, status, username, email, phone,"
                " email_ok, phone_ok, password, referral_code, created_at,"
                " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                uuid.uuid4().bytes, status, name,
                own["email"] if has_email else None,
                own["phone"] if has_phone else None,
                int(verified and kinds != "claim"), int(verified),
                HASH if password else None, name,
                int(time.time() * 1000), int(time.time() * 1000))

    def plain(self, username):
        return username.replace(f"r{self.letter}", "r")

    def named(self, who):
        if who == "registered":
            return self.registered or self.probe
        return self.name if who == "name" else self.probe


def code_to(world):
    """Returns the newest login code sent to the owner, if it is a new one."""
    end = time.time() + 30
    while number("SELECT count(*) FROM outbox WHERE state = 0") != 0:
        if time.time() > end:
            sys.exit("timeout: the outbox is not empty")
        time.sleep(0.02)
    code, n = None, 0
    if os.path.exists(f"{STATE}/outbox.jsonl"):
        with open(f"{STATE}/outbox.jsonl") as f:
            for line in f:
                message = json.loads(line)
                if (message["to"], message["template"]) == (
                        world.address, "otp_login"):
                    code, n = message["code"], n + 1
    fresh, world.codes = n > world.codes, n
    return code if fresh else None


def step(client, world, op):
    """Sends the request of a step. Returns None if the client cannot see it.
    """
    kind, who = op[0], op[1]
    identifier = world.named(who)
    if kind == "resend":
        return client.post("resend-otp", identifier=identifier, purpose=op[2])
    if kind == "ask":
        return client.post("login", identifier=identifier)
    if kind == "forgot":
        return client.post("password/forgot", identifier=identifier)
    if kind == "verify":
        return client.post("verify-otp", identifier=identifier, code=op[3],
                           purpose=op[2])
    if kind == "reset":
        return client.post("password/reset", identifier=identifier,
                           code=op[2], new_password="attackers-horse-1")
    if kind == "password":
        return client.post("login", identifier=identifier,
                           password="attackers-horse-2")
    if kind == "registered":
        return client.post("login", identifier=identifier,
                           password="attackers-horse-1")
    if kind == "register":
        world.registered = f"r{world.letter}{world.n}x{op[2]}"
        return client.post("register", username=world.registered,
                           password="attackers-horse-1",
                           **{world.kind: world.probe})
    if kind == "second":
        return client.post("register", username=f"r{world.letter}{world.n}"
                           f"y{op[2]}", password="attackers-horse-1",
                           phone=f"+918{'56'[world.letter == 'a']}"
                           f"{world.n:05d}{op[2]:02d}1",
                           email=world.probe)
    if kind == "owner":
        client.post("login", identifier=world.name, password="owners-horse-9")
        return None
    if kind == "code":
        client.post("login", identifier=world.name)
        code = code_to(world)
        if code is not None:
            client.post("verify-otp", identifier=world.name, code=code,
                        purpose="login")
        return None
    raise ValueError(kind)


def age(seconds):
    ms = seconds * 1000
    for table in ("otp", "otp_request"):
        sql(f"UPDATE {table} SET created_at = created_at - {ms},"
            f" expires_at = expires_at - {ms}")
    for table in ("throttle", "public_counter"):
        sql(f"UPDATE {table} SET ends_at = ends_at - {ms}")


def invent(rnd, kind):
    """Generates a sequence of a few kinds of steps, each repeated often."""
    whos = ["name", "probe", "probe", "registered"]

    def one(i):
        what = rnd.choice(("resend", "ask", "forgot", "verify", "verify",
                           "verify", "reset", "password", "password",
                           "register", "registered", "second", "owner",
                           "code", "age"))
        who, code = rnd.choice(whos), f"{rnd.randrange(10 ** 6):06d}"
        if what == "age":
            return what, rnd.choice((10, 31, 31, 31, 290, 600, 3600, 86400))
        if what == "second" and kind == "phone":
            what = "register"
        if what in ("register", "second"):
            return what, who, i
        if what in ("resend", "verify"):
            return what, who, rnd.choice(PURPOSES), code
        if what == "reset":
            return what, who, code
        return what, who

    few = [one(i) for i in range(rnd.choice((3, 4, 6, 12)))]
    steps = []
    for i in range(30):
        op = rnd.choice(few)
        if op[0] in ("register", "second"):
            op = (op[0], op[1], i)
        steps.append(op)
    return steps


READ = {}                       # position up to which each log was read


def statements(ids):
    """Returns the number of statements of each request from the log."""
    found, end = {}, time.time() + 20
    while ids - found.keys() and time.time() < end:
        for name in glob.glob(f"{STATE}/log/*.log"):
            with open(name, errors="replace") as f:
                f.seek(READ.get(name, 0))
                text = f.read()
                text = text[:text.rfind("\n") + 1]
                READ[name] = READ.get(name, 0) + len(text.encode())
            for line in text.splitlines():
                if '"sql":' in line:
                    row = json.loads(line[line.index("{"):])
                    found[row["id"]] = row["sql"]
        time.sleep(0.01)
    return found


def differ(one, two, worlds):
    a, b = one.plain(worlds[0]), two.plain(worlds[1])
    if a[:3] != b[:3] or len(a[3]) != len(b[3]) or any(
            abs(x - y) > SLACK for x, y in zip(a[3], b[3])):
        return f"{a}\n{b}"
    return None


def fail(n, state, steps, text):
    print(f"sequence {n}, account {state}:")
    for op in steps:
        print("   ", op)
    print(text)
    sys.exit(1)


def main():
    print(f"SEED={SEED}")
    client, seen = Client(), {}
    names = sorted(STATES)
    for n in range(SEQUENCES):
        rnd = random.Random(SEED * 1000003 + n)
        state = names[n % len(names)]
        phone = rnd.random() < 0.5
        worlds = [World("a", n, state, phone, True),
                  World("b", n, state, phone, False)]
        steps, done, pairs = invent(rnd, worlds[0].kind), [], []
        for op in steps:
            done.append(op)
            if op[0] == "age":
                age(op[1])
                continue
            answers = [step(client, w, op) for w in worlds]
            if answers[0] is None:
                continue
            wrong = differ(answers[0], answers[1], worlds)
            if wrong:
                fail(n, state, done, wrong)
            key = (op[0], answers[0].status,
                   (answers[0].body or {}).get("error", ""))
            seen[key] = seen.get(key, 0) + 1
            pairs.append((op, answers[0].id, answers[1].id))
        counts = statements({i for p in pairs for i in p[1:]})
        for i, (op, a, b) in enumerate(pairs):
            if a not in counts or b not in counts:
                fail(n, state, done, f"not in the log: {op}")
            if counts[a] != counts[b]:
                fail(n, state, [p[0] for p in pairs[:i + 1]],
                     f"{op}: {counts[a]} and {counts[b]} statements")
        for table in ("otp", "otp_request", "throttle", "public_counter"):
            sql(f"DELETE FROM {table}")
    for key in sorted(seen):
        print(*key, seen[key])


main()
