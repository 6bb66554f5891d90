#!/usr/bin/python3
"""Compares the response times for identifiers with and without an account.

response_times.py --self-test
response_times.py STATE URL HASH SAMPLES [PORT]

For each endpoint, SAMPLES requests with identifiers of accounts and as many with
other identifiers are sent in random order, each identifier once. The
two-sample Kolmogorov-Smirnov test compares the two distributions of times. An
endpoint fails if p < LIMIT in each of three runs. As a control, the same test
must find that 1 ms was added to the times of the accounts. The last line is
"alike" or "differ" with endpoints, the line before it "detected" or "undetected":
then the machine is too busy to measure.

Times begin when the connection is established. Each request comes from another
network. Run it without earmark-jobs, whose work would be measured too. HASH is
the hash of the passwords of the accounts. PORT is that of t/doubles/oidc.js. The
seed is printed first. SEED sets it. ONLY selects endpoints by a part of the
title. EM_PASSWORD is the password of HASH; the clients of /user/email and
/user/phone sign in with it.

--self-test verifies the statistic with synthetic samples.
"""
import bisect
import fcntl
import http.client
import json
import math
import os
import random
import sqlite3
import sys
import time
import urllib.parse
import uuid

LIMIT = 0.001
RUNS = 3
DELAY = 0.001                   # of the control, in seconds
CLIENTS = 50                    # that are signed in


def distance(a, b):
    """Returns the largest difference of the two distribution functions."""
    a, b = sorted(a), sorted(b)
    return max(abs(bisect.bisect_right(a, x) / len(a) -
                   bisect.bisect_right(b, x) / len(b)) for x in a + b)


def survival(x):
    """Returns P(K > x) of the Kolmogorov distribution."""
    if x < 0.2:                 # the series converges slowly
        return 1.0
    total = sum((-1) ** (k - 1) * math.exp(-2 * (k * x) ** 2)
                for k in range(1, 101))
    return min(1.0, max(0.0, 2 * total))


def p_value(a, b):
    """Returns the asymptotic p-value, corrected for finite samples (Stephens)."""
    n = math.sqrt(len(a) * len(b) / (len(a) + len(b)))
    return survival((n + 0.12 + 0.11 / n) * distance(a, b))


def self_test():
    """Verifies the statistic. Nothing is measured."""
    assert distance([1, 2, 3], [1, 2, 3]) == 0
    assert distance([1, 2], [3, 4]) == 1
    assert abs(distance([1, 2, 3, 4], [3, 4, 5, 6]) - 0.5) < 1e-12
    assert abs(distance([1, 1, 1, 2], [1, 2, 2, 2]) - 0.5) < 1e-12
    # Quantiles of the Kolmogorov distribution.
    for x, p in ((0.8276, 0.5), (1.2238, 0.1), (1.3581, 0.05), (1.6276, 0.01),
                 (1.9495, 0.001)):
        assert abs(survival(x) - p) < p / 100, (x, survival(x))
    rnd = random.Random(1)

    def times(n, shift=0.0):
        """Returns times of a busy server: most short, a few long."""
        return [0.002 + shift + rnd.lognormvariate(-6.5, 0.8)
                for _ in range(n)]

    found = [p_value(times(200), times(200)) for _ in range(400)]
    for level in (0.01, 0.05, 0.2, 0.5):
        rate = sum(p < level for p in found) / len(found)
        spread = 4 * math.sqrt(level * (1 - level) / len(found))
        assert abs(rate - level) < spread, (level, rate)
    assert p_value(times(2000), times(2000)) > LIMIT
    assert p_value(times(2000, DELAY), times(2000)) < LIMIT
    assert p_value(times(2000, DELAY / 4), times(2000)) < LIMIT
    print("the statistic is correct")


