#!/usr/bin/python3
"""Kills workers with SIGKILL while favorites are written.

kill.py STATE KILLS [SEED]

Each writer has users of its own and continues after a failure. At the end the
database must contain all acknowledged writes. Other writes may exist, but
only completely. After each kill a new client must get a response within a
second. Exits with 1 on errors.
"""
import os
import random
import signal
import sys
import threading
import time

import seed
from fixtures import FIRST, Client, World, uuid

WRITERS = 8
USERS_EACH = 5


class Writer(threading.Thread):
    """Saves and unsaves favorites, and remembers the responses."""

    def __init__(self, world, n, seed):
        super().__init__()
        self.world, self.rnd = world, random.Random(seed * 100 + n)
        self.users = range(FIRST + n * USERS_EACH,
                           FIRST + (n + 1) * USERS_EACH)
        self.state = {}         # (user, kind, item): True, False, None
        self.told = self.failed = 0
        self.wrong = []
        self.go = True

    def one(self, client, user):
        kind = self.rnd.choice((2, 3))
        entity = FIRST + self.rnd.randrange(self.world.things)
        pair = (user, kind, entity)
        known = self.state.get(pair, False)
        save = self.rnd.random() < 0.6
        if kind == 2:
            args = ("POST" if save else "DELETE",
                    f"/api/flyers/{entity}/favorite/")
            good = {(True, False): 201, (True, True): 200,
                    (False, True): 204, (False, False): 404}
        elif save:
            args = ("POST", "/api/v1/users/me/favorites",
                    {"destination_id": uuid(3, entity)})
            good = {(True, False): 201, (True, True): 409}
        else:
            args = ("DELETE", f"/api/v1/users/me/favorites/{uuid(3, entity)}")
            good = {(False, True): 200, (False, False): 404}
        self.state[pair] = None
        try:
            status, body = client.ask(*args)
        except OSError:
            client.close()
            self.failed += 1
            return
        if status >= 500:
            self.failed += 1
            return
        if known is None:
            fits = status in {v for k, v in good.items() if k[0] == save}
        else:
            fits = status == good[save, known]
        if not fits:
            self.wrong.append((args, known, status, body[:200]))
        self.state[pair] = save
        self.told += 1

    def run(self):
        clients = {u: Client(self.world, u) for u in self.users}
        while self.go:
            user = self.rnd.choice(self.users)
            self.one(clients[user], user)
        for c in clients.values():
            c.close()


def answers_within(world, limit):
    """Returns the seconds until a new client has saved or read a favorite."""
    began = time.time()
    while True:
        client = Client(world, FIRST + 60, timeout=limit)
        try:
            if client.ask("GET", f"/api/flyers/{FIRST}/favorite/")[0] == 200:
                return time.time() - began
        except OSError:
            pass
        finally:
            client.close()
        if time.time() - began > 5 * limit:
            return time.time() - began
        time.sleep(0.01)


def main(state, kills):
    chosen = seed.take()
    world = World(state)
    world.fill()
    world.all_workers("favorites")
    rnd = random.Random(chosen)
    writers = [Writer(world, n, chosen) for n in range(WRITERS)]
    for w in writers:
        w.start()
    slowest, done = 0.0, 0
    try:
        while done < kills:
            time.sleep(rnd.uniform(0.02, 0.25))
            alive = world.workers("favorites")
            if not alive:
                continue
            try:
                os.kill(rnd.choice(alive), signal.SIGKILL)
            except ProcessLookupError:
                continue
            done += 1
            slowest = max(slowest, answers_within(world, 1.0))
    finally:
        for w in writers:
            w.go = False
        for w in writers:
            w.join()
    lost, there = [], set(world.ask(
        "SELECT user_id, kind, entity_id FROM favorite"))
    for w in writers:
        for pair, want in w.state.items():
            if want is not None and (pair in there) != want:
                lost.append((pair, want))
    wrong = [x for w in writers for x in w.wrong]
    problems = world.problems()
    print(f"{done} kills, {sum(w.told for w in writers)} answers,"
          f" {sum(w.failed for w in writers)} without, {len(lost)} lost,"
          f" {len(wrong)} wrong, slowest recovery {slowest:.3f} s")
    for x in lost[:5] + wrong[:5] + problems:
        print("FAILED:", x)
    return 1 if lost or wrong or problems or slowest >= 1.0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
