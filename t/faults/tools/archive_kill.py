#!/usr/bin/python3
"""Kills earmark-jobs at writes, syncs and renames of the archive.

archive_kill.py STATE BUILD CONTROL ARCHIVE KILLS BASES

STATE is a stopped installation with an archive. The path of the folder ARCHIVE
contains "/earmark.db", so that fail_nth.so counts its files, too. CONTROL is
the file of fail_nth.py.

Adds transfers and runs the jobs, which copy the log, store it and run
checkpoints. A random write, sync or rename kills them, KILLS times. After each
kill, the archive must restore to the first N transfers of the database, and N
never decreases. Then the jobs run without a kill, and the archive must restore
to all transfers. BASES times, a process that makes or stores a base is killed
in the same way. Exits with 1 on errors.
"""
import glob
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import seed                                             # noqa: E402
from fail_nth import Nth                                # noqa: E402

KINDS = ("kill-write", "kill-sync", "kill-name")
SEGMENTS = 40           # kills after which a new base begins
LIMIT = 60              # seconds to wait for a condition


def entries(file, mode):
    """Returns all entries of the ledger, in order."""
    db = sqlite3.connect(f"file:{file}?{mode}", uri=True)
    try:
        return db.execute("SELECT transfer_id, n, account_id, amount FROM"
                          " entry ORDER BY transfer_id, n").fetchall()
    finally:
        db.close()


class Machine:
    def __init__(self, state, build, archive):
        self.state, self.build, self.archive = state, build, archive
        self.db = state + "/earmark.db"
        self.conf = state + "/earmark.conf"
        self.copy = state + "-restored"
        self.rows = 0

    def cli(self, *args, conf=None):
        return subprocess.run([self.build + "/earmark", "-c",
                               conf or self.conf, *args],
                              capture_output=True, text=True)

    def adjust(self):
        self.rows += 1
        r = self.cli("ledger", "adjust", "ana", "1", "--reason",
                     f"row {self.rows}")
        if r.returncode:
            raise SystemExit(f"archive_kill: {r.stderr}")

    def have(self):
        return entries(self.db, "mode=ro")

    def restored(self):
        """Returns (entries of the archive, error)."""
        shutil.rmtree(self.copy, ignore_errors=True)
        for sub in ("run", "media", "log"):
            os.makedirs(f"{self.copy}/{sub}")
        shutil.copy(self.state + "/key", self.copy)
        os.chmod(self.copy + "/key", 0o600)
        with open(self.conf) as f, \
                open(self.copy + "/earmark.conf", "w") as to:
            to.writelines(s for s in f if not s.startswith("dir ="))
        r = self.cli("restore", "--archive", self.archive,
                     conf=self.copy + "/earmark.conf")
        if r.returncode:
            return [], r.stderr.strip()
        return entries(self.copy + "/earmark.db", "immutable=1"), ""


