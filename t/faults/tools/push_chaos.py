#!/usr/bin/python3
"""Sends messages while all providers fail in random ways.

push_chaos.py STATE BUILD LOG APNS MAILS N RINGS

Queues N messages for SMS, e-mail, FCM and APNs, starts the jobs, and inserts
RINGS calls in between. The doubles fail for a part of the requests, also for
access tokens: no response, 429, 500, 503, a reset, or the end of the connection
or of TLS; the mail server fails as its description says. Each message must reach
its provider and be marked as sent. Each ring must be attempted, and must reach
the provider before it expires or be recorded as not sent. Prints how long a ring
took from its commit to the first request to the provider. With
EARMARK_FAULT=full, 99 % of the rings must take less than 300 ms; they begin when
the first message has reached FCM, because the jobs start without an access token.
Otherwise, the rings begin at once, and the jobs are restarted when the mail server
has rejected the account, as an operator would, because e-mail pauses for a minute.
"""
import collections
import contextlib
import fcntl
import json
import os
import random
import socket
import sqlite3
import subprocess
import sys
import time

import seed

FCM_DEVICES, APNS_DEVICES = 40, 40
LIMIT = 0.3  # s
FULL = os.environ.get("EARMARK_FAULT") == "full"
PATIENCE = 1800 if FULL else 300  # s


class Outbox:
    def __init__(self, state):
        self.state = state
        self.db = sqlite3.connect(f"{state}/earmark.db", isolation_level=None,
                                  timeout=30)
        self.wakeup = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)

    def write(self, *statements):
        """Commits, and wakes the jobs as a worker does."""
        with open(f"{self.state}/writer.lock", "w", encoding="ascii") as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            self.db.execute("BEGIN IMMEDIATE")
            for sql, *args in statements:
                self.db.execute(sql, args)
            self.db.execute("COMMIT")
        with contextlib.suppress(OSError):
            self.wakeup.sendto(b"", f"{self.state}/run/jobs.sock")
        return time.time()

    def count(self, where):
        return self.db.execute(f"SELECT count(*) FROM outbox WHERE {where}"
                               ).fetchone()[0]

    def fill(self, n):
        now = int(time.time() * 1000)
        rows = [("INSERT INTO push_device(token, user_id, platform, kind,"
                 " channel, created_at, used_at) VALUES (?1, 1, ?2, 0, ?3, 1,"
                 " ?4)", token, platform, channel, now)
                for token, platform, channel in
                [(f"good-{i}", 0, 0) for i in range(FCM_DEVICES)] +
                [(f"aa{i:06x}", 1, 1) for i in range(APNS_DEVICES)]]
        rows.append((
            "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
            " WHERE i < ?1) INSERT INTO outbox(id, channel, provider, user_id,"
            " recipient, template, title, body, data, due_at, expires_at,"
            " created_at)"
            " SELECT i, CASE i % 4 WHEN 0 THEN 1 WHEN 3 THEN 2 ELSE 3 END,"
            " i % 4 = 2, 1, CASE i % 4"
            " WHEN 0 THEN '+15550123' WHEN 1 THEN 'good-' || (i % ?3)"
            " WHEN 2 THEN printf('aa%06x', i % ?4)"
            " ELSE 'a' || i || '@example.org' END, 'a_test', 'Title', 'n' || i,"
            " '{\"notification_id\":' || i || '}', 0, ?2, 0 FROM n",
            n, now + 80000000, FCM_DEVICES, APNS_DEVICES))
        self.write(*rows)

    def ring(self, number):
        """Inserts a call. Returns the time of the commit."""
        now = int(time.time() * 1000)
        apns = number % 2
        return self.write((
            "INSERT INTO outbox(channel, provider, user_id, recipient,"
            " template, title, body, data, urgent, due_at, expires_at,"
            " created_at) VALUES (3, ?1, 1, ?2, 'call_incoming', 'Call', 'x',"
            " ?3, 1, ?4, ?4 + 45000, ?4)", apns,
            "aa000001" if apns else "good-1",
            json.dumps({"type": "call.incoming", "call_id": number}), now))

    def rings(self):
        """Returns state, error and expiry (s) of each ring, by its number."""
        return {number: (state, error, expires / 1000) for
                number, state, error, expires in self.db.execute(
                    "SELECT row_number() OVER (ORDER BY id), state, error,"
                    " expires_at FROM outbox WHERE urgent = 1")}


def lines(*names):
    for name in names:
        with open(name, encoding="utf-8") as f:
            for line in f:
                with contextlib.suppress(ValueError):
                    yield json.loads(line)


