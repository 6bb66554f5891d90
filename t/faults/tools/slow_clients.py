#!/usr/bin/python3
"""Clients that read or write slowly, and others of the same worker.

slow_clients.py STATE

In each case, SLOW clients begin a request whose response is larger than all
buffers, and take it in small pieces, or send the request in small pieces.
They use nginx, or connect to the socket of the pool, which has one worker.
Meanwhile the others request their own favorites. They must get them from the
same process before any slow client has finished. Then the slow clients read or
write the rest at once, and must get complete responses.

Prints one line per case, and FAILED lines. Exits with 1 on errors.
"""
import json
import os
import socket
import sys
import threading
import time

from fixtures import FIRST, HERE, Client, World

sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
from fastcgi import PARAMS, STDIN, Stream, begin, pair, record  # noqa: E402

SLOW = 20
OTHERS = 5
ROUNDS = 8
FLYERS = 150
TEXT = 20000            # bytes of the description of a flyer
DOCUMENTS = 15          # each slow client has so many, of 100 KB
RECEIVE = 4096          # SO_RCVBUF of a slow client
PIECE = 1024            # it takes so much
PAUSE = 0.05            # and then waits so long, in seconds
WAIT = 60               # maximum wait for a condition, in seconds

ARRAY = "/api/users/me/favorites/"
PAGE = ARRAY + "?page=1&limit=100"
EXPORT = "/api/v1/me/export"
SAVE = "/api/flyers/{}/favorite"


def until(condition):
    end = time.monotonic() + WAIT
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Slow:
    """A client that reads or writes in small pieces until hurry() is called.

    head: its request, sent at once. tail: the rest, sent in pieces.
    """

    def __init__(self, sock, head, tail=b""):
        self.sock, self.tail, self.got = sock, tail, b""
        self.sent, self.closed = 0, False
        sock.settimeout(WAIT)
        sock.sendall(head)

    def step(self):
        """Sends or reads one piece, if that is possible now."""
        self.sock.setblocking(False)
        try:
            if self.sent < len(self.tail):
                self.sent += self.sock.send(
                    self.tail[self.sent:self.sent + 1])
            else:
                data = self.sock.recv(PIECE)
                self.got += data
                self.closed = not data
        except BlockingIOError:
            pass
        except OSError:
            self.closed = True

    def begun(self):
        return self.sent > 2 if self.tail else bool(self.got)

    def hurry(self):
        """Sends and reads the rest. Returns (status, body), or None."""
        self.sock.settimeout(WAIT)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        try:
            self.sock.sendall(self.tail[self.sent:])
            self.finish()
        except OSError:
            return None
        finally:
            self.sock.close()
        return self.parse()

    def finish(self):
        while True:
            data = self.sock.recv(65536)
            if not data:
                return
            self.got += data

    def parse(self):
        head, _, body = self.got.partition(b"\r\n\r\n")
        fields = head.decode("latin-1").split("\r\n")
        length = [f.split(":")[1] for f in fields
                  if f.lower().startswith("content-length:")]
        if not length or int(length[0]) != len(body):
            return None
        return int(fields[0].split()[1]), body


class SlowDirect(Slow):
    """The same on the socket of the pool: a FastCGI connection."""

    def __init__(self, path, head, tail=b""):
        self.stream = Stream(path)
        super().__init__(self.stream.sock, head, tail)

    def finish(self):
        self.stream.data = self.got
        answer = self.stream.answer()
        if answer is None:
            raise ConnectionError("closed without a complete response")
        self.got = answer.encode("latin-1")


