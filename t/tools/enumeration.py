#!/usr/bin/python3
"""Compares responses for an identifier of an account with those for an
unknown one.

enumeration.py STATE URL HASH [SEQUENCES [PORT]]

Each sequence runs twice, step by step. In one world the probed address
belongs to an account whose username the client knows. In the other world that
account has another address, and no account has the probed one. A step is a
request with the username or the address, a passage of time, or a request of
the owner, who knows the codes and the password. Status, headers, body and the
number of executed statements must be the same.

Clients are in two networks. The owner is in the first of them. Each world has
networks of its own.

With the port of t/doubles/oidc.js, a client also signs in with accounts of
providers that have the probed address but have not verified it.

The sequences of DIRECTED run first. Each must reach the responses that it
names. SEQUENCES random ones follow.

HASH is the hash of the password of the accounts, "correct-horse-9". The seed
is printed first. SEED sets it.
"""
import email.utils
import fcntl
import glob
import http.client
import json
import os
import random
import re
import sqlite3
import sys
import time
import urllib.parse
import uuid

STATE, URL, HASH = sys.argv[1:4]
SEQUENCES = int(sys.argv[4]) if len(sys.argv) > 4 else 36
PORT = int(sys.argv[5]) if len(sys.argv) > 5 else None
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(10 ** 9))
PURPOSES = ("register", "login", "reset", "continue", None)
PENDING, ACTIVE, BANNED = 0, 1, 3
NEAR, FAR = 0, 1                # networks

# Time stands still between two steps (see Clock). All passages of time are
# multiples of UNIT, whose multiples are at least four seconds away from every
# period of the service (30 s, 300 s, 900 s, an hour, a day). So the duration of
# requests changes no response except for a few seconds in times.
UNIT = 19
PASSAGES = (UNIT, 2 * UNIT, 2 * UNIT, 2 * UNIT, 16 * UNIT, 48 * UNIT,
            190 * UNIT, 4548 * UNIT)
SLACK = 4

# state: status, address kinds, verified, password, another registration
STATES = {
    "active by e-mail": (ACTIVE, "email", True, True, False),
    "active by phone": (ACTIVE, "phone", True, True, False),
    "active by both": (ACTIVE, "both", True, True, False),
    "active, e-mail not verified": (ACTIVE, "claim", True, True, False),
    "active without a password": (ACTIVE, "email", True, False, False),
    "active with a second factor": (ACTIVE, "email", True, True, False),
    "banned": (BANNED, "email", True, True, False),
    "banned by phone": (BANNED, "phone", True, True, False),
    "unverified by e-mail": (PENDING, "email", False, True, False),
    "unverified by phone": (PENDING, "phone", False, True, False),
    "unverified by both": (PENDING, "both", False, True, False),
    "unverified twice": (PENDING, "email", False, True, True),
    "deleted": (2, "email", False, False, False),
}


class Writer:
    """A transaction with the writer lock, as the service writes. There is one
    connection, because a new one needs 6 ms for the schema.
    """
    db = None

    def __enter__(self):
        self.lock = open(f"{STATE}/writer.lock")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        return connection().__enter__()

    def __exit__(self, *why):
        connection().__exit__(*why)
        self.lock.close()


def connection():
    if Writer.db is None:
        Writer.db = sqlite3.connect(f"{STATE}/earmark.db", timeout=10)
        Writer.db.execute("PRAGMA foreign_keys = ON")
        Writer.db.execute("PRAGMA wal_autocheckpoint = 0")
    return Writer.db


def sql(text, *args):
    with Writer() as db:
        return db.execute(text, args).lastrowid


def number(text):
    return connection().execute(text).fetchall()[0][0]


class Clock:
    """Moves the counters and codes in time."""

    def __init__(self):
        self.at = time.time()

    def move(self, seconds):
        ms = int(seconds * 1000)
        with Writer() as db:
            for table in ("otp", "otp_request"):
                db.execute(f"UPDATE {table} SET created_at = created_at"
                           f" - {ms}, expires_at = expires_at - {ms}")
            for table in ("throttle", "public_counter"):
                db.execute(f"UPDATE {table} SET ends_at = ends_at - {ms}")

    def stop(self):
        """Undoes the time that has passed since the last call."""
        now = time.time()
        self.move(self.at - now)
        self.at = now