def delivered(log, apns, mails):
    """Returns how often each message was accepted, and for each ring the times
    when it was first requested and first accepted.
    """
    counts, rings, accepted = collections.Counter(), {}, {}
    for e in lines(log):
        if e["what"] == "sms":
            counts[int(e["id"][4:])] += 1
        elif e["what"] == "accepted":
            count(counts, e["message"]["data"])
            ring(accepted, e["at"], e["message"]["data"])
        elif e["what"] == "arrived":
            ring(rings, e["at"], json.loads(e["raw"]).get(
                "message", {}).get("data", {}))
    for e in lines(apns):
        if e["what"] == "arrived":
            ring(rings, e["at"] / 1000, json.loads(e["raw"])["data"])
        elif e["status"] == 200:
            count(counts, e["body"]["data"])
            ring(accepted, e["at"] / 1000, e["body"]["data"])
    for e in lines(mails):
        if "to" in e:
            counts[int(e["to"][0][1:].partition("@")[0])] += 1
    return counts, rings, accepted


def count(counts, data):
    if "notification_id" in data:
        counts[int(data["notification_id"])] += 1


def ring(rings, at, data):
    if "call_id" in data:
        number = int(data["call_id"])
        rings[number] = min(rings.get(number, at), at)


def has_token(log):
    """Returns whether the jobs have sent a message with an access token."""
    return any(e["what"] == "arrived" and "message" in json.loads(e["raw"])
               for e in lines(log))


def judge_rings(rings, accepted):
    """Returns how many rings were lost: marked as sent although no provider
    accepted them in time, or not sent without an error.
    """
    return sum(not (accepted.get(number, expires) < expires) if state == 1
               else state != 2 or not error
               for number, (state, error, expires) in rings.items())


def rejections(mails):
    """Returns how often the mail server has rejected the account."""
    return sum(e.get("account", False) for e in lines(mails))


class Jobs:
    def __init__(self, state, build):
        self.state, self.build = state, build
        self.start()

    def start(self):
        with open(f"{self.state}/log/jobs.log", "ab") as err:
            self.process = subprocess.Popen(
                [f"{self.build}/earmark-jobs", "-c",
                 f"{self.state}/earmark.conf"], stderr=err)

    def stop(self):
        self.process.terminate()
        self.process.wait()


def run(box, jobs, log, mails, n, rings):
    """Sends everything. Returns the commit times of the rings."""
    began, committed, known = time.time(), {}, 0
    ready = not FULL
    while box.count("state = 0") > 0 or len(committed) < rings:
        # A message that waits for its next attempt is due now.
        if random.random() < 0.2:
            box.write(("UPDATE outbox SET due_at = min(due_at, ?1)"
                       " WHERE state = 0 AND leased_until = 0",
                       int(time.time() * 1000)))
        ready = ready or has_token(log)
        if ready and len(committed) < rings:
            number = len(committed) + 1
            committed[number] = box.ring(number)
        time.sleep(random.uniform(0, 0.1))
        if not FULL and rejections(mails) > known:
            known = rejections(mails)
            jobs.stop()
            jobs.start()
        if time.time() > began + PATIENCE:
            raise SystemExit(f"{box.count('state = 0')} of {n} never sent")
    return committed


def main(state, build, log, apns, mails, n, rings):
    random.seed(seed.take())
    box = Outbox(state)
    box.fill(n)
    jobs = Jobs(state, build)
    try:
        began = time.time()
        committed = run(box, jobs, log, mails, n, rings)
    finally:
        jobs.stop()
    counts, seen, accepted = delivered(log, apns, mails)
    wrong = []
    lost = set(range(1, n + 1)) - set(counts)
    if lost:
        wrong.append(f"{len(lost)} messages never came")
    if box.count(f"state <> 1 AND id <= {n}") > 0:
        wrong.append("some messages are not marked as sent")
    absent = set(committed) - set(seen)
    if absent:
        wrong.append(f"{len(absent)} of {rings} rings were not attempted")
    states = box.rings()
    lost = judge_rings(states, accepted)
    if lost > 0 or len(states) != rings:
        wrong.append(f"{lost} of {rings} rings did not arrive in time")
    expired = sum(state == 2 for state, _, _ in states.values())
    if expired > rings // (100 if FULL else 4):
        wrong.append(f"{expired} of {rings} rings were not sent")
    faults = collections.Counter(e["of"] for e in lines(log)
                                 if e["what"] == "fault")
    if faults["token"] == 0:
        wrong.append("no request for an access token failed")
    waits = sorted(seen[k] - committed[k] for k in committed if k in seen)
    p99 = waits[min(len(waits) - 1, int(len(waits) * 0.99))]
    if FULL and p99 > LIMIT:
        wrong.append(f"99 % of the rings took up to {p99:.3f} s")
    print(f"{n} messages in {time.time() - began:.1f} s,"
          f" {sum(counts.values()) - len(counts)} repeated; {rings} rings,"
          f" median {waits[len(waits) // 2] * 1000:.0f} ms,"
          f" 99 % {p99 * 1000:.0f} ms, max {waits[-1] * 1000:.0f} ms;"
          f" {expired} not sent; {sum('phase' in e for e in lines(mails))}"
          f" faults of e-mail, {faults['token']} of access tokens,"
          f" {faults['message']} of FCM and SMS")
    for x in wrong:
        print("FAILED:", x)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:6], int(sys.argv[6]), int(sys.argv[7])))
