#!/usr/bin/python3
"""Cut the power, as far as the disk can tell.

    powercut.py commits PROGRAM FOLDER [--commits N] [--cuts N] [--seed N]
    powercut.py service STATE FOLDER [--commits N] [--cuts N] [--seed N]

A trace of system calls (strace) tells what was written to the database and its
log, what was synced, and when a commit was acknowledged. At a random moment of
it the power goes: of what was not synced by then, any 512-byte sector may be on
the disk or not, in any order. What is left is opened with SQLite, which
recovers as after a real cut. Then every acknowledged commit must be there, in
whole, and the file must be sound.

`commits` traces t/fault/commits. `service` traces the workers and jobs of a
service that runs, while it saves favorites: what is acknowledged there is an
answer 201 with the favorite's id.

Prints: cuts N lost N worst N unsound N (worst: acknowledged commits that one
cut lost).
"""
import argparse
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

sys.dont_write_bytecode = True

SECTOR = 512
CALLS = "pwrite64,write,ftruncate,fdatasync,fsync"
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
    """One file: what is surely on the disk, and what is on its way."""

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
    """('write', path, offset, bytes), ('cut', path, length), ('sync', path),
    ('out', bytes), in the order in which they took effect."""
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
                data, numbers = TEXT.search(rest), NUMBERS.search(rest)
                data = unhex(data[1])[:int(done[1])]
                if call == "pwrite64":
                    yield "write", path, int(numbers[2]), data
                else:
                    yield "out", data


def replay(all_events, db, before, cuts, rnd, judge, folder):
    """Run through the trace; cut at random events; judge each image."""
    names = (db, db + "-wal")
    disks = {}
    for name, copy in zip(names, before):
        content = b""
        if os.path.exists(copy):
            with open(copy, "rb") as f:
                content = f.read()
        disks[name] = Disk(content)
    told = b""
    # Only while something happens to the files is a cut of interest.
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
            "SELECT 1 FROM entity AS e WHERE favorites_count <> (SELECT"
            " count(*) FROM favorite AS f WHERE f.kind = e.kind AND"
            " f.entity_id = e.id) UNION ALL SELECT 1 FROM favorite_total AS t"
            " WHERE n <> (SELECT count(*) FROM favorite AS f WHERE"
            " f.user_id = t.user_id AND f.kind = t.kind)").fetchone()


def judged(image, lost):
    """(acknowledged commits that are gone, is it sound)."""
    try:
        db = sqlite3.connect(image)
        try:
            gone = lost(db)
            return gone, sound(db)
        finally:
            db.close()
    except sqlite3.DatabaseError:
        return 0, False


def judge_commits(image, told):
    """Commits are one after the other, so what is there is a beginning."""
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


ANSWER = re.compile(rb'Status: 201[^{]*\{"id":\s*(\d+)')


def judge_service(image, told):
    acked = {int(n) for n in ANSWER.findall(told)}

    def lost(db):
        have = {n for n, in db.execute("SELECT id FROM favorite")}
        return len(acked - have)
    return judged(image, lost)


def make_database(folder, build):
    """A migrated database with users and flyers 1..20."""
    with open(folder + "/key", "w") as f:
        f.write("00112233445566778899aabbccddeeff" * 2 + "\n")
    os.chmod(folder + "/key", 0o600)
    with open(folder + "/earmark.conf", "w") as f:
        f.write("[paths]\n")
    subprocess.run([build + "/earmark", "-c", folder + "/earmark.conf",
                    "migrate"], check=True, stdout=subprocess.DEVNULL)
    db = sqlite3.connect(folder + "/earmark.db")
    for i in range(1, 21):
        db.execute("INSERT INTO user(id, uuid, status, username,"
                   " referral_code, created_at, updated_at)"
                   " VALUES (?, ?, 1, ?, ?, 0, 0)",
                   (i, os.urandom(16), f"user{i}", f"CUT{i}"))
        db.execute("INSERT INTO flyer(id, publisher_id, title, created_at,"
                   " updated_at) VALUES (?, 1, 'flyer', 0, 0)", (i,))
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def trace_commits(program, folder, commits, seed):
    shutil.copy(folder + "/earmark.db", folder + "/before.db")
    with open(folder + "/out", "w") as out:
        subprocess.run(
            ["strace", "-f", "-y", "-xx", "-s", "70000", "-e",
             "trace=" + CALLS, "-e", "signal=none", "-o", folder + "/trace",
             program, folder + "/earmark.db", folder + "/writer.lock",
             str(commits), str(seed)], check=True, stdout=out)


