#!/usr/bin/python3
"""Simulates power failures of a machine with an archive.

archive_powercut.py STATE BUILD ARCHIVE ROUNDS CUTS

STATE is a stopped installation, whose archive ARCHIVE is on the same disk and
has a base. Transfers are added and the jobs run, ROUNDS times. strace records
all writes, syncs and renames of the database, its log, the spool and the
archive. The power fails at CUTS random moments of this trace:

- each 512-byte sector that was not synced by then may have been written or not
  (see powercut.py);
- of the renames, new files and removals in each folder after its last sync, a
  random number of the first ones has happened.

The archive must then restore to the first N transfers of the history, at least
those that a finished run of the jobs had copied. The database must contain all
acknowledged transfers. After the jobs have run again, the archive must restore
to all transfers of the database, without a new base. Exits with 1 on errors.
"""
import os
import random
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import seed                                             # noqa: E402
from archive_kill import Machine, entries               # noqa: E402
from powercut import Disk, path_of, unhex               # noqa: E402

CALLS = ("openat,pwrite64,write,ftruncate,fdatasync,fsync,rename,renameat,"
         "renameat2,unlink,unlinkat,mkdir")
LINE = re.compile(r"^(\d+) +(?:<\.\.\. )?(\w+)(?:\((.*)| resumed>(.*))$")
DONE = re.compile(r"\) += (-?\d+)(?:<([^>]*)>)?")
STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
FILE = re.compile(r"^\d+<([^>]*)>")
FOLDER = re.compile(r"^(?:AT_FDCWD|\d+)<([^>]*)>")
NUMBERS = re.compile(r', (\d+)(?:, (\d+))?\)')

LOOP = """
n=0
for round in $(seq "$1"); do
	for i in $(seq $((1 + round % 3))); do
		"$2/earmark" -c "$3" ledger adjust ana 1 --reason "row $n" \\
		    >/dev/null || exit 1
		n=$((n + 1))
		echo "ACK $n"
	done
	"$2/earmark-jobs" -c "$3" --once >/dev/null || exit 1
	echo "COPIED $n"
done
"""


def record(m, trace, rounds):
    with open(trace + ".out", "w") as out:
        subprocess.run(
            ["strace", "-f", "-y", "-xx", "-s", "300000", "-e",
             "trace=" + CALLS, "-e", "signal=none", "-o", trace, "sh", "-c",
             LOOP, "sh", str(rounds), m.build, m.conf], check=True,
            stdout=out)


def calls(trace):
    """Yields (call, arguments, result, path of the result) in the order of
    their ends.
    """
    begun = {}
    with open(trace) as f:
        for text in f:
            line = LINE.match(text)
            if not line:
                continue
            pid, call, rest, resumed = line.groups()
            if resumed is not None:
                if (pid, call) not in begun:
                    continue
                rest = begun.pop((pid, call)) + resumed
            elif rest.endswith("<unfinished ...>"):
                begun[pid, call] = rest[:-len("<unfinished ...>")]
                continue
            done = DONE.search(rest)
            if done and int(done[1]) >= 0:
                yield call, rest, int(done[1]), path_of(done[2] or "")


def paths(rest):
    """Returns the paths of a call, relative to the folder before them."""
    folder = FOLDER.match(rest)
    found = [unhex(s).decode() for s, _ in STRING.findall(rest)]
    if folder:
        found = [os.path.join(path_of(folder[1]), p) for p in found]
    return found


class Folders:
    """Files by path: as programs see them, and as they are after a cut."""

    def __init__(self, roots):
        self.roots, self.live, self.safe = roots, {}, {}
        self.waiting = {}           # folder: [(path, file or None), ...]
        for root in roots:
            for at, _, names in os.walk(root):
                for name in names:
                    self.load(os.path.join(at, name))

    def load(self, path):
        if not self.has(path):
            return
        with open(path, "rb") as f:
            self.live[path] = self.safe[path] = Disk(f.read())

    def has(self, path):
        return any(path.startswith(r) for r in self.roots) and \
            not path.endswith(("-shm", ".lock", "-lock"))

    def change(self, path, *changes):
        """Records changes of names that happen together."""
        for name, file in changes:
            if file is None:
                self.live.pop(name, None)
            else:
                self.live[name] = file
        self.waiting.setdefault(os.path.dirname(path), []).append(changes)

    def step(self, call, rest, result, opened):
        if call == "openat":
            if "O_CREAT" in rest and self.has(opened) and \
                    opened not in self.live:
                self.change(opened, (opened, Disk(b"")))
            elif "O_TRUNC" in rest and opened in self.live:
                self.live[opened].waiting.append((0, None))
        elif call.startswith("rename"):
            old, new = paths(rest)[:2]
            if old in self.live:
                self.change(new, (old, None), (new, self.live[old]))
        elif call.startswith("unlink"):
            path, = paths(rest)[:1]
            if path in self.live:
                self.change(path, (path, None))
        elif call != "mkdir":
            self.content(call, rest, result)

    def content(self, call, rest, result):
        path = FILE.match(rest)
        path = path_of(path[1]) if path else ""
        if call in ("fsync", "fdatasync"):
            for changes in self.waiting.pop(path, []):
                self.apply(self.safe, changes)
            if path in self.live:
                self.live[path].sync()
            return
        if path not in self.live:
            return
        file = self.live[path]
        if call == "ftruncate":
            file.waiting.append((int(NUMBERS.search(rest)[1]), None))
            return
        text = STRING.search(rest)
        if text[2]:
            raise SystemExit("archive_powercut: a long write")
        data = unhex(text[1])[:result]
        at = int(NUMBERS.search(rest)[2]) if call == "pwrite64" else \
            len(file.after_cut(lambda: True))
        file.waiting.append((at, data))

    @staticmethod
    def apply(names, changes):
        for name, file in changes:
            if file is None:
                names.pop(name, None)
            else:
                names[name] = file

    def after_cut(self, rnd, keep):
        """Returns {path: bytes}."""
        names = dict(self.safe)
        for waiting in self.waiting.values():
            for changes in waiting[:rnd.randint(0, len(waiting))]:
                self.apply(names, changes)
        return {path: file.after_cut(keep) for path, file in names.items()}


