#!/usr/bin/python3
"""Makes backups during writes.

 backup.py load STATE BUILD MIB ROUNDS [MS]
 backup.py kill STATE BUILD KILLS [SEED]

 load   Fills the database to MIB. Writers write as fast as they can while ROUNDS
        backups are made. Each must be complete: integrity, ledger, and all
        writes acknowledged before its start. The slowest write during the
        backups (and one second after each, when the log is truncated) may be
        at most MS milliseconds slower than the slowest one in the same time
        without a backup. Without MS it is only printed.
 kill   Kills the command at random moments. All directories with the name of
        a backup must be complete, and the next backup removes the others.

Exits with 1 on errors.
"""
import json
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import seed
from money_fixtures import Bank
from fixtures import FIRST, Client

WRITERS = 8
AFTER = 1.0


def writer(state, n, go, out):
    """Alternates adjustments by an administrator and favorites."""
    world = Bank(state)
    client = Client(world, FIRST + n)
    admin = Client(world, FIRST - 1)
    took, acked = [], 0
    while go.value:
        if time.time() - admin.since > 600:
            client.signed_in()
            admin.signed_in()
        path = f"/api/flyers/{FIRST + n}/favorite/"
        for c, args, good in (
                (client, ("POST", path), (200, 201)),
                (client, ("DELETE", path), (204,)),
                (admin, ("POST", f"/admin/wallets/{FIRST + n}/adjust",
                         {"amount": 1, "reason": "load"}), (200,))):
            began = time.time()
            status, body = c.ask(*args)
            took.append((began, time.time() - began))
            if status not in good:
                raise SystemExit(f"{args[0]} {args[1]}: {status} {body[:200]}")
        acked += 1
        with out.get_lock():
            out[n] = acked
    with open(f"{state}/writer-{n}", "w") as f:
        json.dump(took, f)


def fill(bank, mib):
    with bank.writer() as db:
        now = int(time.time() * 1000)
        db.execute("INSERT INTO event(user_id, seq, type, at, data)"
                   " WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                   " WHERE i < ?) SELECT 7, i, 7, ?, hex(randomblob(1900))"
                   " FROM n", (mib * 256, now))


def settle(bank, most=20 << 20):
    """Waits until the log, which contains all these writes, is truncated."""
    end = time.time() + 60
    while os.stat(bank.db + "-wal").st_size > most:
        if time.time() > end:
            raise SystemExit("backup: the log is not truncated")
        time.sleep(0.1)


def check(path, acked):
    """Returns errors of a backup. acked: adjustments acknowledged before its
    start.
    """
    out = []
    db = sqlite3.connect(f"file:{path}/earmark.db?mode=ro", uri=True)
    got = db.execute("SELECT integrity_check FROM pragma_integrity_check"
                     ).fetchall()
    if got != [("ok",)]:
        out.append(f"integrity: {got[:3]}")
    got = db.execute("PRAGMA foreign_key_check").fetchall()
    if got:
        out.append(f"foreign keys: {got[:3]}")
    for n, want in enumerate(acked):
        have = db.execute("SELECT coalesce(sum(amount), 0) FROM entry"
                          " WHERE account_id = ?",
                          ((FIRST + n) * 16 + 1,)).fetchone()[0]
        if have < want:
            out.append(f"writer {n}: {want} acknowledged, {have} there")
    db.close()
    if subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"],
                      cwd=path).returncode:
        out.append("digests")
    return out


