#!/usr/bin/python3
"""Simulates power failures.

 powercut.py commits PROGRAM FOLDER [--commits N] [--cuts N]
 powercut.py service STATE FOLDER [--commits N] [--cuts N]
 powercut.py money PROGRAM FOLDER ...
 powercut.py money-service STATE FOLDER ...

A trace of system calls (strace) contains all writes and syncs of the database
and its log, and the acknowledgment of each commit. The power fails at random
moments of the trace: each 512-byte sector not synced by then may have been
written or not, in any order. SQLite opens the result and recovers as after a
real failure. All acknowledged commits must exist completely, and the file
must be valid.

`commits` traces t/faults/tools/commits. `service` traces the workers and jobs
of a running service that saves favorites. A response 201 with the id of the
favorite is an acknowledgment. `money` and `money-service` do the same with
top-ups, sessions and redemptions. Then `earmark ledger verify` must also
succeed.

Prints: cuts N lost N worst N unsound N (worst: acknowledged commits that one
failure lost).
"""
import argparse
import contextlib
import fcntl
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

import seed

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "tools"))
import tokenizer                                        # noqa: E402

sys.dont_write_bytecode = True

SECTOR = 512
CALLS = "pwrite64,write,writev,ftruncate,fdatasync,fsync"
LINE = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?:\((\d+)<([^>]*)>(.*)"
                  r"| resumed>(.*))$")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
DONE = re.compile(r"\) += (-?\d+)")
NUMBERS = re.compile(r'", (\d+)(?:, (\d+))?\)')


def unhex(text):
    return bytes.fromhex(text.replace("\\x", ""))


def path_of(text):
    return unhex(text).decode(errors="replace") if "\\x" in text else text