class Cuts:
    def __init__(self, m, folder, history):
        self.m, self.history = m, history
        self.after = Machine(folder + "/s", m.build, folder + "/archive")
        self.told, self.wrong, self.restored = b"", [], 0

    def rows(self, word, start):
        found = re.findall(word + rb" (\d+)", self.told)
        return start + 2 * int(found[-1]) if found else start

    def put(self, files):
        """Writes the files of the machine after the cut."""
        shutil.rmtree(os.path.dirname(self.after.state), ignore_errors=True)
        for sub in ("run", "media", "log"):
            os.makedirs(f"{self.after.state}/{sub}")
        for name in ("key", "earmark.conf"):
            shutil.copy(f"{self.m.state}/{name}", self.after.state)
        for path, data in files.items():
            old, new = (self.m.archive, self.after.archive) if \
                path.startswith(self.m.archive + "/") else \
                (self.m.state, self.after.state)
            to = new + path[len(old):]
            os.makedirs(os.path.dirname(to), exist_ok=True)
            with open(to, "wb") as f:
                f.write(data)
        os.chmod(self.after.state + "/key", 0o600)
        conf = self.after.conf
        with open(conf) as f:
            text = f.read().replace(self.m.archive, self.after.archive)
        with open(conf, "w") as f:
            f.write(text)

    def judge(self, where, start):
        acked, copied = self.rows(b"ACK", start), self.rows(b"COPIED", start)
        got, error = self.after.restored()
        if error:
            self.wrong.append(f"{where}: {error}")
        elif got != self.history[:len(got)]:
            self.wrong.append(f"{where}: the archive is not the history")
        elif len(got) < copied:
            self.wrong.append(f"{where}: {len(got)} entries, {copied} were"
                              " copied")
        have = self.after.have()
        if have != self.history[:len(have)] or len(have) < acked:
            self.wrong.append(f"{where}: the database has {len(have)} entries"
                              f" of {acked}")
        if len(have) < len(got):
            self.wrong.append(f"{where}: the archive has later entries")
        r = subprocess.run([self.m.build + "/earmark-jobs", "-c",
                            self.after.conf, "--once"], capture_output=True,
                           text=True)
        if r.returncode or "archive_gap" in r.stderr:
            self.wrong.append(f"{where}: then {r.stderr.strip()}")
        got, error = self.after.restored()
        if error or got != have:
            self.wrong.append(f"{where}: then {len(got)} of {len(have)}"
                              f" entries {error}")
        self.restored += not error


def main(state, build, archive, rounds, cuts):
    rnd = random.Random(seed.take())
    state, archive = os.path.realpath(state), os.path.realpath(archive)
    m = Machine(state, build, archive)
    start = len(m.have())
    folders = Folders([m.db, archive + "/"])
    for path in (m.db, m.db + "-wal"):
        folders.load(path)
    for name in os.listdir(m.db + "-archive"):
        folders.load(f"{m.db}-archive/{name}")
    trace = state + "-trace"
    record(m, trace, rounds)
    seen = list(calls(trace))
    c = Cuts(m, state + "-cut", m.have())
    moments = sorted(rnd.randrange(len(seen)) for _ in range(int(cuts)))
    for i, (call, rest, result, opened) in enumerate(seen):
        if call == "write" and b"ACK " in unhex(
                STRING.search(rest)[1]) or call == "write" and \
                b"COPIED " in unhex(STRING.search(rest)[1]):
            c.told += unhex(STRING.search(rest)[1])
        folders.step(call, rest, result, opened)
        while moments and moments[0] == i:
            moments.pop(0)
            odds = rnd.choice((0.0, 0.1, 0.5, 0.9, 1.0))
            c.put(folders.after_cut(rnd, lambda: rnd.random() < odds))
            c.judge(f"call {i} of {len(seen)}, {odds}", start)
    print(f"# {len(seen)} calls, {len(c.history) - start} entries,"
          f" {c.restored} of {cuts} restored")
    for x in c.wrong[:10]:
        print("FAILED:", x)
    return 1 if c.wrong or c.rows(b"COPIED", start) != len(c.history) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