class Client:
    """The clients of a world."""

    def __init__(self, letter):
        self.net = "127.1" if letter == "a" else "127.2"

    def post(self, network, path, **body):
        where = urllib.parse.urlsplit(URL)
        c = http.client.HTTPConnection(
            where.hostname, where.port, timeout=30,
            source_address=(f"{self.net}.{network}.1", 0))
        try:
            c.request("POST", "/auth/" + path, json.dumps(body),
                      {"Content-Type": "application/json"})
            r = c.getresponse()
            text = r.read()
            return Answer(r.status, r.getheaders(), text)
        finally:
            c.close()


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
                if name in ("request_id", "user_id", "uuid", "access_token",
                            "refresh_token", "created_at", "referral_code"):
                    continue
                if name == "expires_at":
                    times.append(self.seconds(value))
                elif name == "resend_after":
                    times.append(value)
                elif name in ("username", "email", "phone", "sent_to"):
                    out[name] = world.plain(value)
                else:
                    out[name] = walk(value)
            return out

        body = walk(self.body)
        if self.body and {"user_id", "expires_at", "user"} & set(self.body):
            headers.pop("content-length", None)
        return self.status, headers, body, times


class World:
    """One account and the probed address."""

    def __init__(self, letter, n, state, probe_phone, known):
        self.letter, self.n, self.known = letter, n, known
        self.client = Client(letter)
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
        self.kind, self.registered, self.codes = kind, None, {}
        self.mine, self.mine_phone = f"m{letter}{n}", None
        has_email = kinds != "phone"
        has_phone = kinds != "email"
        self.address = own["phone"] if has_phone else own["email"]
        if status == 2:
            return
        for name in (self.name, self.name + "x")[:1 + twice]:
            self.user = sql(
                "INSERT INTO user(uuid, status, username, email, phone,"
                " email_ok, phone_ok, password, referral_code, created_at,"
                " updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                uuid.uuid4().bytes, status, name,
                own["email"] if has_email else None,
                own["phone"] if has_phone else None,
                int(verified and kinds != "claim"), int(verified),
                HASH if password else None, name,
                int(time.time() * 1000), int(time.time() * 1000))
        if "second factor" in state:
            sql("INSERT INTO totp(user_id, secret, created_at, confirmed_at)"
                " VALUES (?, randomblob(60), 1, 1)", self.user)

    def plain(self, text):
        """Returns a text of a response without what names the world."""
        if text is None:
            return None
        for own, common in ((self.probe, "PROBE"),
                            (f"m{self.letter}{self.n}", "m"),
                            (f"r{self.letter}{self.n}", "r")):
            text = text.replace(own, common)
        if re.fullmatch(r"user_[0-9a-z]{10}", text):
            return "GENERATED"
        # The address is masked, or that of the client's own telephone.
        return "PHONE" if text.startswith("+") else text

    def named(self, who):
        return {"registered": self.registered or self.probe,
                "name": self.name, "mine": self.mine,
                "probe": self.probe}[who]


def code_to(world, address, template):
    """Returns the newest code sent to an address, if it is a new one."""
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
                        address, template):
                    code, n = message["code"], n + 1
    fresh = n > world.codes.get(template, 0)
    world.codes[template] = n
    return code if fresh else None


def forge(world, issuer, i):
    """Returns an ID token with the probed address. One provider says that it
    has not verified the address, the other one says nothing.
    """
    claims = {"sub": f"{world.name}x{i}", "jti": random.getrandbits(60)}
    if world.kind == "email":
        claims["email"] = world.probe
        if issuer == "a":
            claims["email_verified"] = False
    c = http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
    c.request("POST", "/forge", json.dumps(
        {"issuer": issuer, "claims": claims}))
    text = c.getresponse().read().decode()
    c.close()
    return text