class Disk:
    """One file: its synced content, and its pending writes."""

    def __init__(self, content):
        self.safe = bytearray(content)
        self.waiting = []                   # (offset, bytes), (length, None)

    @staticmethod
    def put(image, offset, data):
        if len(image) < offset + len(data):
            image.extend(bytes(offset + len(data) - len(image)))
        image[offset:offset + len(data)] = data

    def apply(self, image, op, keep):
        at, data = op
        if data is None:
            if keep():
                del image[at:]
                image.extend(bytes(at - len(image)))
            return
        end = at + len(data)
        while at < end:
            stop = min(end, (at // SECTOR + 1) * SECTOR)
            if keep():
                self.put(image, at, data[at - op[0]:stop - op[0]])
            at = stop

    def sync(self):
        for op in self.waiting:
            self.apply(self.safe, op, lambda: True)
        self.waiting = []

    def after_cut(self, keep):
        image = bytearray(self.safe)
        for op in self.waiting:
            self.apply(image, op, keep)
        return bytes(image)


def events(trace):
    """Yields ('write', path, offset, bytes), ('cut', path, length), ('sync',
    path), ('out', bytes) in the order of their effect.
    """
    begun = {}
    with open(trace) as f:
        for text in f:
            m = LINE.match(text)
            if not m:
                continue
            pid, call, _, path, rest, resumed = m.groups()
            if resumed is not None:
                if (pid, call) not in begun:
                    continue
                path, rest = begun.pop((pid, call))
                rest += resumed
            elif rest.endswith("<unfinished ...>"):
                begun[pid, call] = path, rest[:-len(" <unfinished ...>")]
                continue
            done = DONE.search(rest)
            if not done or int(done[1]) < 0:
                continue
            path = path_of(path)
            if call in ("fdatasync", "fsync"):
                yield "sync", path
            elif call == "ftruncate":
                yield "cut", path, int(re.search(r", (\d+)\)", rest)[1])
            else:
                # writev() has several texts.
                data = unhex("".join(TEXT.findall(rest)))[:int(done[1])]
                if call == "pwrite64":
                    yield ("write", path, int(NUMBERS.search(rest)[2]),
                           data)
                else:
                    yield "out", data


def replay(all_events, db, before, cuts, rnd, judge, folder):
    """Replays the trace. Simulates failures at random events and checks each
    image.
    """
    names = (db, db + "-wal")
    disks = {}
    for name, copy in zip(names, before):
        content = b""
        if os.path.exists(copy):
            with open(copy, "rb") as f:
                content = f.read()
        disks[name] = Disk(content)
    told = b""
    # Only moments at which the files change are used.
    moments = sorted(rnd.choice(range(len(all_events))) for _ in range(cuts))
    found = []
    for i, e in enumerate(all_events):
        if e[0] == "out":
            told += e[1]
        elif e[1] in disks:
            disk = disks[e[1]]
            if e[0] == "sync":
                disk.sync()
            else:
                disk.waiting.append((e[2], e[3] if e[0] == "write" else None))
        while moments and moments[0] == i:
            moments.pop(0)
            odds = rnd.choice((0.0, 0.1, 0.5, 0.9, 1.0))
            keep = lambda: rnd.random() < odds     # noqa: E731
            image = os.path.join(folder, "after.db")
            for name, tail in zip(names, ("", "-wal")):
                with open(image + tail, "wb") as f:
                    f.write(disks[name].after_cut(keep))
            if os.path.exists(image + "-shm"):
                os.unlink(image + "-shm")
            found.append(judge(image, told))
    return found


def sound(db):
    return db.execute("PRAGMA integrity_check").fetchone()[0] == "ok" and \
        not db.execute("PRAGMA foreign_key_check").fetchone() and \
        not db.execute(
            "SELECT 1 FROM favoritable AS e WHERE favorites_count <> (SELECT"
            " count(*) FROM favorite AS f WHERE f.kind = e.kind AND"
            " f.entity_id = e.id) UNION ALL SELECT 1 FROM favorite_total AS t"
            " WHERE n <> (SELECT count(*) FROM favorite AS f WHERE"
            " f.user_id = t.user_id AND f.kind = t.kind)").fetchone()


def judged(image, lost, also=lambda db: True):
    """Returns (lost acknowledged commits, whether the file is valid)."""
    try:
        db = sqlite3.connect(image)
        try:
            gone = lost(db)
            return gone, sound(db) and also(db)
        finally:
            db.close()
    except sqlite3.DatabaseError:
        return 0, False


def judge_commits(image, told):
    """Commits are sequential, so the existing ones must be the first ones."""
    acks = [tuple(map(int, s.split()[1:]))
            for s in told.decode().splitlines() if s.startswith("ACK")]

    def lost(db):
        log = db.execute("SELECT seq, user_id, entity_id, action"
                         " FROM favorite_log ORDER BY seq").fetchall()
        pairs = set(db.execute("SELECT user_id, entity_id FROM favorite"))
        want = set()
        for n, (seq, user, flyer, saved) in enumerate(log):
            if n < len(acks) and acks[n][1:] != (user, flyer, saved):
                return len(acks) - n
            (want.add if saved else want.discard)((user, flyer))
        if pairs != want:
            return len(acks)
        return max(0, len(acks) - len(log))
    return judged(image, lost)


# Acknowledged operations, and their counts in a database. T: top-ups, S:
# started sessions, E: ended sessions, R: redemptions, P: created payments.
COUNTS = {
    "T": "SELECT count(*) FROM transfer WHERE type = 1",
    "S": "SELECT count(*) FROM session",
    "E": "SELECT count(*) FROM session WHERE state = 1",
    "R": "SELECT count(*) FROM redemption",
    "P": "SELECT count(*) FROM payment WHERE ref IS NOT NULL",
}
ONE = {
    "T": "SELECT 1 FROM transfer WHERE type = 1 AND reference = :id",
    "S": "SELECT 1 FROM session WHERE id = :id AND customer_id = :user",
    "E": "SELECT 1 FROM session WHERE id = :id AND state = 1",
    "R": "SELECT 1 FROM redemption WHERE user_id = :user AND n = :id",
    "P": "SELECT 1 FROM payment WHERE id = :id AND user_id = :user",
}
SAID = {
    "T": re.compile(rb'\{"received":\s*true'),
    "S": re.compile(rb'Status: 201[^{]*\{"session_id":'),
    "E": re.compile(rb'Status: 200[^{]*\{[^}]*"billed_minutes":'),
    "R": re.compile(rb'Status: 20[01][^{]*\{[^}]*"code":\s*"FAULT"'),
}


def ledger_is_good(image, build, conf):
    """Returns a check that `earmark ledger verify` succeeds. It uses a copy,
    because the program changes the log.
    """
    import money

    def also(db):
        if money.wrong_in(db):
            return False
        with open(image + ".conf", "w") as f:
            f.write(f"[paths]\ndb_file = {image}\n"
                    f"lock_file = {image}.lock\nkey_file = {conf}/key\n")
        return subprocess.run(
            [build + "/earmark", "-c", image + ".conf", "ledger", "verify"],
            stdout=subprocess.DEVNULL).returncode == 0
    return also


def judge_money(image, told, also):
    acks = [s.split()[2:] for s in told.decode().splitlines()
            if s.startswith("ACK")]
    return judged(image, lambda db: sum(
        not db.execute(ONE[what], {"user": user, "id": number}).fetchone()
        for what, user, number in acks), also)


def judge_money_service(image, told, also):
    return judged(image, lambda db: sum(
        max(0, len(said.findall(told)) -
            db.execute(COUNTS[what]).fetchone()[0])
        for what, said in SAID.items()), also)


ANSWER = re.compile(rb'Status: 201[^{]*\{"id":\s*(\d+)')


def judge_service(image, told):
    acked = {int(n) for n in ANSWER.findall(told)}

    def lost(db):
        have = {n for n, in db.execute("SELECT id FROM favorite")}
        return len(acked - have)
    return judged(image, lost)


def make_database(folder, build):
    """Creates a migrated database with users and flyers 1..20, listeners
    21..40 and a promotion.
    """
    with open(folder + "/key", "w") as f:
        f.write("00112233445566778899aabbccddeeff" * 2 + "\n")
    os.chmod(folder + "/key", 0o600)
    with open(folder + "/earmark.conf", "w") as f:
        f.write("[billing]\nfree_seconds = 0\n")
    subprocess.run([build + "/earmark", "-c", folder + "/earmark.conf",
                    "migrate"], check=True, stdout=subprocess.DEVNULL)
    db = tokenizer.load(sqlite3.connect(folder + "/earmark.db"))
    for i in range(1, 41):
        db.execute("INSERT INTO user(id, uuid, status, roles, username,"
                   " referral_code, created_at, updated_at)"
                   " VALUES (?, ?, 1, ?, ?, ?, 0, 0)",
                   (i, os.urandom(16), 1 if i <= 20 else 3, f"user{i}",
                    f"CUT{i}"))
    for i in range(21, 41):
        db.execute("INSERT INTO listener(user_id, rate_per_minute, languages,"
                   " registered_at) VALUES (?, 100, 'en', 0)", (i,))
        db.execute("UPDATE listener SET verification = 1 WHERE user_id = ?",
                   (i,))
        db.execute("UPDATE presence SET status = 1,"
                   " online_until = 4102444800000 WHERE user_id = ?", (i,))
    db.execute("INSERT INTO promotion(code, kind, value, per_user, budget,"
               " created_at) VALUES ('FAULT', 1, 70, 1000000, 1000000000000,"
               " 0)")
    for i in range(1, 21):
        db.execute("INSERT INTO flyer(id, publisher_id, title, created_at,"
                   " updated_at) VALUES (?, 1, 'flyer', 0, 0)", (i,))
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def trace_commits(program, folder, commits, seed, *more):
    shutil.copy(folder + "/earmark.db", folder + "/before.db")
    with open(folder + "/out", "w") as out:
        subprocess.run(
            ["strace", "-f", "-y", "-xx", "-s", "70000", "-e",
             "trace=" + CALLS, "-e", "signal=none", "-o", folder + "/trace",
             program, folder + "/earmark.db", folder + "/writer.lock",
             str(commits), str(seed), *more], check=True, stdout=out)


def attach(pids, trace, errors):
    """Attaches strace to processes. Returns when all are traced."""
    p = subprocess.Popen(
        ["strace", "-y", "-xx", "-s", "70000", "-e", "trace=" + CALLS, "-e",
         "signal=none", "-o", trace] +
        [x for pid in pids for x in ("-p", str(pid))],
        stdout=subprocess.DEVNULL, stderr=errors)
    end = time.time() + 60
    while time.time() < end and p.poll() is None:
        with open(errors.name) as f:
            if f.read().count("attached") >= len(pids):
                return p
        time.sleep(0.02)
    p.kill()
    raise SystemExit("powercut: strace could not attach")


def wait_asleep(pids):
    """Waits until strace has written down the last call of each process. A
    process that sleeps does not wait for strace.
    """
    for pid in pids:
        while open(f"/proc/{pid}/stat").read().rsplit(") ", 1)[1][0] != "S":
            time.sleep(0.01)


@contextlib.contextmanager
def traced(world, folder, *pools):
    """Traces workers and jobs from a moment of which copies are kept."""
    import fixtures as w
    pids = w.machine.tree(int(open(world.state + "/run/jobs.pid").read()))
    for pool in pools:
        pids += world.all_workers(pool)
    # The writer lock prevents writes, so that all copies are of one moment.
    with open(folder + "/strace.err", "w") as errors, \
            open(world.state + "/writer.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        tracer = attach(pids, folder + "/trace", errors)
        for tail in ("", "-wal"):
            shutil.copy(world.db + tail, folder + "/before.db" + tail)
        fcntl.flock(lock, fcntl.LOCK_UN)
        yield
        wait_asleep(pids)
        tracer.send_signal(signal.SIGINT)
        tracer.wait()


def together(clients, status, requests):
    """Sends a request by each client, then reads all responses. Returns the
    bodies.
    """
    for c, request in zip(clients, requests):
        c.send(*request)
    answers = [c.answer() for c in clients]
    for got, body in answers:
        if got not in status:
            raise SystemExit(f"powercut: {got} {body}")
    return [json.loads(body) for _, body in answers]


def trace_service(state, folder, commits):
    import fixtures as w
    world = w.World(state)
    world.fill(60, 50)
    with traced(world, folder, "favorites"):
        clients = [w.Client(world, w.FIRST + n, 60) for n in range(16)]
        rounds = commits // len(clients) + 1
        for n in range(rounds):
            entity = w.FIRST + n % world.things
            if n % world.things == 0 and n > 0:
                clients = [w.Client(world, w.FIRST + 16 * (n // world.things)
                                    + k, 60) for k in range(16)]
            together(clients, (201,), [
                ("POST", f"/api/flyers/{entity}/favorite/")] * 16)
    return world.db, rounds * 16


def trace_money(state, folder, commits):
    """Runs rounds of a top-up, a start, an end and a redemption by 16 users.
    """
    import money
    from fixtures import FIRST, Client
    world = money.Money(state)
    world.fill_money(16)
    people = [Client(world, FIRST + n, 60) for n in range(16)]
    rounds = commits // 64 + 1
    payments = [[p["payment_id"] for p in together(people, (201,), [
        ("POST", "/payments/initiate",
         {"amount": 1000, "provider": "sandbox"})] * 16)]
        for _ in range(rounds)]
    with traced(world, folder, "wallet"):
        for n in range(rounds):
            together(people, (200,), [
                ("POST", "/payments/webhook/sandbox",
                 *world.hook(p, 1000, f"cut-{p}")) for p in payments[n]])
            live = together(people, (201,), [
                ("POST", "/sessions/start", {"listener_id": FIRST + 5000 + k})
                for k in range(16)])
            together(people, (200,), [
                ("POST", "/sessions/end", {"session_id": s["session_id"]})
                for s in live])
            together(people, (200, 201), [
                ("POST", "/promotions/redeem", {"code": money.CODE})] * 16)
    return world.db, rounds * 64


def main():
    p = argparse.ArgumentParser()
    p.add_argument("what", choices=("commits", "service", "money",
                                    "money-service"))
    p.add_argument("args", nargs="+")
    p.add_argument("--build", default=os.environ.get("EARMARK_BUILD", "."))
    p.add_argument("--commits", type=int, default=300)
    p.add_argument("--cuts", type=int, default=200)
    p.add_argument("--lost-only", action="store_true",
                   help="do not ask for the ledger's proof")
    a = p.parse_args()
    chosen = seed.take()
    rnd = random.Random(chosen)
    source, folder = a.args
    folder = os.path.abspath(folder)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    also = (lambda db: True) if a.lost_only else ledger_is_good(
        folder + "/after.db", a.build,
        folder if a.what == "money" else source)
    if a.what in ("commits", "money"):
        make_database(folder, a.build)
        trace_commits(source, folder, a.commits, chosen,
                      *[folder + "/earmark.conf"] * (a.what == "money"))
        db = folder + "/earmark.db"
        with open(folder + "/out") as f:
            want = f.read().count("ACK ")
    else:
        db, want = (trace_service if a.what == "service" else trace_money)(
            source, folder, a.commits)
    judge = {
        "commits": judge_commits, "service": judge_service,
        "money": lambda *x: judge_money(*x, also),
        "money-service": lambda *x: judge_money_service(*x, also)}[a.what]
    before, trace = folder + "/before.db", folder + "/trace"
    seen = list(events(trace))
    told = b"".join(e[1] for e in seen if e[0] == "out")
    acks = told.count(b"ACK ") + sum(len(r.findall(told)) for r in (
        SAID.values() if a.what == "money-service" else [ANSWER]))
    if acks != want or acks < a.commits // 2:
        raise SystemExit(f"powercut: {acks} of {want} answers in the trace")
    found = replay(seen, os.path.realpath(db), (before, before + "-wal"),
                   a.cuts, rnd, judge, folder)
    copied = sum(e[0] == "write" and e[1] == os.path.realpath(db)
                 for e in seen)
    print(f"# {len(seen)} events, {acks} acknowledged,"
          f" {copied} pages by checkpoints")
    print(f"cuts {len(found)} lost {sum(n > 0 for n, _ in found)} worst "
          f"{max(n for n, _ in found)} unsound "
          f"{sum(not ok for _, ok in found)}")


if __name__ == "__main__":
    sys.exit(main())
