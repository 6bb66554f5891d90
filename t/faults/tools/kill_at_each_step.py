#!/usr/bin/python3
"""Kills a command at each of its writes, syncs and allocations.

 kill_at_each_step.py migrate STATE BUILD CONTROL LEVELS PER
 kill_at_each_step.py restore STATE BUILD CONTROL BACKUP PER
 kill_at_each_step.py rebuild STATE BUILD CONTROL DATABASE PER

STATE is a stopped installation. CONTROL is the file of fail_nth.py. PER calls
of each kind are tested, evenly distributed. 0 means all writes and syncs, and
1,000 allocations.

 migrate  LEVELS contains databases 1.db, 2.db, ... of all earlier schemas. The
          migration of each, and of an empty one, is killed. Unless PER is 0,
          only an empty one, the newest and a random one are. The result
          must be the old or the newest schema with all rows, and another
          migration must succeed.
 restore  A restore with --replace is killed, also at a rename. The result must
          be the old or the new database. Another restore must succeed, and the
          old database must be kept.
 rebuild  The jobs that rebuild the full-text indexes of DATABASE are killed.
          After each kill, searches must find all rows, and the jobs must
          complete the indexes.

Exits with 1 on errors.
"""
import glob
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import seed                                             # noqa: E402
from fail_nth import Nth                                # noqa: E402

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "tools"))
import tokenizer                                        # noqa: E402

KINDS = ("kill-write", "kill-sync", "kill-memory")


def ask(file, sql, mode="ro"):
    db = sqlite3.connect(f"file:{file}?mode={mode}", uri=True)
    tokenizer.load(db)
    try:
        return db.execute(sql).fetchall()
    finally:
        db.close()


class Steps:
    def __init__(self, state, build, control, per):
        self.db = state + "/earmark.db"
        self.build, self.per = build, int(per)
        self.base = [build + "/earmark", "-c", state + "/earmark.conf"]
        self.name = "earmark"
        self.nth = Nth(control)
        self.env = {**os.environ, "NTH": control,
                    "LD_PRELOAD": build + "/t/faults/tools/fail_nth.so"}
        self.wrong, self.killed, self.ran = [], 0, 0

    def put(self, source):
        """Copies a database without a log. None removes it."""
        for name in glob.glob(self.db + "*"):
            os.unlink(name)
        if source:
            shutil.copy(source, self.db)
            os.chmod(self.db, 0o600)

    def run(self, *args, armed=False):
        return subprocess.run([*self.base, *args], capture_output=True,
                              text=True, env=self.env if armed else None)

    def places(self, kind, args):
        """Returns the numbers of the tested calls of this kind."""
        self.nth.arm(self.name, kind, 1 << 40)
        r = self.run(*args, armed=True)
        seen = self.nth.disarm()[0]
        if r.returncode:
            raise SystemExit(f"kill_at_each_step: {args}: {r.returncode} {r.stderr}")
        most = self.per or (1000 if kind == "kill-memory" else seen)
        if most >= seen:
            return range(1, seen + 1)
        return sorted({1 + i * (seen - 1) // max(1, most - 1)
                       for i in range(most)})

    def kill(self, kind, at, args):
        """Returns whether the command was killed."""
        self.nth.arm(self.name, kind, at)
        r = self.run(*args, armed=True)
        self.nth.disarm()
        self.ran += 1
        dead = r.returncode == -signal.SIGKILL
        self.killed += dead
        return dead

    def ask(self, sql):
        try:
            return ask(self.db, sql)
        except sqlite3.OperationalError:
            # A rollback of the journal needs write access, so it happens in a
            # copy.
            with tempfile.TemporaryDirectory() as aside:
                for name in glob.glob(self.db + "*"):
                    shutil.copy(name, aside)
                return ask(f"{aside}/{os.path.basename(self.db)}", sql, "rw")

    def sound(self):
        out = [f"integrity: {x}" for x, in self.ask(
            "SELECT * FROM pragma_integrity_check")
            if x != "ok"]
        return out + [f"foreign key: {x}" for x in self.ask(
            "PRAGMA foreign_key_check")]

    def must(self, where, *args):
        r = self.run(*args)
        if r.returncode:
            self.wrong.append(f"{where}: {args[0]}: {r.stderr.strip()}")


# Only a new database gets new full-text indexes at once; earmark-jobs rebuilds
# the others later.
SCHEMA = ("SELECT type, name, tbl_name,"
          " CASE WHEN type <> 'table' OR name NOT GLOB '*_text*' THEN sql END"
          " FROM sqlite_schema WHERE name <> 'migration' ORDER BY 1, 2")
# Tables whose rows must be kept, if they exist.
ROWS = ("user", "device_session", "listener", "favorite", "favorite_log",
        "flyer", "destination", "audit", "transfer", "entry", "wallet_entry")
EARLIER = {"wallet_entry": "wallet_line"}       # names in earlier schemas


def rows(steps):
    there = {n for n, in steps.ask("SELECT name FROM sqlite_schema")}
    names = {t: t if t in there else EARLIER.get(t) for t in ROWS}
    return {t: steps.ask(f"SELECT count(*) FROM {name}")[0][0]
            for t, name in names.items() if name in there}