def step(world, op):
    """Sends the request of a step: a kind, a network, an identifier and
    arguments. Returns None if the client cannot see the response.
    """
    kind, network, who, *args = op
    identifier = world.named(who)

    def post(path, **body):
        return world.client.post(network, path, **body)

    if kind == "resend":
        return post("resend-otp", identifier=identifier, purpose=args[0])
    if kind == "ask":
        return post("login", identifier=identifier)
    if kind == "continue":
        return post("continue", identifier=identifier)
    if kind == "forgot":
        return post("password/forgot", identifier=identifier)
    if kind == "verify":
        more = {"purpose": args[0]} if args[0] else {}
        return post("verify-otp", identifier=identifier, code=args[1], **more)
    if kind == "reset":
        return post("password/reset", identifier=identifier, code=args[0],
                    new_password="attackers-horse-1")
    if kind == "password":
        return post("login", identifier=identifier,
                    password="attackers-horse-2")
    if kind == "spray":         # an identifier that no account has
        return post("login", identifier=f"nobody{args[0]}",
                    password="attackers-horse-2")
    if kind == "registered":
        return post("login", identifier=identifier,
                    password="attackers-horse-1")
    if kind == "mfa":           # a client without a challenge guesses one
        return post("mfa", mfa_token=f"{args[0]:043d}", code="123456")
    if kind == "link":
        return post("link", token=f"{args[0]:043d}")
    if kind == "token":
        issuer, i = args
        return post("id-token", provider={"a": "google", "c": "other"}[issuer],
                    id_token=forge(world, issuer, i))
    if kind == "register":
        world.registered = f"r{world.letter}{world.n}x{args[0]}"
        return post("register", username=world.registered,
                    password="attackers-horse-1",
                    **{world.kind: world.probe})
    if kind == "second":        # with the client's own telephone
        world.mine = f"m{world.letter}{world.n}y{args[0]}"
        world.mine_phone = (f"+918{'56'[world.letter == 'a']}"
                            f"{world.n:05d}{args[0]:02d}1")
        return post("register", username=world.mine, email=world.probe,
                    phone=world.mine_phone, password="attackers-horse-1")
    if kind == "mine":          # uses the code of "second"
        code = code_to(world, world.mine_phone, "otp_register")
        return post("verify-otp", identifier=identifier, purpose="register",
                    code=code or "000000")
    if kind == "owner":
        world.client.post(NEAR, "login", identifier=world.name,
                          password="correct-horse-9")
        return None
    if kind == "code":
        path, template = args[0] if args else ("login", "otp_login")
        world.client.post(NEAR, path, identifier=world.name)
        code = code_to(world, world.address, template)
        if code is not None:
            world.client.post(NEAR, "verify-otp", identifier=world.name,
                              code=code)
        return None
    raise ValueError(kind)


def times(n, *ops):
    return list(ops) * n


def wrong(n, who, purpose, network=NEAR):
    return [("verify", network, who, purpose, f"{i:06d}") for i in range(n)]


SOON = ("age", 2 * UNIT)
OWNER, CODE = ("owner", NEAR, "name"), ("code", NEAR, "name")
ALIKE = ("active by e-mail", "active by both", "active, e-mail not verified")

GUESSES = [("mfa", NEAR, "probe", 1), ("link", NEAR, "probe", 1),
           ("password", NEAR, "probe"), ("mfa", FAR, "probe", 2)]
TOKENS = [("token", NEAR, "probe", "a", 1), ("token", NEAR, "probe", "c", 1),
          ("ask", NEAR, "probe"), ("token", FAR, "probe", "a", 1),
          ("token", NEAR, "probe", "c", 2), ("continue", FAR, "probe")]

