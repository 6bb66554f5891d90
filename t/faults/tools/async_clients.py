"""Runs many clients in one thread. Each is a generator that yields requests:

 answer = yield (method, path, user, body, headers)

body is None, an object (sent as JSON) or bytes. headers is text, with CRLF
after each line. An answer is (status, text). A client keeps one connection
for all its users. run() returns when all clients have ended. A broken
connection fails the run, unless `fragile` allows it: then the status is 0.
"""
import json
import select
import socket


class Conn:
    def __init__(self, world, client):
        self.world, self.client = world, client
        self.sock, self.rest, self.request = None, b"", None

    def connect(self):
        self.sock = socket.create_connection(self.world.address, 30)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def close(self):
        if self.sock:
            self.sock.close()
        self.sock = None

    def encode(self, method, path, user=None, body=None, headers=""):
        data = (b"" if body is None else body if isinstance(body, bytes)
                else json.dumps(body).encode())
        text = (f"{method} {path} HTTP/1.1\r\nHost: a\r\n{headers}"
                f"{self.world.bearer(user) if user else ''}")
        if data:
            text += "Content-Type: application/json\r\n"
        if data or method != "GET":
            text += f"Content-Length: {len(data)}\r\n"
        return text.encode() + b"\r\n" + data

    def answer(self):
        """Returns (status, text) of a complete response, or None."""
        end = self.rest.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self.rest[:end].decode().lower()
        length = head.find("\r\ncontent-length:")
        n = 0 if length < 0 else int(head[length + 17:].split("\r\n", 1)[0])
        if len(self.rest) < end + 4 + n:
            return None
        body = self.rest[end + 4:end + 4 + n]
        self.rest = self.rest[end + 4 + n:]
        if "\r\nconnection: close" in head:
            self.close()
        return int(head[9:12]), body.decode()


def run(world, clients, fragile=False):
    """Runs generators until all have ended. Returns the number of requests."""
    poll, conns, done = select.epoll(), {}, 0

    def go_on(c, answer):
        try:
            request = c.client.send(answer)
        except StopIteration:
            c.close()
            return False
        data = c.encode(*request)
        if not c.sock:
            c.connect()
            conns[c.sock.fileno()] = c
            poll.register(c.sock.fileno(), select.EPOLLIN)
        c.sock.sendall(data)
        return True

    def take(c, fd):
        """Receives bytes. Returns a complete response or None."""
        try:
            data = c.sock.recv(262144)
            if not data:
                raise ConnectionError("closed without an answer")
        except OSError:
            if not fragile:
                raise
            c.close()
            return 0, ""
        c.rest += data
        return c.answer()

    live = sum(go_on(Conn(world, client), None) for client in clients)
    while live:
        ready = poll.poll(30)
        if not ready:
            raise ConnectionError("no answer for 30 s")
        for fd, _ in ready:
            c = conns[fd]
            answer = take(c, fd)
            if answer is None:
                continue
            done += 1
            if not c.sock:
                del conns[fd]
            if not go_on(c, answer):
                conns.pop(fd, None)
                live -= 1
    poll.close()
    return done
