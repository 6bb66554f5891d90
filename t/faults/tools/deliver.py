#!/usr/bin/python3
"""Kills earmark-jobs repeatedly while it sends messages.

deliver.py STATE BUILD LOG MAILS MESSAGES KILLS

Queues MESSAGES messages of three channels. Starts the jobs, and kills all
their processes (SIGKILL) after a random part of the remaining messages.
Messages claimed by dead processes become due again. At the end each message
must have been sent. Repeated messages must not be more than were in progress
at the kills, and all must be marked as sent. The doubles store messages in
LOG and MAILS. Exits with 1 on errors.
"""
import collections
import contextlib
import fcntl
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import time

import seed

# Messages that a channel sends in parallel. See cmd/jobs/message_dispatcher.c
# and the drivers.
PARALLEL_MAX = {"sms": 16, "email": 4, "push": 32}
CHANNELS = {"sms": 1, "email": 2, "push": 3}


class Jobs:
    def __init__(self, state, build, log, mails):
        self.state, self.build = state, build
        self.log, self.mails = log, mails
        self.db = sqlite3.connect(f"{state}/earmark.db", isolation_level=None,
                                  timeout=30)

    def write(self, sql, *args):
        with open(f"{self.state}/writer.lock", "w", encoding="ascii") as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            self.db.execute("BEGIN IMMEDIATE")
            self.db.execute(sql, args)
            self.db.execute("COMMIT")

    def fill(self, n):
        now = int(time.time() * 1000)
        self.write("INSERT OR IGNORE INTO push_device(token, user_id,"
                   " platform, kind, created_at, used_at)"
                   " VALUES ('good-1', 1, 0, 0, 1, ?)", now)
        self.write("DELETE FROM outbox")
        self.write(
            "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
            " WHERE i < ?1) INSERT INTO outbox(id, channel, user_id, recipient,"
            " template, title, body, data, due_at, expires_at, created_at)"
            " SELECT i, 1 + i % 3, 1, CASE i % 3 WHEN 0 THEN '+15550123'"
            " WHEN 1 THEN 'a@example.org' ELSE 'good-1' END, 'a_test',"
            " 'Title', 'n' || i, '{\"notification_id\":' || i || '}', 0, ?2, 0"
            " FROM n", n, now + 86400000)

    def waiting(self):
        return self.db.execute("SELECT count(*) FROM outbox WHERE state = 0"
                               ).fetchone()[0]

    def start(self):
        with open(f"{self.state}/log/jobs.log", "ab") as err:
            return subprocess.Popen(
                [f"{self.build}/earmark-jobs", "-c",
                 f"{self.state}/earmark.conf"], stderr=err,
                start_new_session=True)

    @staticmethod
    def runs(pid):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as f:
                return f.read().rsplit(")", 1)[1].split()[0] != "Z"
        except (FileNotFoundError, ProcessLookupError):
            return False

    def kill(self, p):
        with open(f"/proc/{p.pid}/task/{p.pid}/children",
                  encoding="ascii") as f:
            pids = [p.pid] + [int(x) for x in f.read().split()]
        random.shuffle(pids)
        for pid in pids:
            # A child ends by itself if its parent was killed first.
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        p.wait()
        for pid in pids:
            while self.runs(pid):
                time.sleep(0.005)

    def got(self):
        """Returns how often the providers got each message, by channel."""
        out = {channel: collections.Counter() for channel in CHANNELS}
        with open(self.log, encoding="utf-8") as f:
            for line in f:
                e = json.loads(line)
                if e["what"] == "sms":
                    out["sms"][int(e["id"][4:])] += 1
                elif e["what"] == "fcm":
                    out["push"][int(e["message"]["data"]["notification_id"]
                                    )] += 1
        with open(self.mails, encoding="utf-8") as f:
            for line in f:
                text = json.loads(line)["text"]
                out["email"][int(re.search(r"\r\n\r\nn(\d+)", text)[1])] += 1
        return out

    def lines(self):
        return sum(os.path.getsize(x) for x in (self.log, self.mails))


def run(jobs, n, kills):
    """Sends all messages. Returns the number of kills in progress, and the
    seconds.
    """
    began, struck = time.time(), 0
    while True:
        p = jobs.start()
        left = jobs.waiting()
        part = left if struck == kills else min(left, random.randint(
            1, max(1, 2 * left // (kills - struck + 1))))
        first = jobs.lines()
        # All messages may have been sent before the last kill.
        while (now := jobs.waiting()) > left - part or (
                now > 0 and struck < kills and jobs.lines() == first):
            time.sleep(0.002)
            if time.time() > began + 240:
                raise SystemExit(f"{jobs.waiting()} of {n} never sent")
        if struck == kills:
            p.terminate()
            p.wait()
            return struck, time.time() - began
        time.sleep(random.uniform(0, 0.02))
        jobs.kill(p)
        struck += 1


def main(state, build, log, mails, n, kills):
    random.seed(seed.take())
    jobs = Jobs(state, build, log, mails)
    jobs.fill(n)
    struck, seconds = run(jobs, n, kills)
    wrong, more = [], {}
    for channel, counts in jobs.got().items():
        want = {i for i in range(1, n + 1) if 1 + i % 3 == CHANNELS[channel]}
        more[channel] = sum(counts.values()) - len(counts)
        if set(counts) != want:
            wrong.append(f"{channel}: {len(want - set(counts))} never came,"
                         f" {len(set(counts) - want)} unknown")
        if more[channel] > struck * PARALLEL_MAX[channel]:
            wrong.append(f"{channel}: {more[channel]} too many")
    marked = jobs.db.execute("SELECT count(*) FROM outbox WHERE state = 1"
                             " AND recipient IS NULL AND body IS NULL"
                             ).fetchone()[0]
    if marked != n:
        wrong.append(f"{marked} of {n} are marked")
    print(f"{n} messages, {struck} kills, {seconds:.1f} s; twice: "
          + ", ".join(f"{channel} {k}" for channel, k in more.items()))
    for x in wrong:
        print("FAILED:", x)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5], int(sys.argv[5]), int(sys.argv[6])))