# What is tried, the states of the account, the steps, and responses that they
# reach.
DIRECTED = [
    ("wrong passwords", ("active by e-mail", "unverified twice", "banned"),
     times(11, ("password", NEAR, "probe")) +
     times(11, ("password", FAR, "name")),
     {"password 401 invalid_credentials", "password 429 rate_limited"}),
    ("wrong passwords for the address, then a sign-in of the owner",
     ALIKE + ("unverified by e-mail", "unverified by both"),
     times(6, ("password", NEAR, "probe")) +
     times(6, ("password", NEAR, "name")) + [OWNER] +
     times(10, ("password", NEAR, "name")) +
     [("ask", FAR, "name")] + wrong(1, "name", "register", FAR),
     {"password 401 invalid_credentials"}),
    ("the same, from other networks", ALIKE + ("unverified by both",),
     times(10, ("password", FAR, "probe")) +
     times(6, ("password", NEAR, "name")) + [OWNER] +
     times(10, ("password", NEAR, "name")) +
     [("resend", NEAR, "name", "register")] +
     wrong(1, "name", "register", FAR),
     {"password 401 invalid_credentials"}),
    ("wrong passwords of a network", ALIKE,
     [("spray", NEAR, "name", i) for i in range(14)] +
     times(10, ("password", FAR, "probe")) + [OWNER] +
     times(7, ("password", NEAR, "probe")),
     {"spray 401 invalid_credentials", "password 429 rate_limited"}),
    ("wrong codes of the address, then a code of the owner", ALIKE,
     times(2, ("ask", FAR, "probe"), *wrong(5, "probe", "login", FAR),
           SOON) + [("ask", NEAR, "name"), SOON, CODE] +
     wrong(3, "name", "login"),
     {"ask 202", "verify 400 otp_invalid"}),
    ("wrong codes", ("active by phone", "deleted", "active by e-mail"),
     wrong(1, "probe", "login") + [("ask", NEAR, "probe")] +
     wrong(6, "probe", "login") +
     [SOON, ("ask", NEAR, "probe")] + wrong(6, "probe", "login"),
     {"verify 400 otp_expired", "verify 400 otp_invalid",
      "verify 429 otp_locked"}),
    ("wrong codes of a network", ("active by e-mail", "active by phone"),
     times(20, *wrong(1, "name", "login")) + wrong(2, "probe", "login") +
     wrong(1, "probe", "login", FAR),
     {"verify 400 otp_expired", "verify 429 otp_locked"}),
    ("requests for codes", ("active by e-mail", "banned by phone"),
     times(11, ("ask", NEAR, "probe"), ("ask", NEAR, "probe"), SOON) +
     [("ask", FAR, "probe")],
     {"ask 202", "ask 429 rate_limited"}),
    ("one form", tuple(sorted(STATES)),
     wrong(1, "probe", None) + [("continue", NEAR, "probe"),
      ("continue", NEAR, "probe")] + wrong(6, "probe", None) +
     [SOON, ("continue", FAR, "name"), ("continue", FAR, "probe")] +
     wrong(3, "probe", "continue", FAR) + wrong(2, "name", None, FAR) +
     [SOON, ("ask", NEAR, "probe"), SOON,
      ("code", NEAR, "name", ("continue", "otp_continue"))] +
     wrong(2, "probe", None) + [SOON, ("register", NEAR, "probe", 1), SOON,
      ("continue", NEAR, "probe")] + wrong(2, "probe", None),
     {"continue 202", "continue 429 rate_limited", "verify 400 otp_expired",
      "verify 400 otp_invalid", "verify 429 otp_locked"}),
    ("one form, and the limits of networks",
     ("active by e-mail", "active by phone", "unverified by phone"),
     times(17, ("continue", NEAR, "probe"), ("register", NEAR, "probe", 1),
           SOON),
     {"continue 202", "continue 429 rate_limited"}),
    ("further codes of a registration",
     ("unverified by e-mail", "unverified by phone", "unverified by both"),
     times(11, ("resend", NEAR, "probe", "register"),
           ("resend", NEAR, "probe", "register"), SOON),
     {"resend 202", "resend 429 rate_limited"}),
    ("a new password", ("active by e-mail", "active without a password"),
     [("reset", NEAR, "probe", "000000"), ("forgot", NEAR, "probe"),
      ("forgot", NEAR, "probe")] +
     times(6, ("reset", NEAR, "probe", "000001")),
     {"reset 400 otp_expired", "reset 400 otp_invalid",
      "reset 429 otp_locked", "forgot 202", "forgot 429 rate_limited"}),
    ("registrations with the address", tuple(sorted(STATES)),
     [("registered", NEAR, "registered"), ("register", NEAR, "probe", 1),
      ("registered", NEAR, "registered"), ("registered", NEAR, "probe"),
      ("register", NEAR, "probe", 1), SOON, ("register", NEAR, "probe", 2),
      ("resend", NEAR, "registered", "register"), SOON,
      ("resend", NEAR, "registered", "register"),
      ("registered", FAR, "registered"), ("registered", FAR, "probe"), OWNER] +
     wrong(6, "registered", "register") + wrong(6, "probe", "register", FAR),
     {"register 201", "registered 401 invalid_credentials",
      "registered 403 verification_required",
      "register 409 username_taken", "resend 202"}),
    ("registrations of a network", ALIKE[:1] + ("active by phone",),
     [("register", NEAR, "probe", i) for i in range(17)],
     {"register 201", "register 429 rate_limited"}),
    ("a telephone of the client and the address",
     ("active by e-mail", "unverified by e-mail", "unverified twice"),
     [("second", NEAR, "probe", 1), ("mine", NEAR, "probe"),
      ("registered", NEAR, "probe"), ("ask", NEAR, "probe"),
      ("ask", NEAR, "mine"), ("second", FAR, "probe", 2),
      ("mine", FAR, "mine"), ("registered", FAR, "probe"), OWNER],
     {"second 201", "mine 200"}),
    ("second factors and links",
     ("active by e-mail", "active with a second factor", "deleted"), GUESSES + [OWNER] +
     GUESSES,
     {"mfa 401 mfa_token_invalid", "link 404 link_invalid",
      "password 401 invalid_credentials"}),
]
if PORT is not None:
    DIRECTED.append(
        ("ID tokens with an address that is not verified",
         ("active by e-mail", "active with a second factor", "banned",
          "active, e-mail not verified", "unverified by e-mail", "deleted"),
         TOKENS + [OWNER] + TOKENS,
         {"token 201", "token 200", "ask 202"}))