class Cases:
    def __init__(self, world):
        self.world = world
        self.pids = {pool: world.all_workers(pool, 1)
                     for pool in ("favorites", "catalog")}
        self.others = [Client(world, FIRST + SLOW + i, WAIT)
                       for i in range(OTHERS)]
        self.wrong = 0

    def check(self, ok, what):
        if not ok:
            self.wrong += 1
            print("FAILED:", what)

    def nginx(self, user, method, path, body=b""):
        """Returns a slow client of nginx. It sends the body slowly."""
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE)
        sock.connect(self.world.address)
        head = (f"{method} {path} HTTP/1.1\r\nHost: x\r\n"
                f"Authorization: Bearer {self.world.token(user)}\r\n"
                "Connection: close\r\n")
        if body:
            head += ("Content-Type: application/json\r\n"
                     f"Content-Length: {len(body)}\r\n")
        return Slow(sock, head.encode() + b"\r\n", body)

    def direct(self, user, method, path, body=b""):
        """Returns a slow client of the worker."""
        pairs = {"REQUEST_METHOD": method, "REQUEST_URI": path,
                 "REMOTE_ADDR": "127.0.0.1",
                 "HTTP_AUTHORIZATION": "Bearer " + self.world.token(user)}
        if body:
            pairs["CONTENT_TYPE"] = "application/json"
            pairs["CONTENT_LENGTH"] = str(len(body))
        params = begin(0) + record(PARAMS, b"".join(
            pair(k, v) for k, v in pairs.items())) + record(PARAMS)
        rest = (record(STDIN, body) if body else b"") + record(STDIN)
        path = f"{self.world.state}/run/favorites.sock"
        if body:
            return SlowDirect(path, params, rest)
        return SlowDirect(path, params + rest)

    def served(self, name):
        """Checks that the others get their own flyers."""
        for _ in range(ROUNDS):
            for c in self.others:
                try:
                    status, text = c.ask("GET", ARRAY)
                    ok = status == 200 and [
                        f["flyer"]["id"] for f in json.loads(text)] == [c.user]
                    self.check(ok, f"{name}: {status} {text[:200]}")
                except OSError as e:
                    c.close()
                    self.check(False, f"{name}: {e!r}")

    def run(self, name, make, expect):
        """make(user) returns a slow client. expect(user, status, body)
        returns whether its response is the right one.
        """
        slow = {}
        stop = threading.Event()

        def trickle():
            while not stop.wait(PAUSE):
                for s in list(slow.values()):
                    s.step()
        thread = threading.Thread(target=trickle)
        thread.start()
        # One after the other: a worker produces only some at a time.
        for user in range(FIRST, FIRST + SLOW):
            s = slow[user] = make(user)
            if not until(s.begun):
                self.check(False, f"{name}: {user} did not begin")
                break
        self.served(name)
        stop.set()
        thread.join()
        done = sum(s.closed for s in slow.values())
        self.check(done == 0, f"{name}: {done} slow connections ended")
        for user, s in slow.items():
            got = s.hurry()
            self.check(got and expect(user, *got), f"{name}: the response to "
                       f"{user}: {str(got)[:200]} {s.got[-200:]!r}")
        self.check(self.pids == {p: self.world.workers(p) for p in self.pids},
                   f"{name}: another worker")
        print(name)


def fill(world):
    world.fill(SLOW + OTHERS + 10, FLYERS)
    with world.writer() as db:
        db.execute("UPDATE flyer SET description = printf('%.*c', ?, 'x')",
                   (TEXT,))
        db.execute(
            "INSERT INTO favorite(user_id, kind, entity_id, created_at,"
            " updated_at) SELECT u.id, 2, f.id, f.id, f.id FROM user AS u"
            " JOIN flyer AS f WHERE u.id >= ? AND u.id < ?",
            (FIRST, FIRST + SLOW))
        db.execute(
            "INSERT INTO flyer(id, publisher_id, title, created_at, updated_at)"
            " SELECT id, id, 'own', 1, 1 FROM user WHERE id >= ? AND id < ?"
            " ON CONFLICT(id) DO UPDATE SET description = ''",
            (FIRST + SLOW, FIRST + SLOW + OTHERS))
        db.execute(
            "INSERT INTO favorite(user_id, kind, entity_id, created_at,"
            " updated_at) SELECT id, 2, id, 1, 1 FROM user"
            " WHERE id >= ? AND id < ?", (FIRST + SLOW, FIRST + SLOW + OTHERS))
        db.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
            " WHERE i < ?) INSERT INTO document(uuid, owner_id, title, content,"
            " is_public, created_at, updated_at) SELECT randomblob(16), u.id,"
            " 'document ' || i, printf('%.*c', 99990, 'z'), 0, i, i"
            " FROM n JOIN user AS u WHERE u.id >= ? AND u.id < ?",
            (DOCUMENTS, FIRST, FIRST + SLOW))


def whole_list(_user, status, body):
    return status == 200 and len(json.loads(body)) == FLYERS


def whole_page(_user, status, body):
    return status == 200 and len(json.loads(body)["results"]) == 100


def whole_export(user, status, body):
    got = json.loads(body)
    return status == 200 and got["profile"]["username"] == f"fault{user}" and \
        len(got["documents"]) == DOCUMENTS


def saved(_user, status, _body):
    return status == 200


def main():
    world = World(sys.argv[1])
    fill(world)
    cases = Cases(world)
    for way, make in (("nginx", cases.nginx), ("the socket", cases.direct)):
        for what, path, expect in (("lists", ARRAY, whole_list),
                                   ("pages", PAGE, whole_page),
                                   ("exports", EXPORT, whole_export)):
            cases.run(f"{what} from {way}",
                      lambda user: make(user, "GET", path), expect)
        body = b'{"note":"' + b"x" * 100 + b'"}'
        cases.run(f"bodies to {way}",
                  lambda user: make(user, "POST", SAVE.format(FIRST), body),
                  saved)
    return 1 if cases.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
