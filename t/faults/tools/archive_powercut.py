#!/usr/bin/python3
"""Simulates power failures of a machine with an archive.

archive_powercut.py STATE BUILD ARCHIVE ROUNDS CUTS

STATE is a stopped installation, whose archive ARCHIVE is on the same disk and
has a base but no media. Transfers and media files are added and the jobs run,
ROUNDS times; some rounds also make a backup. strace records all changes of the
database, its log, the spool, the archive and the backups. The power fails at
CUTS random moments of this trace, and soon after each new folder.
traced_files.py decides what is left.

The archive must then restore to the first N transfers of the history, at least
those that a finished run of the jobs had copied, and have the media files of
this run. The database must contain all acknowledged transfers, and each backup
that had ended must be complete. After the jobs have run again, the archive must
have all media files, and restore to all transfers of the database, without a
new base. Exits with 1 on errors.
"""
import hashlib
import os
import random
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import seed                                             # noqa: E402
from archive_kill import Machine                        # noqa: E402
from traced_files import (                              # noqa: E402
    CALLS, TracedFiles, calls, paths, written)

# Failures after the creation of each folder: within so many calls.
NEAR = (40, 40, 1500)
WORD = re.compile(rb"(ACK|COPIED|MEDIA|SAVED) ")

LOOP = """
n=0
for round in $(seq "$1"); do
	for i in $(seq $((1 + round % 3))); do
		"$2/earmark" -c "$3" ledger adjust ana 1 --reason "row $n" \\
		    >/dev/null || exit 1
		n=$((n + 1))
		echo "ACK $n"
	done
	echo picture >"$4/media/$round.jpg"
	"$2/earmark-jobs" -c "$3" --once >/dev/null || exit 1
	echo "COPIED $n"
	echo "MEDIA $round"
	[ $((round % 10)) != 2 ] || {
		name=$("$2/earmark" -c "$3" backup) || exit 1
		echo "SAVED ${name##*/}"
	}
done
"""


def record(m, trace, rounds):
    with open(trace + ".out", "w") as out:
        subprocess.run(
            ["strace", "-f", "-y", "-xx", "-s", "300000", "-e",
             "trace=" + CALLS, "-e", "signal=none", "-o", trace, "sh", "-c",
             LOOP, "sh", str(rounds), m.build, m.conf, m.state], check=True,
            stdout=out)


class Cuts:
    def __init__(self, m, folder, history):
        self.m, self.history = m, history
        self.after = Machine(folder + "/s", m.build, folder + "/archive")
        self.told, self.wrong, self.restored = b"", [], 0
        # The machine starts again after the failure.
        with open("/proc/sys/kernel/random/boot_id", "rb") as f:
            self.boot = f.read().strip()

    def rows(self, word, start):
        found = re.findall(word + rb" (\d+)", self.told)
        return start + 2 * int(found[-1]) if found else start

    def put(self, files):
        """Writes the files of the machine after the cut. The media that the
        operator's users have stored are safe.
        """
        shutil.rmtree(os.path.dirname(self.after.state), ignore_errors=True)
        for path, data in files.items():
            old, new = (self.m.archive, self.after.archive) if \
                path.startswith(self.m.archive) else \
                (self.m.state, self.after.state)
            to = new + path[len(old):]
            if data is None:
                os.makedirs(to, exist_ok=True)
                continue
            if path.endswith("/emptied"):
                data = data.replace(self.boot, b"another boot")
            with open(to, "wb") as f:
                f.write(data)
        for sub in ("run", "log"):
            os.makedirs(f"{self.after.state}/{sub}")
        shutil.copytree(self.m.state + "/media", self.after.state + "/media")
        os.chmod(self.after.state + "/key", 0o600)
        conf = self.after.conf
        with open(conf) as f:
            text = f.read().replace(self.m.archive, self.after.archive)
        with open(conf, "w") as f:
            f.write(text)

    def check_media(self, where, names):
        """Checks that the archive has media files."""
        for name in names:
            if not os.path.exists(f"{self.after.archive}/media/{name}"):
                self.wrong.append(f"{where}: {name} is not in the archive")
                return

    def stored_media(self):
        """Returns the names that the machine will not store again."""
        with open(self.after.db + "-archive/media", errors="replace") as f:
            names = set(f.read().split("\n")[:-1])
        return sorted(names & set(os.listdir(self.m.state + "/media")))

    def check_backups(self, where):
        """Checks all files of the backups that had ended."""
        for name in re.findall(rb"SAVED (\S+)", self.told):
            folder = f"{self.after.state}/backups/{name.decode()}"
            try:
                with open(folder + "/SHA256SUMS") as f:
                    sums = [line.rstrip("\n").split("  ", 1) for line in f]
                for digest, file in sums:
                    with open(f"{folder}/{file}", "rb") as f:
                        if hashlib.sha256(f.read()).hexdigest() != digest:
                            raise OSError(f"{file} is damaged")
            except OSError as e:
                self.wrong.append(f"{where}: backup: {e}")

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
        rounds = re.findall(rb"MEDIA (\d+)", self.told)
        self.check_media(where, [f"{int(n)}.jpg" for n in rounds])
        self.check_backups(where)
        r = subprocess.run([self.m.build + "/earmark-jobs", "-c",
                            self.after.conf, "--once"], capture_output=True,
                           text=True)
        if r.returncode or "archive_gap" in r.stderr:
            self.wrong.append(f"{where}: then {r.stderr.strip()}")
        got, error = self.after.restored()
        if error or got != have:
            self.wrong.append(f"{where}: then {len(got)} of {len(have)}"
                              f" entries {error}")
        self.check_media(where + ", then", self.stored_media())
        self.restored += not error


def after_folders(rnd, seen):
    """Returns moments (index, path) soon after the creation of each folder.
    They are too few to be found at random, because a later file may sync the
    same parent.
    """
    return [(min(len(seen) - 1, i + rnd.randrange(n)), paths(rest)[0])
            for i, (call, rest, *_) in enumerate(seen)
            if call.startswith("mkdir") for n in NEAR]


def main(state, build, archive, rounds, cuts):
    rnd = random.Random(seed.take())
    state, archive = os.path.realpath(state), os.path.realpath(archive)
    m = Machine(state, build, archive)
    start = len(m.have())
    files = TracedFiles([state, archive], f"^{re.escape(state)}/"
                        "(?!earmark|key$|backups)|-shm$|[.-]lock$")
    trace = state + "-trace"
    record(m, trace, rounds)
    seen = list(calls(trace))
    c = Cuts(m, state + "-cut", m.have())
    moments = sorted([(rnd.randrange(len(seen)), "")
                      for _ in range(int(cuts))] + after_folders(rnd, seen))
    total = len(moments)
    for i, (call, rest, result, opened) in enumerate(seen):
        if call == "write" and WORD.match(written(rest)):
            c.told += written(rest)
        files.step(call, rest, result, opened)
        while moments and moments[0][0] == i:
            lost = moments.pop(0)[1]
            odds = 1.0 if lost else rnd.choice((0.0, 0.1, 0.5, 0.9, 1.0))
            c.put(files.after_cut(rnd, lambda: rnd.random() < odds, lost))
            c.judge(f"call {i} of {len(seen)}, {odds}", start)
    print(f"# {len(seen)} calls, {len(c.history) - start} entries,"
          f" {c.restored} of {total} restored")
    for x in c.wrong[:10]:
        print("FAILED:", x)
    return 1 if c.wrong or c.rows(b"COPIED", start) != len(c.history) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