def invent(rnd, kind):
    """Generates a sequence of a few kinds of steps, each repeated often."""
    whos = ["name", "probe", "probe", "registered"]

    def one(i):
        what = rnd.choice(("resend", "ask", "forgot", "continue", "continue", "verify", "verify",
                           "verify", "reset", "password", "password",
                           "register", "registered", "second", "mine",
                           "spray", "owner", "code", "age", "mfa", "link")
                          + ("token",) * (PORT is not None))
        who, code = rnd.choice(whos), f"{rnd.randrange(10 ** 6):06d}"
        network = rnd.choice((NEAR, NEAR, FAR))
        if what == "age":
            return what, rnd.choice(PASSAGES)
        if what in ("second", "mine") and kind == "phone":
            what = "register"
        if what == "mine":
            who = rnd.choice(("probe", "mine"))
        if what == "token":
            return what, network, "probe", rnd.choice("ac"), rnd.randrange(3)
        if what in ("register", "second", "spray", "mfa", "link"):
            return what, network, who, i
        if what == "resend":
            return what, network, who, rnd.choice(PURPOSES[:-1])
        if what == "verify":
            return what, network, who, rnd.choice(PURPOSES), code
        if what == "reset":
            return what, network, who, code
        return what, network, who

    few = [one(i) for i in range(rnd.choice((3, 4, 6, 12)))]
    steps = []
    for i in range(30):
        op = rnd.choice(few)
        if op[0] in ("register", "second", "spray"):
            op = op[:3] + (i,)
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


class Sequences:
    def __init__(self):
        self.clock, self.n, self.seen = Clock(), 0, {}

    def run(self, state, phone, invented):
        """Runs a sequence. Returns the responses that it has reached."""
        # Some limits of codes by SMS belong to the hour of the clock.
        if time.time() % 3600 > 3540:
            time.sleep(3601 - time.time() % 3600)
        worlds = [World("a", self.n, state, phone, True),
                  World("b", self.n, state, phone, False)]
        done, pairs, reached = [], [], set()
        self.clock.at = time.time()
        for op in invented(worlds[0].kind):
            done.append(op)
            if op[0] == "age":
                self.clock.move(op[1])
                continue
            self.clock.stop()
            answers = [step(w, op) for w in worlds]
            if answers[0] is None:
                continue
            wrong = differ(answers[0], answers[1], worlds)
            if wrong:
                fail(self.n, state, done, wrong)
            key = " ".join((op[0], str(answers[0].status),
                            (answers[0].body or {}).get("error", ""))).strip()
            reached.add(key)
            self.seen[key] = self.seen.get(key, 0) + 1
            pairs.append((op, answers[0].id, answers[1].id))
        counts = statements({i for p in pairs for i in p[1:]})
        for i, (op, a, b) in enumerate(pairs):
            if a not in counts or b not in counts:
                fail(self.n, state, done, f"not in the log: {op}")
            if counts[a] != counts[b]:
                fail(self.n, state, [p[0] for p in pairs[:i + 1]],
                     f"{op}: {counts[a]} and {counts[b]} statements")
        for table in ("otp", "otp_request", "throttle", "public_counter"):
            sql(f"DELETE FROM {table}")
        self.n += 1
        return reached


def main():
    print(f"SEED={SEED}", flush=True)
    sequences = Sequences()
    for title, states, steps, want in DIRECTED:
        reached = set()
        for state in states:
            reached |= sequences.run(state, False, lambda kind: steps)
        if not want <= reached:
            print(f"{title}: not reached: {sorted(want - reached)}")
            print(f"reached: {sorted(reached)}")
            sys.exit(1)
    names = sorted(STATES)
    for n in range(SEQUENCES):
        rnd = random.Random(SEED * 1000003 + n)
        sequences.run(names[n % len(names)], rnd.random() < 0.5,
                      lambda kind: invent(rnd, kind))
    for key in sorted(sequences.seen):
        print(key, sequences.seen[key])


main()
