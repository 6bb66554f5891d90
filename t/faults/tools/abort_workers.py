#!/usr/bin/python3
"""Kills the workers of a pool as soon as they start.

abort_workers.py PARENT KILLS: kills the children of PARENT (multiwatch),
alternately with SIGABRT and SIGKILL. Prints how many processes were killed
and how long it took. Exits with 1 if there was no child for 30 s.
"""
import os
import signal
import sys
import time


def children(parent):
    with open(f"/proc/{parent}/task/{parent}/children",
              encoding="ascii") as f:
        return [int(word) for word in f.read().split()]


def main():
    parent, kills = int(sys.argv[1]), int(sys.argv[2])
    began = seen = time.monotonic()
    killed = set()
    while len(killed) < kills:
        for pid in children(parent):
            if pid in killed:
                continue
            try:
                os.kill(pid, (signal.SIGABRT, signal.SIGKILL)[len(killed) % 2])
            except ProcessLookupError:
                continue
            killed.add(pid)
            seen = time.monotonic()
        if time.monotonic() - seen > 30:
            sys.exit(f"after {len(killed)} kills no worker was restarted")
        time.sleep(0.002)
    print(f"{len(killed)} killed in {time.monotonic() - began:.1f} s")


main()