def slowest(took, spans):
    """Returns (maximum, 99.9 %, count) of writes that overlap any span."""
    hit = sorted(t for began, t in took
                 if any(began < b and began + t > a for a, b in spans))
    return (hit[-1], hit[len(hit) * 999 // 1000], len(hit)) if hit else (0, 0, 0)


def load(state, build, mib, rounds):
    bank = Bank(state, build)
    bank.fill()
    with bank.writer() as db:
        db.execute("UPDATE user SET roles = 7 WHERE id = ?", (FIRST,))
        db.execute("INSERT INTO user(id, uuid, status, roles, username,"
                   " referral_code, created_at, updated_at)"
                   " VALUES (?, ?, 1, 4, 'loader', 'LOADER', 1, 1)",
                   (FIRST - 1, os.urandom(16)))
        db.execute("INSERT INTO device_session(id, user_id, created_at,"
                   " used_at) VALUES (?, ?, 1, ?)",
                   (FIRST - 1, FIRST - 1, int(time.time() * 1000)))
    fill(bank, mib)
    settle(bank)
    go = multiprocessing.Value("b", 1)
    acked = multiprocessing.Array("q", WRITERS)
    procs = [multiprocessing.Process(target=writer, args=(state, n, go, acked))
             for n in range(WRITERS)]
    for p in procs:
        p.start()
    wrong, with_it, without, wal, sizes = [], [], [], 0, 0
    time.sleep(1)
    for _ in range(rounds):
        before, began = list(acked), time.time()
        p = subprocess.Popen([build + "/earmark", "-c", bank.conf, "backup"],
                             stdout=subprocess.PIPE, text=True)
        while p.poll() is None:
            wal = max(wal, os.stat(bank.db + "-wal").st_size)
            time.sleep(0.005)
        ended = time.time()
        path = p.stdout.read().strip()
        if p.returncode:
            wrong.append(f"earmark backup: {p.returncode}")
            break
        time.sleep(AFTER)
        with_it.append((began, ended + AFTER))
        # The same time without a backup.
        quiet = time.time()
        time.sleep(ended - began + AFTER)
        without.append((quiet, time.time()))
        sizes = os.stat(path + "/earmark.db").st_size
        wrong += check(path, before)
        time.sleep(0.2)
    go.value = 0
    for p in procs:
        p.join()
        if p.exitcode:
            wrong.append("a writer failed")
    took = []
    for n in range(WRITERS):
        with open(f"{state}/writer-{n}") as f:
            took += json.load(f)
    wrong += bank.wrong()
    during, quiet = slowest(took, with_it), slowest(took, without)
    lasted = sum(b - a - AFTER for a, b in with_it) / max(1, len(with_it))
    print(f"{len(with_it)} backups of {sizes >> 20} MiB, {lasted:.2f} s each;"
          f" log at most {wal >> 20} MiB; writes meanwhile: {during[2]},"
          f" slowest {during[0] * 1000:.0f} ms, 99.9 %"
          f" {during[1] * 1000:.0f} ms; in as much time without:"
          f" {quiet[2]}, slowest {quiet[0] * 1000:.0f} ms, 99.9 %"
          f" {quiet[1] * 1000:.0f} ms")
    return wrong, during[0], quiet[0]


def kill(state, build, kills):
    bank = Bank(state, build)
    fill(bank, 8)
    backups = state + "/backups"
    rnd = random.Random(seed.take())
    command = [build + "/earmark", "-c", bank.conf, "backup"]
    began = time.time()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    most = (time.time() - began) * 1.6
    wrong, whole, partial, done = [], 0, 0, 0
    while done < kills:
        had = {n for n in os.listdir(backups) if n.startswith("earmark-")}
        p = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        time.sleep(rnd.uniform(0, most))
        p.send_signal(signal.SIGKILL)
        p.wait()
        done += 1
        # Its child process dies when the kernel notices the death of its
        # parent.
        time.sleep(0.02)
        names = os.listdir(backups)
        for name in set(n for n in names if n.startswith("earmark-")) - had:
            whole += 1
            wrong += [f"{name}: {x}" for x in check(f"{backups}/{name}", [])]
        partial += any(n.startswith(".") for n in names)
        if wrong:
            break
    subprocess.run(command + ["--keep", "1"], check=True,
                   stdout=subprocess.DEVNULL)
    left = os.listdir(backups)
    if len(left) != 1 or left[0].startswith("."):
        wrong.append(f"leftover files: {left}")
    r = subprocess.run(command[:3] + ["drill"], stdout=subprocess.DEVNULL)
    if r.returncode:
        wrong.append("drill failed")
    print(f"{done} kills, {partial} in the middle, {whole} when"
          f" it was whole")
    if not partial:
        wrong.append("none was interrupted: nothing was tested")
    return wrong


def main(what, state, build, *rest):
    if what == "kill":
        wrong = kill(state, build, int(rest[0]))
    else:
        wrong, during, quiet = load(state, build, int(rest[0]), int(rest[1]))
        # Other load of the machine affects both times.
        if len(rest) > 2 and during > quiet + int(rest[2]) / 1000:
            wrong.append(f"a write took {during * 1000:.0f} ms")
        shutil.rmtree(state + "/backups")
    for x in wrong[:10]:
        print("FAILED:", x)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
