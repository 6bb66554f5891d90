#!/usr/bin/python3
"""Tests realtime connections with a client.

realtime.py PORT STATE TOKENS.json

TOKENS has name: {"token", "id"} of ana and bob (customers with the favorite
lis), lis (a verified listener), and out (another session of bob). Prints TAP.
"""
import asyncio
import json
import os
import re
import sqlite3
import subprocess
import sys
import urllib.request

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from ws import WS, Closed, Refused, Stream              # noqa: E402

PORT, STATE = int(sys.argv[1]), sys.argv[2]
with open(sys.argv[3], encoding="utf-8") as tokens:
    WHO = json.load(tokens)
ANA, BOB, LIS, OUT = (WHO[name]["token"] for name in ("ana", "bob", "lis",
                                                      "out"))


def api(method, path, token, body=None):
    r = urllib.request.Request(
        f"http://127.0.0.1:{PORT}{path}", method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": "Bearer " + token,
                 "Content-Type": "application/json"})
    with urllib.request.urlopen(r, timeout=20) as answer:
        return json.loads(answer.read() or b"null")


async def call(*args):
    return await asyncio.to_thread(api, *args)


def sql(text):
    subprocess.run(["flock", f"{STATE}/writer.lock", "sqlite3", "-cmd",
                    ".timeout 5000", f"{STATE}/earmark.db", text], check=True)


def events(who, n, size=20):
    """Inserts n events for a user in one commit."""
    user = WHO[who]["id"]
    sql(f"""BEGIN IMMEDIATE;
        WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c
        WHERE i < {n}) INSERT INTO event(user_id, seq, type, at, data)
        SELECT {user}, i + (SELECT coalesce(max(seq), 0) FROM event
        WHERE user_id = {user}),
        15, strftime('%s', 'now') * 1000,
        json_object('text', printf('%.*c', {size}, 'x')) FROM c;
        COMMIT;""")


def last(who):
    with sqlite3.connect(f"file:{STATE}/earmark.db?mode=ro", uri=True) as db:
        row = db.execute("SELECT max(seq) FROM event WHERE user_id = ?",
                         (WHO[who]["id"],)).fetchone()
    return row[0] or 0


async def until(what, seconds=10):
    for _ in range(int(seconds * 20)):
        if await what():
            return True
        await asyncio.sleep(0.05)
    return False


async def collect(ws, n):
    return [(await ws.event())["seq"] for _ in range(n)]


def daemon():
    with open(f"{STATE}/run/realtime.pid", encoding="utf-8") as f:
        parent = f.read().strip()
    with open(f"/proc/{parent}/task/{parent}/children",
              encoding="utf-8") as f:
        return int(f.read().split()[0])


# ---- Tests

async def by_token_protocol_and_ticket():
    a = await WS(PORT).open(token=ANA)
    b = await WS(PORT).open(bearer=ANA)
    assert b.fields["sec-websocket-protocol"] == "earmark.v1", b.fields
    t = (await call("POST", "/realtime/ticket", ANA))["ticket"]
    c = await WS(PORT).open(path=f"/api/v1/realtime?ticket={t}")
    for ws in a, b, c:
        first = await ws.event()
        assert first["type"] == "ready" and first["seq"] == last("ana"), first
        ws.close()
    for path in (f"/realtime?ticket={t}", "/realtime?ticket=x",
                 "/realtime?ticket=%zz"):
        try:
            await WS(PORT).open(path=path)
            raise AssertionError("a ticket twice")
        except Refused as no:
            assert no.args[0] == 401 and "token_invalid" in no.args[1], no


async def nobody_else():
    for extra in ([], ["X-Earmark-User: 1 1"]):
        try:
            await WS(PORT).open(extra=extra)
            raise AssertionError("without a token")
        except Refused as no:
            assert no.args[0] == 401 and "token_required" in no.args[1], no
    ws = await WS(PORT).open(token=BOB, extra=[
        f"X-Earmark-User: {WHO['ana']['id']} 1"])
    await ws.event()
    await asyncio.to_thread(events, "ana", 1)
    await asyncio.to_thread(events, "bob", 1)
    e = await ws.event()
    assert e["seq"] == last("bob"), e
    ws.close()


