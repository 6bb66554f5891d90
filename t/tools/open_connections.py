#!/usr/bin/python3
"""Opens connections and waits for the server to close them.

open_connections.py PORT [--timeout S] KIND:TOKEN...

KIND is ws, sse, ticket (a WebSocket with a ticket) or stay. Prints "open"
when all are open, waits until all except those of kind stay are closed, and
checks that these still respond. Exits with 1 if a connection was not closed,
or if one of kind stay was.
"""
import argparse
import asyncio
import json
import os
import sys
import urllib.request

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ws import WS, Stream                               # noqa: E402


def ticket(port, token):
    r = urllib.request.Request(
        f"http://127.0.0.1:{port}/realtime/ticket", method="POST",
        headers={"Authorization": "Bearer " + token})
    with urllib.request.urlopen(r, timeout=20) as answer:
        return json.loads(answer.read())["ticket"]


async def begin(port, kind, token):
    if kind == "sse":
        c = await Stream(port).open(token=token)
    elif kind == "ticket":
        text = await asyncio.to_thread(ticket, port, token)
        c = await WS(port).open(path=f"/realtime?ticket={text}")
    else:
        c = await WS(port).open(token=token)
    await c.event()
    return c


async def ended(kind, c):
    if kind != "sse":
        code = await c.closed(None)
        assert code == 1008, f"closed with {code}"
        return
    while await c.reader.read(4096):
        pass


async def run(args):
    open_ones = []
    for word in args.connections:
        kind, _, token = word.partition(":")
        open_ones.append((word, kind, await begin(args.port, kind, token)))
    print("open", flush=True)
    tasks = {asyncio.create_task(ended(kind, c)): word
             for word, kind, c in open_ones if kind != "stay"}
    done, pending = await asyncio.wait(tasks, timeout=args.timeout)
    for task in done:
        task.result()
    for task in pending:
        print("still open:", tasks[task][:40], flush=True)
        task.cancel()
    for word, kind, c in open_ones:
        if kind == "stay":
            c.frame(b'{"type":"ping"}')
            while (await c.event())["type"] != "pong":
                pass
    return 1 if pending else 0


def main():
    p = argparse.ArgumentParser()
    p.add_argument("port", type=int)
    p.add_argument("--timeout", type=float, default=10)
    p.add_argument("connections", nargs="+")
    return asyncio.run(run(p.parse_args()))


sys.exit(main())