def attach(pids, trace, errors):
    """strace of processes that run; returns when it has all of them."""
    p = subprocess.Popen(
        ["strace", "-y", "-xx", "-s", "70000", "-e", "trace=" + CALLS, "-e",
         "signal=none", "-o", trace] +
        [x for pid in pids for x in ("-p", str(pid))],
        stdout=subprocess.DEVNULL, stderr=errors)
    end = time.time() + 10
    while time.time() < end and p.poll() is None:
        with open(errors.name) as f:
            if f.read().count("attached") >= len(pids):
                return p
        time.sleep(0.02)
    p.kill()
    raise SystemExit("powercut: strace could not attach")


def trace_service(state, folder, commits):
    import fcntl
    import world as w
    world = w.World(state)
    world.fill(60, 50)
    pids = world.all_workers("favorites") + w.machine.tree(
        int(open(world.state + "/run/jobs.pid").read()))
    # With the lock in hand nobody writes: the copies are from one moment.
    with open(folder + "/strace.err", "w") as errors, \
            open(world.state + "/writer.lock", "a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        tracer = attach(pids, folder + "/trace", errors)
        for tail in ("", "-wal"):
            shutil.copy(world.db + tail, folder + "/before.db" + tail)
        fcntl.flock(lock, fcntl.LOCK_UN)
        clients = [w.Client(world, w.FIRST + n) for n in range(16)]
        rounds = commits // len(clients) + 1
        for n in range(rounds):
            entity = w.FIRST + n % world.things
            if n % world.things == 0 and n > 0:
                clients = [w.Client(world, w.FIRST + 16 * (n // world.things)
                                    + k) for k in range(16)]
            for status, body in w.at_once(
                    clients, "POST", f"/api/flyers/{entity}/favorite/"):
                if status != 201:
                    raise SystemExit(f"powercut: {status} {body}")
        tracer.send_signal(signal.SIGINT)
        tracer.wait()
    return world.db, rounds * 16


def main():
    p = argparse.ArgumentParser()
    p.add_argument("what", choices=("commits", "service"))
    p.add_argument("args", nargs="+")
    p.add_argument("--build", default=os.environ.get("EARMARK_BUILD", "."))
    p.add_argument("--commits", type=int, default=300)
    p.add_argument("--cuts", type=int, default=200)
    p.add_argument("--seed", type=int,
                   default=int.from_bytes(os.urandom(4), "big") >> 1)
    a = p.parse_args()
    rnd = random.Random(a.seed)
    source, folder = a.args
    folder = os.path.abspath(folder)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    if a.what == "commits":
        make_database(folder, a.build)
        trace_commits(source, folder, a.commits, a.seed)
        db, judge = folder + "/earmark.db", judge_commits
        want = a.commits
    else:
        db, want = trace_service(source, folder, a.commits)
        judge = judge_service
    before, trace = folder + "/before.db", folder + "/trace"
    seen = list(events(trace))
    told = b"".join(e[1] for e in seen if e[0] == "out")
    acks = told.count(b"ACK ") + len(ANSWER.findall(told))
    if acks != want:
        raise SystemExit(f"powercut: {acks} of {want} answers in the trace")
    found = replay(seen, os.path.realpath(db), (before, before + "-wal"),
                   a.cuts, rnd, judge, folder)
    copied = sum(e[0] == "write" and e[1] == os.path.realpath(db)
                 for e in seen)
    print(f"# seed {a.seed}: {len(seen)} events, {acks} acknowledged,"
          f" {copied} pages by checkpoints")
    print(f"cuts {len(found)} lost {sum(n > 0 for n, _ in found)} worst "
          f"{max(n for n, _ in found)} unsound "
          f"{sum(not ok for _, ok in found)}")


if __name__ == "__main__":
    sys.exit(main())
