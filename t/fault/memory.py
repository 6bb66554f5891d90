#!/usr/bin/python3
"""How much memory a favorites worker has after many requests.

    memory.py STATE REQUESTS

Every fifth of the requests it looks. The last figure must be under 12 MiB, and
after the first fifth (caches fill) it must not grow by more than 2 %.
"""
import os
import re
import subprocess
import sys

from world import FIRST, HERE, World, machine

LIMIT, GROWTH = 12.0, 1.02
PEOPLE, THINGS = 6000, 400      # more tokens than a worker remembers


def main(state, requests):
    world = World(state)
    world.fill(PEOPLE, THINGS)
    file = state + "/tmp/memory.tokens"
    with open(file, "w") as f:
        for user in range(FIRST, FIRST + PEOPLE):
            f.write(world.token(user) + "\n")
    done, sizes, next_look = 0, [], requests / 5
    before = world.workers("favorites")
    while done < requests:
        o = subprocess.run(
            ["wrk", "-t2", "-c32", "-d2s", "-s", HERE + "/memory.lua",
             world.url, "--", file, str(FIRST), str(THINGS)],
            capture_output=True, text=True)
        m = re.search(r"(\d+) requests in", o.stdout)
        if not m or int(m[1]) == 0:
            print("FAILED:", o.stdout, o.stderr)
            return 1
        done += int(m[1])
        if done >= next_look:
            next_look += requests / 5
            sizes += machine.rss(world.workers("favorites"))
    same = world.workers("favorites") == before
    os.unlink(file)
    print(f"{done} requests, MiB: " + " ".join(f"{s:.2f}" for s in sizes),
          "" if same else "FAILED: it is another worker")
    return 0 if same and sizes[-1] < LIMIT and \
        sizes[-1] <= sizes[0] * GROWTH else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
