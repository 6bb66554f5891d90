#!/usr/bin/python3
"""A UDP relay on loopback that delays or drops datagrams.

udp_link.py PORT TARGET CONTROL

Forwards datagrams between clients of PORT and TARGET in both directions. Each
client gets a port of its own. The file CONTROL contains the delay of each
datagram in milliseconds, or the word "drop". It is read for each datagram.
Runs until it is killed.
"""
import asyncio
import sys

HOST = "127.0.0.1"


class Link(asyncio.DatagramProtocol):
    """One socket. Received datagrams are passed to the function `forward`."""

    def __init__(self, control, forward):
        self.control, self.forward, self.rule = control, forward, "0"

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        with open(self.control, encoding="ascii") as f:
            # While the test writes the file, it is empty for a moment.
            self.rule = f.read().strip() or self.rule
        if self.rule != "drop":
            asyncio.get_running_loop().call_later(
                int(self.rule) / 1000, self.forward, data, address)


async def main(port, target, control):
    loop, clients = asyncio.get_running_loop(), {}

    def from_client(data, address):
        if address not in clients:
            clients[address] = loop.create_task(connect(address))
        clients[address].add_done_callback(
            lambda task: task.result().sendto(data))

    async def connect(address):
        transport, _ = await loop.create_datagram_endpoint(
            lambda: Link(control, lambda data, _: front.sendto(data, address)),
            remote_addr=(HOST, target))
        return transport

    front, _ = await loop.create_datagram_endpoint(
        lambda: Link(control, from_client), local_addr=(HOST, port))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