class Service:
    def __init__(self, state, url, oidc):
        self.state, self.oidc = state, oidc
        self.where = urllib.parse.urlsplit(url)
        self.sent = 0
        self.tokens = []

    def sql(self, *statements):
        """Writes as the service does, with the writer lock."""
        with open(f"{self.state}/writer.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            db = sqlite3.connect(f"{self.state}/earmark.db", timeout=60)
            try:
                with db:
                    for text, args in statements:
                        db.execute(text, args)
            finally:
                db.close()

    def clear(self):
        """Deletes codes, messages and counters."""
        self.sql(*[(f"DELETE FROM {t}", ()) for t in (
            "otp", "otp_request", "throttle", "public_counter", "outbox",
            "contact_change")])

    def sign_in(self, password):
        """Signs CLIENTS users in, whose sign-in stays recent."""
        for i in range(CLIENTS):
            status, _, text = self.request(
                "/auth/login", {"identifier": f"client{i}",
                                "password": password})
            if status != 200:
                sys.exit(f"sign-in: {status}")
            self.tokens.append(json.loads(text)["access_token"])
        self.sql(("UPDATE device_session SET created_at = created_at + ?",
                  (10 ** 8,)))

    def post(self, path, body, signed=False):
        """Returns the status and the seconds until the response was read."""
        where = path[2:] if path.startswith("../") else "/auth/" + path
        token = self.tokens[self.sent % CLIENTS] if signed else None
        return self.request(where, body, token)[:2]

    def request(self, where, body, token=None):
        n = self.sent = self.sent + 1
        source = f"127.{4 + n // 50000}.{n // 250 % 200}.{1 + n % 250}"
        c = http.client.HTTPConnection(
            self.where.hostname, self.where.port, timeout=60,
            source_address=(source, 0))
        text = json.dumps(body)
        c.connect()
        begin = time.perf_counter()
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = "Bearer " + token
        c.request("POST", where, text, headers)
        r = c.getresponse()
        answer = r.read()
        spent = time.perf_counter() - begin
        c.close()
        return r.status, spent, answer

    def forge(self, who, address):
        """Returns an ID token with an address that is not verified."""
        c = http.client.HTTPConnection("127.0.0.1", self.oidc, timeout=60)
        c.request("POST", "/forge", json.dumps({"issuer": "a", "claims": {
            "sub": who, "email": address, "email_verified": False}}))
        text = c.getresponse().read().decode()
        c.close()
        return text


class Endpoint:
    """title; body(address, i, run): the path and the body of a request; status:
    the expected one; kind: of the addresses, a key of ADDRESSES; after: the
    endpoint that runs before it; signed: whether the client is signed in.
    """
    def __init__(self, title, body, status, kind, after=None, signed=False):
        self.title = f"{title} ({kind})"
        self.body, self.status, self.kind = body, status, kind
        self.after, self.signed = after, signed


# The addresses of accounts (0) and those without (1).
ADDRESSES = {
    "email": lambda account, i: f"{('known', 'other')[account]}{i}@example.org",
    "phone": lambda account, i: f"+91987{account}{i:06d}",
}


def endpoints_of(kind):
    """Returns the endpoints that take an identifier."""
    ask = Endpoint("/auth/login without a password", lambda a, i, run: (
        "login", {"identifier": a}), 202, kind)
    one = Endpoint("/auth/continue", lambda a, i, run: (
        "continue", {"identifier": a}), 202, kind)
    forgot = Endpoint("/auth/password/forgot", lambda a, i, run: (
        "password/forgot", {"identifier": a}), 202, kind)
    return [
        one,
        Endpoint("/auth/verify-otp", lambda a, i, run: (
            "verify-otp", {"identifier": a, "code": f"{i:06d}"}), 400, kind,
            one),
        ask,
        Endpoint("/auth/login with a password", lambda a, i, run: (
            "login", {"identifier": a, "password": "wrong-horse-1"}), 401,
            kind),
        Endpoint("/auth/resend-otp", lambda a, i, run: (
            "resend-otp", {"identifier": a, "purpose": "login"}), 202, kind),
        forgot,
        Endpoint("/auth/password/reset", lambda a, i, run: (
            "password/reset", {"identifier": a, "code": f"{i:06d}",
                               "new_password": "another-horse-8"}), 400, kind,
            forgot),
        Endpoint("/auth/register", lambda a, i, run: (
            "register", {"username": f"r{run}x{i}", kind: a,
                         "password": "correct-horse-1"}), 201, kind),
        Endpoint(f"/user/{kind}", lambda a, i, run: (
            f"../user/{kind}", {kind: a}), 202, kind, signed=True),
    ]


def endpoints(service):
    every = [e for kind in ADDRESSES for e in endpoints_of(kind)]
    if service.oidc is not None:
        every.append(Endpoint("/auth/id-token", lambda a, i, run: (
            "id-token", {"provider": "google", "id_token":
                         service.forge(f"s{run}x{i}", a)}), 201, "email"))
    return every


class Measurement:
    def __init__(self, service, samples, rnd):
        self.service, self.samples, self.rnd = service, samples, rnd
        self.run = 0

    def send(self, endpoint):
        """Sends all requests. Returns the times for accounts and for others."""
        self.run += 1
        times = ([], [])
        jobs = [(kind, i) for i in range(self.samples) for kind in (0, 1)]
        self.rnd.shuffle(jobs)
        for kind, i in jobs:
            address = ADDRESSES[endpoint.kind](kind, i)
            path, body = endpoint.body(address, 2 * i + kind, self.run)
            status, spent = self.service.post(path, body, endpoint.signed)
            if status != endpoint.status:
                sys.exit(f"{endpoint.title} {body}: {status}")
            times[kind].append(spent)
        return times

    def judge(self, endpoint):
        """Returns whether the times are alike, and whether the control was
        found, in one of the runs.
        """
        alike = found = False
        for _ in range(RUNS):
            self.service.clear()
            if endpoint.after is not None:
                self.send(endpoint.after)
            known, other = self.send(endpoint)
            p = p_value(known, other)
            control = p_value([t + DELAY for t in known], other)
            print(f"{endpoint.title}: p = {p:.4f}, with {DELAY * 1000:g} ms "
                  f"added {control:.2g}, median "
                  f"{sorted(known)[len(known) // 2] * 1000:.2f} and "
                  f"{sorted(other)[len(other) // 2] * 1000:.2f} ms",
                  flush=True)
            alike, found = alike or p >= LIMIT, found or control < LIMIT
            if alike and found:
                break
        return alike, found


def main():
    if sys.argv[1:] == ["--self-test"]:
        self_test()
        return
    state, url, password, samples = sys.argv[1:5]
    oidc = int(sys.argv[5]) if len(sys.argv) > 5 else None
    seed = int(os.environ.get("SEED") or
               random.SystemRandom().randrange(10 ** 9))
    print(f"SEED={seed}", flush=True)
    service = Service(state, url, oidc)
    now = int(time.time() * 1000)
    people = [(f"{kind}{i}", {kind: address(0, i)})
              for kind, address in ADDRESSES.items()
              for i in range(int(samples))]
    people += [(f"client{i}", {"email": f"client{i}@example.net"})
               for i in range(CLIENTS)]
    service.sql(*[(
        "INSERT INTO user(uuid, status, username, email, email_ok, phone,"
        " phone_ok, password, referral_code, created_at, updated_at)"
        " VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (uuid.uuid4().bytes, name, to.get("email"), "email" in to,
         to.get("phone"), "phone" in to, password, name, now, now))
        for name, to in people])
    service.sign_in(os.environ["EM_PASSWORD"])
    measurement = Measurement(service, int(samples), random.Random(seed))
    results = {e.title: measurement.judge(e) for e in endpoints(service)
               if os.environ.get("ONLY", "") in e.title}
    busy = [title for title, (_, found) in results.items() if not found]
    differ = [title for title, (alike, _) in results.items() if not alike]
    print("undetected:" if busy else "detected", *busy)
    print("differ:" if differ else "alike", *differ)


main()
