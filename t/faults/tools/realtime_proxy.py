#!/usr/bin/python3
"""Reads events through a second nginx: server-sent events over HTTP/2 by curl,
and a WebSocket over TLS.

realtime_proxy.py PORT TOKEN IDLE SEND...

PORT is the TLS port of the second nginx on 127.0.0.1, TOKEN belongs to the
user who gets the events, IDLE is the number of seconds without events. SEND
TITLE is a command that sends the user a notification.

The clients connect from 127.0.0.2. After the idle time, the same connections
must deliver an event. Then the network changes: the connections transfer
nothing any more in either direction, and no side gets a FIN or RST. New
connections from 127.0.0.3 must deliver what was missed, once, and later events.
Prints what is wrong, and exits with 1.
"""
import asyncio
import json
import os
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


class Network:
    """Connects clients with the second nginx from an address, until it is
    lost.
    """

    async def open(self, address):
        self.address, self.tasks, self.writers = address, [], []
        self.server = await asyncio.start_server(self.accept, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def accept(self, reader, writer):
        far = await asyncio.open_connection(
            "127.0.0.1", PORT, local_addr=(self.address, 0))
        self.writers += [writer, far[1]]
        self.tasks += [asyncio.create_task(self.forward(reader, far[1])),
                       asyncio.create_task(self.forward(far[0], writer))]

    async def forward(self, reader, writer):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
        writer.close()

    def lose(self):
        """Stops reading and writing. All connections remain open."""
        self.server.close()
        for task in self.tasks:
            task.cancel()
        for writer in self.writers:
            writer.transport.pause_reading()

    def close(self):
        self.server.close()
        for writer in self.writers:
            writer.transport.abort()


class Stream:
    """Server-sent events over HTTP/2."""

    async def open(self, network, last=None):
        more = [] if last is None else ["-H", f"Last-Event-ID: {last}"]
        self.curl = await asyncio.create_subprocess_exec(
            "curl", "-skNi", "--http2", "-H", f"Authorization: Bearer {TOKEN}",
            "-H", "Accept: text/event-stream", *more,
            f"https://127.0.0.1:{network.port}/api/v1/realtime",
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

    async def open(self, network, last=None):
        self.ws = await ws.WS(network.port, TLS).open(
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


async def connect(network, last=None):
    return [await Stream().open(network, last),
            await Socket().open(network, last)]


async def main():
    home = await Network().open("127.0.0.2")
    old = await connect(home)
    send("first")
    await expect(old, 1)
    await asyncio.sleep(IDLE)
    send("after the idle time")
    last = await expect(old, 2)
    home.lose()
    for title in "missed", "missed too", "missed last":
        send(title)
    mobile = await Network().open("127.0.0.3")
    new = await connect(mobile, last)
    send("on the new network")
    for number in 3, 4, 5, 6:
        await expect(new, number)
    assert not old[1].events.qsize() and not old[1].task.done(), \
        "the lost network has transferred something"
    # These events would follow if one of the others was repeated.
    send("end")
    await expect(new, 7)
    for socket in (old[1], new[1]):
        socket.task.cancel()
    for stream in (old[0], new[0]):
        stream.curl.kill()
        await stream.curl.wait()
    for network in (home, mobile):
        network.close()


asyncio.run(main())