async def a_commit_is_told_at_once():
    ana, bob = await WS(PORT).open(token=ANA), await WS(PORT).open(token=BOB)
    await ana.event(), await bob.event()
    await call("POST", "/presence/update", LIS, {"status": "online"})
    for ws in ana, bob:
        e = await ws.event()
        assert e["type"] == "presence.changed" and "seq" not in e, e
        assert e["data"]["user_id"] == WHO["lis"]["id"], e
        assert e["data"]["is_online"] is True, e
    await call("POST", "/presence/update", LIS, {"status": "offline"})
    e = await ana.event()
    assert e["data"]["status"] == "offline", e
    ana.close(), bob.close()


async def what_was_missed():
    had = last("ana")
    await asyncio.to_thread(events, "ana", 700)
    ws = await WS(PORT).open(path=f"/realtime?after={had}", token=ANA)
    assert await collect(ws, 700) == list(range(had + 1, had + 701))
    await asyncio.to_thread(events, "ana", 3)
    assert await collect(ws, 3) == list(range(had + 701, had + 704))
    ws.close()
    ws = await WS(PORT).open(path=f"/realtime?after={had + 700}", token=ANA)
    assert await collect(ws, 3) == list(range(had + 701, had + 704))
    ws.close()


async def what_is_gone():
    ws = await WS(PORT).open(path="/realtime?after=999999", token=ANA)
    e = await ws.event()
    assert e["type"] == "resync" and e["seq"] == last("ana"), e
    ws.close()
    user = WHO["ana"]["id"]
    await asyncio.to_thread(
        sql, f"DELETE FROM event WHERE user_id = {user} AND seq <= 5")
    for after, kind in (2, "resync"), (5, None):
        ws = await WS(PORT).open(path=f"/realtime?after={after}", token=ANA)
        e = await ws.event()
        assert (e["type"] == "resync") == (kind is not None), e
        ws.close()


async def as_a_stream():
    had = last("bob")
    await asyncio.to_thread(events, "bob", 5)
    s = await Stream(PORT).open(token=BOB, last=had)
    assert s.status == 200, s.fields
    assert s.fields["content-type"] == "text/event-stream", s.fields
    assert re.fullmatch(r"[0-9a-f]{32}", s.fields["x-request-id"]), s.fields
    for i in range(5):
        seq, kind, data = await s.event()
        assert int(seq) == had + 1 + i and data["seq"] == int(seq), data
        assert kind == "notification.new", kind
    s.close()


async def presence_is_being_connected():
    async def is_online():
        who = WHO["lis"]["id"]
        return (await call("GET", f"/presence/{who}", BOB))["is_online"]

    async def is_offline():
        return not await is_online()

    a, b = await WS(PORT).open(token=LIS), await WS(PORT).open(token=LIS)
    assert await until(is_online)
    # A presence update must not shorten the presence of the connection.
    await call("POST", "/presence/update", LIS, {"status": "away"})
    a.close()
    await asyncio.sleep(1.6)
    assert await is_online()
    b.drop()
    assert await is_online()
    assert await until(is_offline, 4)


async def signed_out():
    ws = await WS(PORT).open(token=OUT)
    other = await WS(PORT).open(token=BOB)
    await ws.event(), await other.event()
    await call("POST", "/auth/logout", OUT)
    assert await ws.closed() == 1008
    other.frame(b'{"type":"ping"}')
    assert (await other.event())["type"] == "pong"
    other.close()


async def who_does_not_read():
    had = last("bob")
    ws = WS(PORT)
    await ws.open(path="/realtime", token=BOB)
    await ws.event()
    ws.reader._transport.pause_reading()
    for _ in range(6):
        await asyncio.to_thread(events, "bob", 500, 8000)
        await asyncio.sleep(0.2)
    await asyncio.sleep(1)
    with open(f"/proc/{daemon()}/status", encoding="utf-8") as f:
        rss = int(next(x for x in f if x.startswith("VmRSS")).split()[1])
    with open(f"/proc/{daemon()}/maps", encoding="utf-8") as f:
        sanitized = "libasan" in f.read()   # with more memory
    assert rss < 24 * 1024 or sanitized, f"{rss} KiB"
    reading = await WS(PORT).open(path=f"/realtime?after={had}", token=BOB)
    assert await collect(reading, 3000) == list(range(had + 1, had + 3001))
    reading.close()
    ws.reader._transport.resume_reading()
    seen = []
    try:
        while True:
            seen.append((await ws.event())["seq"])
    except Closed as end:
        assert end.args[0] in (1013, None), end.args
    assert seen == list(range(had + 1, had + 1 + len(seen)))
    assert len(seen) < 3000, "was not cut off"
    ws = await WS(PORT).open(path=f"/realtime?after={had + len(seen)}",
                             token=BOB)
    left = 3000 - len(seen)
    assert await collect(ws, left) == list(range(had + 1 + len(seen),
                                                 had + 3001))
    ws.close()


