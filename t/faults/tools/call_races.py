#!/usr/bin/python3
"""Sends simultaneous actions on calls.

call_races.py STATE ROUNDS

All requests of a burst are sent before any response is read. One of two
actions succeeds, no user stays busy, and the ledger is valid at the end.
Prints statistics. Exits with 1 on errors.
"""
import collections
import os
import random
import signal
import sys
import time

import seed
from money_fixtures import Bank
from money_races import seen, together

RATE, MANY = 100, 50
ACCEPTED, ENDED, CANCELLED, MISSED = 1, 2, 4, 5
failures = 0


def check(ok, *what):
    global failures
    if not ok:
        failures += 1
        print("FAILED:", *what)


def step(name, user, call):
    return "POST", f"/call/{name}", user, {"callId": call}


class Round:
    def __init__(self, world, n):
        self.w = world
        self.caller, self.callee = world.customers[n], world.listeners[n]

    def state(self, call):
        return self.w.ask("SELECT state FROM call WHERE id = ?", call)[0][0]

    def ring(self):
        got = together(self.w, [("POST", "/call/start", self.caller,
                                 {"calleeId": self.callee})])[0]
        check(got[0] == 201, "a ring", got)
        return got[1]["call_id"]

    def until(self, call, ms):
        """Sets the deadline to ms from now."""
        with self.w.writer() as db:
            db.execute("UPDATE call SET ring_until = ? WHERE id = ?",
                       (int(time.time() * 1000) + ms, call))

    def meet(self):
        """Accept, cancel and the deadline at the same time. Returns which one
        won.
        """
        call = self.ring()
        self.until(call, random.choice((0, 5, 15, 25, 5000)))
        time.sleep(random.random() / 40)
        asked = [step("accept", self.callee, call),
                 step("cancel", self.caller, call),
                 step("timeout", self.caller, call),
                 step("timeout", self.callee, call)]
        order = random.sample(range(4), 4)
        got = together(self.w, [asked[k] for k in order])
        status = dict(zip(order, (s for s, _ in got)))
        state = self.state(call)
        won = {ACCEPTED: {0}, CANCELLED: {1}, MISSED: set()}.get(state)
        check(won is not None, "a state", state, status)
        check({k for k in (0, 1) if status[k] == 200} == won and
              (state == MISSED or (status[2], status[3]) == (409, 409)) and
              set(status.values()) <= {200, 409}, "one winner", state, status)
        if state == ACCEPTED:
            self.ends(call)
        return state

    def ends(self, call):
        """Ends by both users, twice each: one end, one bill."""
        got = together(self.w, [step("end", u, call) for u in
                                (self.caller, self.callee) * 2])
        check(seen(got) == {"200": 4}, "ends", seen(got))
        check(len({(b["ended_by"], b["ended_at"], b["duration_seconds"])
                   for _, b in got}) == 1, "one end", got)
        rows = self.w.ask("SELECT user_id, count(*) FROM event WHERE type = 6"
                          " AND json_extract(data, '$.call_id') = ?"
                          " GROUP BY user_id", call)
        check(rows == sorted([(self.caller, 1), (self.callee, 1)]),
              "each is told once", rows)

    def twice(self):
        """Accepts by several devices: one session."""
        call = self.ring()
        got = together(self.w, [step("accept", self.callee, call)] * 10)
        check(seen(got) == {"200": 10} and
              len({b["session_id"] for _, b in got}) == 1, "accepted", got[:2])
        self.ends(call)

    def kill(self):
        """Kills all workers during an accept and during an end."""
        call = self.ring()
        for what, user in (("accept", self.callee), ("end", self.caller)):
            pids = self.w.all_workers("calls")
            pause = random.random() / 100
            if os.fork() == 0:
                time.sleep(pause)
                for pid in pids:
                    os.kill(pid, signal.SIGKILL)
                os._exit(0)
            try:
                together(self.w, [step(what, user, call)] * 4)
            except (OSError, ValueError, SystemExit):
                pass
            os.wait()
            end = time.time() + 20
            while not set(pids).isdisjoint(self.w.workers("calls")) and \
                    time.time() < end:
                time.sleep(0.02)
            self.w.all_workers("calls")
            got = together(self.w, [step(what, user, call)])[0]
            check(got[0] == 200, "once more", what, got)


def crowd(world):
    """50 callers call one listener."""
    callee = world.listeners[0]
    got = together(world, [("POST", "/call/start", u, {"calleeId": callee})
                           for u in world.customers[:MANY]])
    check(seen(got) == {"201": 1, "409 callee_busy": MANY - 1}, "a crowd",
          seen(got))
    call, caller = next((b["call_id"], b["caller_id"]) for s, b in got
                        if s == 201)
    check(together(world, [step("cancel", caller, call)])[0][0] == 200,
          "the crowd's call")


def main(state, rounds):
    random.seed(seed.take())
    world = Bank(state)
    n = max(rounds, MANY)
    world.settle(n, n, RATE)
    world.give(world.customers, 1000 * RATE)
    with world.writer() as db:
        db.execute("UPDATE listener SET rate_per_minute = ?", (RATE,))
        db.execute("UPDATE presence SET status = 1, online_until = ?"
                   " WHERE user_id >= ?",
                   (int(time.time() + 3600) * 1000, world.customers[0]))
    won = collections.Counter()
    for k in range(rounds):
        r = Round(world, k)
        won[r.meet()] += 1
        if k % 4 == 0:
            r.twice()
        if k % 10 == 0:
            r.kill()
    crowd(world)
    busy = world.ask("SELECT user_id FROM presence WHERE busy_since NOT NULL"
                     " UNION ALL SELECT user_id FROM call_live")
    check(not busy, "a user is busy", busy)
    for x in world.wrong():
        check(False, x)
    print(f"{rounds} rounds: {won[ACCEPTED]} accepted, {won[CANCELLED]}"
          f" cancelled, {won[MISSED]} missed; {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
