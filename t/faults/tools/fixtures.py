"""Users, items and requests for fault tests of a running service.

Rows are inserted by SQL under the writer lock, and tokens are signed here.
That creates hundreds of accounts quickly and uses only the tested parts of
the service.
"""
import contextlib
import fcntl
import json
import os
import socket
import sqlite3
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "bench"))
import machine                                          # noqa: E402
import tokens                                           # noqa: E402
sys.path.insert(0, os.path.join(HERE, "..", "..", "tools"))
import tokenizer                                        # noqa: E402

FIRST = 1000            # lowest id of inserted rows
ROLE_CUSTOMER, ROLE_LISTENER, ROLE_ADMIN = 1, 2, 4


def uuid(kind, n):
    return f"018bcfe5-6800-7000-a{kind:03x}-{n:012x}"


class World:
    def __init__(self, state):
        self.state = os.path.abspath(state)
        self.db = self.state + "/earmark.db"
        self.conf = self.state + "/earmark.conf"
        with open(self.state + "/run/demo.env") as f:
            self.url = dict(s.strip().split("=", 1) for s in f)["url"]
        host, port = self.url[7:].split(":")
        self.address = host, int(port)
        self.key = tokens.project_key(self.state)
        self.kept = None                # connections by URI; None: not kept

    def keep_connections(self):
        """Keeps the connections to the database. A new one needs 6 ms for the
        schema. Only for one thread, while the service runs.
        """
        self.kept = {}

    @contextlib.contextmanager
    def connection(self, mode):
        uri = f"file:{self.db}?mode={mode}"
        db = (self.kept or {}).get(uri)
        if db is None:
            db = sqlite3.connect(uri, uri=True, timeout=10)
            if mode == "rw":
                tokenizer.load(db)
                db.execute("PRAGMA foreign_keys = ON")
                db.execute("PRAGMA wal_autocheckpoint = 0")
            if self.kept is not None:
                self.kept[uri] = db
        try:
            yield db
        finally:
            # Closing the last connection would checkpoint. The service holds
            # another one.
            if self.kept is None:
                db.close()

    @contextlib.contextmanager
    def writer(self):
        with open(self.state + "/writer.lock", "a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with self.connection("rw") as db, db:
                yield db

    def ask(self, sql, *args):
        with self.connection("ro") as db:
            return db.execute(sql, args).fetchall()

    def fill(self, people=100, things=50):
        """Inserts users FIRST.. (the last ten are verified listeners), and
        `things` flyers, destinations and styles.
        """
        now = int(time.time() * 1000)
        self.people, self.things = people, things
        ids = range(FIRST, FIRST + people)
        self.listeners = list(ids)[-10:]
        with self.writer() as db:
            for i in ids:
                db.execute(
                    "INSERT INTO user(id, uuid, status, roles, username,"
                    " referral_code, created_at, updated_at)"
                    " VALUES (?, ?, 1, ?, ?, ?, ?, ?)",
                    (i, os.urandom(16), 3 if i in self.listeners else 1,
                     f"fault{i}", f"FAULT{i}", now, now))
                db.execute("INSERT INTO device_session(id, user_id,"
                           " created_at, used_at) VALUES (?, ?, ?, ?)",
                           (i, i, now, now))
            for i in self.listeners:
                db.execute("INSERT INTO listener(user_id, rate_per_minute,"
                           " languages, registered_at) VALUES (?, 1, 'en', ?)",
                           (i, now))
                db.execute("UPDATE listener SET verification = 1"
                           " WHERE user_id = ?", (i,))
                db.execute("UPDATE presence SET status = 1,"
                           " online_until = 4102444800000"
                           " WHERE user_id = ?", (i,))
            for i in range(FIRST, FIRST + things):
                db.execute("INSERT INTO flyer(id, publisher_id, title,"
                           " created_at, updated_at)"
                           " VALUES (?, ?, 'flyer', ?, ?)",
                           (i, FIRST, now, now))
                for kind, table, owner in ((3, "destination", ""),
                                           (4, "style", "owner_id, ")):
                    db.execute(
                        f"INSERT INTO {table}(id, uuid, {owner} name,"
                        f" created_at, updated_at) VALUES (?, ?,"
                        f" {'?, ' if owner else ''} 'x', ?, ?)",
                        (i, bytes.fromhex(uuid(kind, i).replace("-", "")),
                         *([FIRST] if owner else []), now, now))

    def token(self, user):
        now = int(time.time())
        return tokens.sign(self.key, {
            "iss": "earmark", "aud": "earmark", "use": "access",
            "sub": str(user), "sid": user, "iat": now, "nbf": now,
            "exp": now + 900}).decode()

    def workers(self, pool):
        """Returns the workers, without those that only check whether they
        could start (-t).
        """
        asked = machine.named("earmark-" + pool, "-t")
        return [p for p in machine.named("earmark-" + pool, self.conf)
                if p not in asked]

    def all_workers(self, pool, n=2):
        """Waits until all workers of a pool serve. Returns their ids."""
        end = time.time() + 20
        while time.time() < end:
            pids = [p for p in self.workers(pool) if os.path.exists(
                f"{self.state}/run/worker-{pool}-{p}")]
            if len(pids) == n:
                return pids
            time.sleep(0.02)
        raise SystemExit(f"fixtures: {pool} has no {n} workers")

    def problems(self):
        """Returns errors of the database, its counters and the logs."""
        out = []
        for name, sql in (
                ("integrity", "SELECT * FROM pragma_integrity_check"
                              " WHERE integrity_check <> 'ok'"),
                ("foreign keys", "PRAGMA foreign_key_check"),
                ("pairs twice", "SELECT user_id FROM favorite GROUP BY"
                 " user_id, kind, entity_id HAVING count(*) > 1"),
                ("counts", "SELECT kind, id FROM favoritable AS e WHERE"
                 " favorites_count <> (SELECT count(*) FROM favorite AS f"
                 " WHERE f.kind = e.kind AND f.entity_id = e.id)"),
                ("totals", "SELECT user_id, kind FROM favorite_total AS t"
                 " WHERE n <> (SELECT count(*) FROM favorite AS f WHERE"
                 " f.user_id = t.user_id AND f.kind = t.kind)"),
                ("log", LOG)):
            rows = self.ask(sql)
            if rows:
                out.append(f"{name}: {rows[:3]}")
        return out


# In the log, saves and unsaves of a favorite alternate, beginning with a save.
# The last one is the present state.
LOG = """
WITH turn AS (SELECT user_id, kind, entity_id, action, seq, lag(action, 1, 0)
	OVER (PARTITION BY user_id, kind, entity_id ORDER BY seq) AS before,
	lead(seq) OVER (PARTITION BY user_id, kind, entity_id ORDER BY seq)
	AS next FROM favorite_log)
SELECT user_id, kind, entity_id, seq FROM turn WHERE action = before
    OR (next IS NULL AND action <> EXISTS (SELECT 1 FROM favorite AS f
	WHERE f.user_id = turn.user_id AND f.kind = turn.kind
	AND f.entity_id = turn.entity_id))
UNION ALL SELECT f.user_id, f.kind, f.entity_id, 0 FROM favorite AS f
WHERE NOT EXISTS (SELECT 1 FROM favorite_log AS l WHERE l.user_id = f.user_id
    AND l.kind = f.kind AND l.entity_id = f.entity_id)
"""


class Client:
    """A client with one kept connection, which sends one request at a time."""

    def __init__(self, world, user=None, timeout=10.0):
        self.world, self.timeout, self.sock = world, timeout, None
        self.user = user
        self.signed_in()

    def signed_in(self):
        """Signs a new token, because tokens are valid for 15 minutes."""
        self.head, self.since = f"Host: {self.world.address[0]}\r\n", time.time()
        if self.user:
            self.head += "Authorization: Bearer " \
                f"{self.world.token(self.user)}\r\n"

    def connect(self):
        self.sock = socket.create_connection(self.world.address, self.timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def close(self):
        if self.sock:
            self.sock.close()
        self.sock = None

    def send(self, method, path, body=None, headers=""):
        """Sends a request. Bytes are sent unchanged, other bodies as JSON."""
        if not self.sock:
            self.connect()
        data = b"" if body is None else body if isinstance(body, bytes) else \
            json.dumps(body).encode()
        text = f"{method} {path} HTTP/1.1\r\n{self.head}{headers}"
        if data:
            text += "Content-Type: application/json\r\n"
        if data or method in ("POST", "PUT", "PATCH"):
            text += f"Content-Length: {len(data)}\r\n"
        self.sock.sendall(text.encode() + b"\r\n" + data)

    def more(self):
        data = self.sock.recv(65536)
        if not data:
            raise ConnectionError("closed without an answer")
        self.rest += data

    def answer(self, bare=False):
        """Returns (status, text of the body). self.fields has the headers.
        bare: the response to HEAD, which has no body.
        """
        while b"\r\n\r\n" not in self.rest:
            self.more()
        head, self.rest = self.rest.split(b"\r\n\r\n", 1)
        fields = self.fields = head.decode().lower().split("\r\n")
        status = int(fields[0].split()[1])
        length = 0
        for f in fields[1:]:
            name, _, value = f.partition(":")
            if name == "content-length" and not bare:
                length = int(value)
            elif name == "transfer-encoding":
                raise ConnectionError("a chunked answer")
        while len(self.rest) < length:
            self.more()
        body, self.rest = self.rest[:length], self.rest[length:]
        if "connection: close" in fields:
            self.close()
        return status, body.decode()

    def ask(self, method, path, body=None, headers=""):
        self.send(method, path, body, headers)
        return self.answer()


def at_once(clients, method, path, body=None):
    """Sends the same request by all clients before any response is read."""
    for c in clients:
        if not c.sock:
            c.connect()
    for c in clients:
        c.send(method, path, body)
    return [c.answer() for c in clients]