async def what_no_client_sends():
    async def code(send):
        ws = await WS(PORT).open(token=ANA)
        await ws.event()
        send(ws)
        try:
            return await ws.closed(5)
        except asyncio.TimeoutError:
            return "open"
        finally:
            ws.drop()

    was = daemon()
    assert await code(lambda w: w.frame(b"x" * 70000)) == 1009
    assert await code(lambda w: [w.frame(b"x" * 40000, fin=False),
                                 w.frame(b"x" * 40000, op=0)]) == 1009
    assert await code(lambda w: w.frame(b"x", rsv=4)) in (1002, None)
    assert await code(lambda w: w.frame(b"x", op=5)) in (1002, None)
    assert await code(lambda w: w.frame(b"x", op=0)) in (1002, None)
    assert await code(lambda w: w.frame(b"x" * 126, op=9)) in (1002, None)
    assert await code(lambda w: w.frame(b"\xc3\x28")) in (1007, None)
    assert await code(lambda w: w.frame(b"\x03", op=8)) in (1002, 1000, None)
    assert await code(lambda w: w.writer.write(
        b"\x81\xff" + b"\xff" * 12)) in (1002, 1009, None)
    assert await code(lambda w: w.writer.write(os.urandom(4000))) != "open"
    assert daemon() == was, "it was started again"


async def through_the_deaths_of_others():
    """Events are written continuously while all programs are restarted."""
    n, had = 60, last("ana")
    seen = []

    async def listen():
        while len(seen) < n * 20:
            after = seen[-1] if seen else had
            try:
                ws = await WS(PORT).open(path=f"/realtime?after={after}",
                                         token=ANA)
                while len(seen) < n * 20:
                    e = await ws.event(20)
                    if "seq" in e and e["type"] != "ready":
                        seen.append(e["seq"])
            except (Closed, Refused, OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.1)

    async def write():
        for i in range(n):
            await asyncio.to_thread(events, "ana", 20)
            if i == 15:
                os.kill(daemon(), 9)
            if i == 30:
                with open(f"{STATE}/run/nginx.pid", encoding="utf-8") as f:
                    os.kill(int(f.read()), 1)
            if i == 45:
                os.kill(daemon(), 15)
            await asyncio.sleep(0.01)

    await asyncio.wait_for(asyncio.gather(listen(), write()), 60)
    assert seen == list(range(had + 1, had + 1 + n * 20)), seen[:50]


async def too_many_of_one():
    all_of = [await WS(PORT).open(token=ANA) for _ in range(32)]
    for ws in all_of:
        await ws.event()
    ws = await WS(PORT).open(token=ANA)
    assert await ws.closed() in (1008, None)
    for ws in all_of:
        ws.close()


TESTS = [by_token_protocol_and_ticket, nobody_else, a_commit_is_told_at_once,
         what_was_missed, what_is_gone, as_a_stream,
         presence_is_being_connected, signed_out, who_does_not_read,
         what_no_client_sends, too_many_of_one, through_the_deaths_of_others]


def main():
    bad = 0
    for n, test in enumerate(TESTS, 1):
        name = test.__name__.replace("_", " ")
        try:
            asyncio.run(test())
            print(f"ok {n} - {name}", flush=True)
        except Exception as error:                      # noqa: BLE001
            bad += 1
            print(f"not ok {n} - {name}\n# {type(error).__name__}: "
                  f"{str(error)[:600]}", flush=True)
    print(f"1..{len(TESTS)}")
    return 1 if bad else 0


sys.exit(main())