def migrate(steps, levels):
    there = sorted(int(os.path.basename(path)[:-3])
                   for path in glob.glob(levels + "/*.db"))
    schemas, top = {}, there[-1]
    for n in there:
        steps.put(f"{levels}/{n}.db")
        schemas[n] = steps.ask(SCHEMA)
    seen, starts = {}, [0, *there[:-1]]
    if steps.per:
        random.seed(seed.take())
        starts = [0, random.choice(starts[1:-1]), top - 1]
    for start in starts:
        source = f"{levels}/{start}.db" if start else None
        steps.put(source)
        had = rows(steps) if source else {}
        for kind in KINDS:
            steps.put(source)
            for at in steps.places(kind, ["migrate"]):
                steps.put(source)
                where = f"from {start}, {kind} {at}"
                if not steps.kill(kind, at, ["migrate"]):
                    steps.wrong.append(f"{where}: not killed")
                    continue
                check(steps, where, start, schemas, had, seen)
        for word in ("old", "new"):
            if not seen.get((start, word)):
                steps.wrong.append(f"from {start}, no kill left it {word}")
    seen = {word: sum(n for (_, w), n in seen.items() if w == word)
            for word in ("old", "new")}
    return f"from the levels {starts}; it was {seen}"


def check(steps, where, start, schemas, had, seen):
    top = max(schemas)
    level = 0
    if os.path.exists(steps.db) and os.path.getsize(steps.db):
        level = steps.ask("PRAGMA user_version")[0][0]
    if level not in (start, top):
        steps.wrong.append(f"{where}: level {level}, neither old nor new")
    word = "old" if level == start else "new"
    seen[start, word] = seen.get((start, word), 0) + 1
    if level:
        if steps.ask(SCHEMA) != schemas[level]:
            steps.wrong.append(f"{where}: the schema is not that of {level}")
        got = steps.ask("SELECT count(*), max(level) FROM migration")[0]
        if got != (level, level):
            steps.wrong.append(f"{where}: {got} written down, level {level}")
    elif os.path.exists(steps.db) and os.path.getsize(steps.db) and \
            steps.ask("SELECT count(*) FROM sqlite_schema")[0][0]:
        steps.wrong.append(f"{where}: something, of no level")
    steps.must(where, "migrate")
    if steps.ask(SCHEMA) != schemas[top]:
        steps.wrong.append(f"{where}: not the newest schema at last")
    now = rows(steps)
    steps.wrong += [f"{where}: {t}: {n} rows, now {now.get(t)}"
                    for t, n in had.items() if now.get(t) != n]
    steps.wrong += [f"{where}: {x}" for x in steps.sound()]


LATER = "SELECT 1 FROM user WHERE username = 'later'"


def restore(steps, backup):
    """The old database contains a user that is not in the backup."""
    old = os.path.dirname(backup.rstrip("/")) + "/old.db"
    args = ["restore", backup, "--replace"]
    seen = {"old": 0, "new": 0}
    for kind in (*KINDS, "kill-name"):
        steps.put(old)
        for at in steps.places(kind, args):
            steps.put(old)
            where = f"{kind} {at}"
            if not steps.kill(kind, at, args):
                steps.wrong.append(f"{where}: not killed")
                continue
            if not os.path.exists(steps.db):
                steps.wrong.append(f"{where}: no database")
                continue
            steps.must(where, "ledger", "verify")
            later = len(steps.ask(LATER))
            seen["old" if later else "new"] += 1
            done = steps.ask("SELECT count(*) FROM backup_log"
                             " WHERE kind = 3")[0][0]
            if later + done != 1:
                steps.wrong.append(f"{where}: neither old nor new")
            steps.wrong += [f"{where}: {x}" for x in steps.sound()]
            steps.must(where, *args)
            if steps.ask(LATER):
                steps.wrong.append(f"{where}: not restored at last")
            if not any(ask(name, LATER) for name in
                       glob.glob(steps.db + ".replaced-*")):
                steps.wrong.append(f"{where}: the old one is not kept")
    if not seen["old"] or not seen["new"]:
        steps.wrong.append(f"not both: {seen}")
    return f"it was {seen}"


def found(steps, word):
    return [steps.ask(f"SELECT count(*) FROM {t} WHERE {t} MATCH '{word}'")[0][0]
            for t in ("listener_text", "flyer_text", "ticket_text")]


def rebuild(steps, source):
    """Both tokenizers find the word user or Łódź in all rows."""
    steps.name = "earmark-jobs"
    steps.base = [steps.build + "/earmark-jobs", "-c",
                  os.path.dirname(steps.db) + "/earmark.conf"]
    steps.put(source)
    old = found(steps, "\u0141\u00f3d\u017a")
    versions = set()
    for kind in ("kill-write", "kill-sync"):
        steps.put(source)
        for at in steps.places(kind, ["--once"]):
            steps.put(source)
            where = f"{kind} {at}"
            if not steps.kill(kind, at, ["--once"]):
                steps.wrong.append(f"{where}: not killed")
                continue
            if found(steps, "\u0141\u00f3d\u017a") != old:
                steps.wrong.append(f"{where}: rows are not found")
            versions.add(steps.ask("SELECT sum(version > 0) FROM"
                                   " search_index")[0][0])
            steps.must(where, "--once")
            if found(steps, "lodz") != old:
                steps.wrong.append(f"{where}: not complete at last")
            steps.wrong += [f"{where}: {x}" for x in steps.sound()]
    if len(versions) < 2:
        steps.wrong.append(f"all kills were at the same place: {versions}")
    return f"with {sorted(versions)} complete indexes"


def main(what, state, build, control, arg, per):
    steps = Steps(state, build, control, per)
    told = {"migrate": migrate, "restore": restore,
            "rebuild": rebuild}[what](steps, arg)
    print(f"{steps.killed} kills, {told}")
    for x in steps.wrong[:10]:
        print("FAILED:", x)
    return 1 if steps.wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
