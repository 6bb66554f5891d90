#!/usr/bin/python3
"""Reads events through a second nginx: server-sent events over HTTP/2 by curl,
and a WebSocket over TLS.

realtime_proxy.py PORT TOKEN IDLE SEND...

PORT is the TLS port of the second nginx on 127.0.0.1, TOKEN belongs to the
user who gets the events, IDLE is the number of seconds without events. SEND
TITLE is a command that sends the user a notification.

After the idle time, the same connections must deliver an event. Then the
network changes: the clients neither read nor close these connections any more.
New connections must deliver what was missed, once, and later events. Prints
what is wrong, and exits with 1.
"""
import asyncio
import json
import os
import signal
import ssl
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "tools"))
import ws                                               # noqa: E402

PORT, TOKEN, IDLE = int(sys.argv[1]), sys.argv[2], float(sys.argv[3])
SEND = sys.argv[4:]
LIMIT = 60      # seconds for an event on a busy machine
TLS = ssl.create_default_context()
TLS.check_hostname = False
TLS.verify_mode = ssl.CERT_NONE


def send(title):
    subprocess.run(SEND + [title], check=True, stdout=subprocess.DEVNULL)


class Stream:
    """Server-sent events over HTTP/2."""

    async def open(self, last=None):
        more = [] if last is None else ["-H", f"Last-Event-ID: {last}"]
        self.curl = await asyncio.create_subprocess_exec(
            "curl", "-skNi", "--http2", "-H", f"Authorization: Bearer {TOKEN}",
            "-H", "Accept: text/event-stream", *more,
            f"https://127.0.0.1:{PORT}/api/v1/realtime",
            stdout=subprocess.PIPE, limit=1 << 20)
        first = (await self.line()).split()
        assert first == ["HTTP/2", "200"], first
        while await self.line() != "":
            pass
        return self

    async def line(self):
        line = await asyncio.wait_for(self.curl.stdout.readline(), LIMIT)
        assert line.endswith(b"\n"), "the stream has ended"
        return line.decode().rstrip()

    async def notification(self):
        """Returns the ids of the next event and its notification."""
        fields = {}
        while True:
            line = await self.line()
            if line == "" and fields.get("event") == "notification.new":
                event = json.loads(fields["data"])
                return int(fields["id"]), event["data"]["notification_id"]
            if line == "":
                fields = {}
            elif not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value


class Socket:
    """A WebSocket that answers pings while it is idle."""

    async def open(self, last=None):
        self.ws = await ws.WS(PORT, TLS).open(
            "/realtime" + ("" if last is None else f"?after={last}"),
            bearer=TOKEN)
        self.events = asyncio.Queue()
        self.task = asyncio.create_task(self.read())
        return self

    async def read(self):
        try:
            while True:
                await self.events.put(await self.ws.next_text())
        except ws.Closed as end:
            await self.events.put({"type": f"closed: {end.args[0]}"})

    async def notification(self):
        while True:
            event = await asyncio.wait_for(self.events.get(), LIMIT)
            assert not event["type"].startswith("closed"), event
            if event["type"] == "notification.new":
                return event["seq"], event["data"]["notification_id"]


async def expect(clients, number):
    """Waits for a notification on each client. Returns the id of its event."""
    got = [await c.notification() for c in clients]
    assert [n for _, n in got] == [number] * len(clients), (number, got)
    return got[0][0]


async def main():
    old = [await Stream().open(), await Socket().open()]
    send("first")
    await expect(old, 1)
    await asyncio.sleep(IDLE)
    send("after the idle time")
    last = await expect(old, 2)
    # The clients have left the network without closing their connections.
    old[0].curl.send_signal(signal.SIGSTOP)
    old[1].task.cancel()
    send("missed")
    new = [await Stream().open(last), await Socket().open(last)]
    await expect(new, 3)
    send("on the new network")
    await expect(new, 4)
    for stream in (old[0], new[0]):
        stream.curl.kill()
        await stream.curl.wait()


asyncio.run(main())
