#!/usr/bin/python3
"""Tests how earmark-realtime treats WebSockets without messages.

realtime_silent.py STATE

One client answers pings, the other does not. The first must be pinged about
every 20 s and stay connected. The second must be pinged once and be
disconnected after about 60 s.
"""
import asyncio
import sys
import time

from fixtures import FIRST, World
import ledger
from ws import WS, Closed

PING, HANGUP, LATE = 20, 60, 15     # s; LATE is for slow machines
GONE = (Closed, OSError, asyncio.IncompleteReadError)


async def pings(ws, answer, seconds):
    """Returns the times of pings, and of the end or None."""
    began, times = time.time(), []
    while time.time() < began + seconds:
        try:
            op, data = await asyncio.wait_for(ws.read_frame(), 1)
        except asyncio.TimeoutError:
            continue
        except GONE:
            return times, time.time() - began
        if op == 9:
            times.append(time.time() - began)
            if answer:
                ws.frame(data, op=10)
        if op == 8:
            return times, time.time() - began
    return times, None


async def main(state):
    w = World(state)
    with w.writer() as db:
        users = list(ledger.people(db, FIRST, 2, 0)[0])
    both = [await WS(w.address[1]).open(token=w.token(u)) for u in users]
    (some, end), (once, dead) = await asyncio.gather(
        pings(both[0], True, HANGUP + LATE),
        pings(both[1], False, HANGUP + LATE))
    print(f"answers: pings at {some}, end {end};"
          f" does not answer: pings at {once}, end {dead}")
    assert end is None and 3 <= len(some) <= 4, some
    assert PING - 1 < some[0] < PING + LATE, some
    assert len(once) == 1, once
    assert dead and HANGUP - 1 < dead < HANGUP + LATE, dead


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