class Kills:
    def __init__(self, machine, control, rnd):
        self.m, self.rnd = machine, rnd
        self.nth = Nth(control)
        self.env = {**os.environ, "NTH": control, "LD_PRELOAD":
                    machine.build + "/t/faults/tools/fail_nth.so"}
        self.command = [machine.build + "/earmark-jobs", "-c", machine.conf]
        self.wrong, self.killed, self.renew = [], 0, SEGMENTS

    def once(self, env=None):
        return subprocess.run([*self.command, "--once"], env=env,
                              capture_output=True, text=True)

    def fail(self, where, what):
        self.wrong.append(f"{where}: {what}")

    def count(self, kind):
        """Returns the number of calls of this kind in one run."""
        self.m.adjust()
        self.nth.arm("earmark-jobs", kind, 1 << 40)
        r = self.once(self.env)
        if r.returncode:
            raise SystemExit(f"archive_kill: {r.stdout}{r.stderr}")
        return self.nth.disarm()[0]

    def compare(self, where, complete, least):
        """Compares the archive with the database. Returns the number of
        entries in the archive.
        """
        got, error = self.m.restored()
        have = self.m.have()
        if error:
            self.fail(where, error)
        elif got != have[:len(got)]:
            self.fail(where, "it is not the database at one of its commits")
        elif len(got) < least:
            self.fail(where, f"{len(got)} entries, {least} before the kill")
        elif complete and got != have:
            self.fail(where, f"{len(got)} of {len(have)} entries")
        return len(got)

    def segments(self, kills):
        calls = {kind: self.count(kind) for kind in KINDS}
        print(f"# calls of one run: {calls}")
        if not min(calls.values()):
            self.fail("setup", "a kind of call does not occur")
            return
        least = self.compare("setup", True, 0)
        while self.killed < kills and len(self.wrong) < 10:
            kind = self.rnd.choice(KINDS)
            at = 1 + self.rnd.randrange(calls[kind])
            where = f"{kind} {at}"
            for _ in range(1 + self.rnd.randrange(3)):
                self.m.adjust()
            self.nth.arm("earmark-jobs", kind, at)
            r = self.once(self.env)
            self.nth.disarm()
            self.killed += r.returncode == -signal.SIGKILL
            least = self.compare(where, False, least)
            if self.rnd.random() < 0.3:
                continue        # the next kill is before the repair
            r = self.once()
            if r.returncode:
                self.fail(where, f"then {r.stdout}{r.stderr}")
            least = self.compare(where + ", then", True, least)
            if self.killed >= self.renew:
                self.renew_base()

    # Bases

    def forget_spool(self):
        """Removes the position, so that a new base is needed."""
        for file in glob.glob(self.m.db + "-archive/0*"):
            os.unlink(file)

    def renew_base(self):
        """Begins a new base. A restore applies all segments of a base, so the
        time of a long test would grow with the square of its length.
        """
        self.renew = self.killed + SEGMENTS
        self.forget_spool()
        was, have = self.bases(), self.m.have()
        daemon = self.daemon()
        self.wait("a new base", lambda: self.bases() != was and
                  self.m.restored()[0] == have)
        self.end(daemon)

    def wait(self, what, condition):
        end = time.time() + LIMIT
        while time.time() < end:
            if condition():
                return True
            time.sleep(0.02)
        self.fail(what, "timeout")
        return False

    def daemon(self, env=None):
        return subprocess.Popen(self.command, env=env, start_new_session=True,
                                stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    @staticmethod
    def end(daemon):
        """Kills the jobs with all of their children."""
        os.killpg(daemon.pid, signal.SIGKILL)
        daemon.wait()

    def bases(self):
        """Returns the number of bases that are complete in the archive."""
        return len(glob.glob(self.m.archive + "/2*Z/base"))

    def base(self, kills):
        for n in range(kills):
            kind = self.rnd.choice(KINDS)
            at = 1 + self.rnd.randrange(60 if kind == "kill-write" else 12)
            where = f"base, {kind} {at}"
            self.forget_spool()
            self.m.adjust()
            was = self.bases()
            self.nth.arm("earmark-jobs", kind, at)
            daemon = self.daemon(self.env)
            self.wait(where, lambda: self.nth.seen()[1] or
                      self.bases() != was)
            self.end(daemon)
            self.killed += self.nth.disarm()[1]
            got, error = self.m.restored()
            if error or got != self.m.have()[:len(got)]:
                self.fail(where, error or "it is another database")
            daemon = self.daemon()
            have = self.m.have()
            self.wait(where + ", then", lambda: self.bases() != was and
                      self.m.restored()[0] == have)
            self.end(daemon)
            if len(self.wrong) > 10:
                break


def main(state, build, control, archive, kills, bases):
    rnd = random.Random(seed.take())
    k = Kills(Machine(state, build, archive), control, rnd)
    k.segments(int(kills))
    k.base(int(bases))
    print(f"# {k.killed} kills, {k.m.rows} transfers")
    for x in k.wrong[:10]:
        print("FAILED:", x)
    return 1 if k.wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
