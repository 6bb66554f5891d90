#!/usr/bin/python3
"""Kills a worker between its commit and its response.

kill_after_commit.py STATE BUILD CONTROL ROUNDS

In each round a webhook, a start, an end, a redemption and an adjustment are
committed, and the worker is killed instead of responding. A repeat (a
redelivery, or the same key) must return the response, and the effect must
exist once. Then the worker is killed after the sync of its log. The effect
may exist or not, and after the repeat it must exist once. The workers run
with t/faults/tools/fail_nth.so, one per pool. Exits with 1 on errors.
"""
import json
import sys
import time

from fail_each_nth import YOUNG, Adjust, End, Redeem, Start, Sweep, Topup


def killed(world, case, what, rounds):
    """Returns (effects that existed after the kill, errors)."""
    done, wrong = 0, []
    for n in range(rounds):
        case.next()
        if rounds > 20:
            time.sleep(YOUNG)
        where = f"{type(case).__name__} {what} {n}"
        world.nth.arm(case.program, what, 1)
        try:
            status, body = case.client.ask(*case.request)
        except OSError:
            case.client.close()
            status, body = 0, ""
        failed = world.nth.disarm()[1]
        if status in case.good or failed != 1:
            wrong.append(f"{where}: not killed, {status} {body[:200]}")
        done += case.done()
        if what == "kill-answer" and case.done() != 1:
            wrong.append(f"{where}: killed after the commit, and done"
                         f" {case.done()} times")
        status, body = world.retry(case)
        if status not in case.good:
            wrong.append(f"{where}: again: {status} {body[:200]}")
        if case.done() != 1:
            wrong.append(f"{where}: done {case.done()} times")
        ledger = world.verify(world.build)
        if ledger:
            wrong.append(f"{where}: {ledger}")
        if hasattr(case, "after") and status in case.good:
            case.after(json.loads(body))
        if len(wrong) > 10:
            break
    return done, wrong


def main(state, build, control, rounds):
    world = Sweep(state, build, control)
    world.fill_money(3)
    wrong = []
    for kind in (Topup, Start, End, Redeem, Adjust):
        case = kind(world)
        for what in ("kill-answer", "kill-sync"):
            done, bad = killed(world, case, what, rounds)
            print(f"# {kind.__name__}: {what}, {rounds} times, of which"
                  f" {done} were done")
            wrong += bad
    wrong += world.wrong()
    for x in wrong[:12]:
        print("FAILED:", x)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4], int(sys.argv[4])))
