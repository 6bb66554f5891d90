#!/usr/bin/python3
"""Measures the memory of a favorites worker after many requests.

memory.py STATE REQUESTS

Measures each second. The last value must be below LIMIT. The mean of the last
fifth must be at most GROWTH times that of the middle one, or GROWTH_SHORT times
in a run of fewer than SHORT requests.
"""
import os
import re
import subprocess
import sys
import time

from fixtures import FIRST, HERE, World, machine

# In MiB. The same libraries need 2 MiB more on Debian 13.
with open("/etc/os-release") as release:
    LIMIT = 13.5 if 'VERSION_ID="12"' in release.read() else 15.5
# The page cache and the heap are full after about 150,000 requests. So a leak
# of 40 bytes per request is detected, and one of 2 with 1,000,000 requests.
SHORT, GROWTH, GROWTH_SHORT = 500000, 1.06, 1.15
SLICE = 10              # seconds of a run of wrk
PEOPLE, THINGS = 2000, 400


def main(state, requests):
    world = World(state)
    world.fill(PEOPLE, THINGS)
    file = state + "/tmp/memory.tokens"
    with open(file, "w") as f:
        for user in range(FIRST, FIRST + PEOPLE):
            f.write(world.token(user) + "\n")
    done, sizes = 0, []
    before = world.all_workers("favorites", 1)
    while done < requests:
        w = subprocess.Popen(
            ["wrk", "-t2", "-c32", f"-d{SLICE}s", "-s", HERE + "/memory.lua",
             world.url, "--", file, str(FIRST), str(THINGS)],
            stdout=subprocess.PIPE, text=True)
        while w.poll() is None:
            time.sleep(1)
            sizes += machine.rss(world.workers("favorites"))
        text = w.stdout.read()
        m = re.search(r"(\d+) requests in", text)
        if not m or int(m[1]) == 0:
            print("FAILED:", text)
            return 1
        done += int(m[1])
    same = world.workers("favorites") == before
    os.unlink(file)
    print(f"{done} requests, MiB: " + " ".join(f"{s:.2f}" for s in sizes),
          "" if same else "FAILED: it is another worker")
    fifth = len(sizes) // 5
    middle, last = (sum(sizes[n * fifth:(n + 1) * fifth]) / fifth
                    for n in (2, 4))
    growth = GROWTH if requests >= SHORT else GROWTH_SHORT
    return 0 if same and sizes[-1] < LIMIT and last <= middle * growth else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
