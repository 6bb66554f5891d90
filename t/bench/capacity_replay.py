"""Mixed traffic of a peak hour, with requests at scheduled times.

ACTIONS has what an active user does in the hour. Arrivals of all users are a
Poisson process. A latency is counted from the time at which the request was
due, so that a server that is too slow cannot delay its own load.
"""
import asyncio
import contextvars
import json
import random
import time

import capacity_data as data
import gen
import hooks
from capacity_http import request

CONNECTIONS = 128
LATE = 5.0              # seconds after which a run is given up
DUE = contextvars.ContextVar("due", default=None)       # of the next request


class Connection(asyncio.Protocol):
    """One connection with at most one request."""

    def __init__(self):
        self.rest, self.done, self.need = b"", None, None

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, _):
        if self.done and not self.done.done():
            self.done.set_exception(ConnectionError())
        self.transport = None

    def data_received(self, got):
        self.rest += got
        if self.need is None:
            at = self.rest.find(b"\r\n\r\n")
            if at < 0:
                return
            head = self.rest[:at].lower()
            self.status = int(head[9:12])
            n = head.find(b"\r\ncontent-length:")
            self.begin = at + 4
            self.need = self.begin + (
                0 if self.status in (204, 304) else
                int(head[n + 17:].split(b"\r\n", 1)[0]) if n >= 0 else -1)
        if self.need < self.begin:      # chunked
            if not self.rest.endswith(b"0\r\n\r\n"):
                return
        elif len(self.rest) < self.need:
            return
        body, self.rest, self.need = self.rest[self.begin:], b"", None
        self.done.set_result((self.status, body))

    def ask(self, text):
        self.done = asyncio.get_running_loop().create_future()
        self.transport.write(text)
        return self.done


class Traffic:
    def __init__(self, one, seed):
        self.one, self.rnd = one, random.Random(seed)
        self.n, self.key = one.users, hooks.key_of(one.state)
        self.flyers = max(self.n // 20, 50)
        self.times, self.bad, self.late = {}, {}, 0.0
        self.free, self.busy = [], set()

    # What a user sends: (pool, request)
    def text(self, method, path, user=None, body=None, headers=None):
        headers = dict(headers or {})
        if user:
            headers["Authorization"] = "Bearer " + self.one.token(user)
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        return request(method, path, headers, body)

    def user(self):
        return 10 * self.rnd.randrange(2, self.n // 10 - 1) + \
            self.rnd.choice((2, 4, 5, 8))

    def listener(self):
        return 50 * self.rnd.randrange(1, self.n // 50 - 1) + \
            self.rnd.choice((10, 20, 30, 40))

    def flyer(self):
        return self.rnd.randrange(1, self.flyers)

    async def get(self, path, user=None):
        await self.send(path.split("?")[0], "GET", path, user or self.user())

    async def listeners(self):
        await self.get("/api/v1/listeners")

    async def search(self):
        await self.get(f"/api/v1/listeners/gsearch?q={self.listener()}")

    async def profile(self):
        await self.send("/api/v1/listeners/{id}", "GET",
                        f"/api/v1/listeners/{self.listener()}", self.user())

    async def customer_list(self):
        await self.get("/api/v1/customer/favorites")

    async def flyer_list(self):
        await self.get("/api/users/me/favorites?limit=20")

    async def destination_list(self):
        user = self.user()
        await self.send("/api/v1/users/{user}/favorites", "GET",
                        f"/api/v1/users/{user}/favorites?limit=20", user)

    async def flyer_search(self):
        await self.get(f"/api/flyers?q={self.flyer()}")

    async def destinations(self):
        await self.get(f"/api/v1/destinations?q={self.flyer()}")

    async def save(self):
        """Checks, saves and removes a favorite."""
        user = self.user()
        path, row = (f"/api/flyers/{self.flyer()}/favorite",
                     "/api/flyers/{flyer_id}/favorite")
        for method in ("GET", "POST", "DELETE"):
            await self.send(row, method, path, user)

    async def events(self):
        await self.get("/api/v1/events")

    async def notifications(self):
        await self.get("/api/v1/notifications")

    async def balance(self):
        await self.get("/api/v1/user/balance")

    async def transactions(self):
        await self.get("/api/v1/user/transactions", data.payer(
            self.rnd.randrange(self.n // 10 - 2)))

    async def popular(self):
        await self.get("/api/v1/popular?kind=flyer")

    async def online(self):
        await self.send("/api/v1/presence/update", "POST",
                        "/api/v1/presence/update", self.listener(),
                        {"status": "online"})

    async def login(self):
        await self.send("/api/v1/auth/login", "POST", "/api/v1/auth/login",
                        None, {"identifier": f"u{self.user()}@mail.example",
                               "password": gen.PASSWORD})

    async def call(self):
        """A call with 30 s of heartbeats, without the pauses."""
        while True:
            who = data.payer(self.rnd.randrange(self.n // 10 - 2))
            other = self.listener()
            if who not in self.busy and other not in self.busy:
                break
        self.busy |= {who, other}
        post = "/api/v1/call/"
        try:
            await self.send("/api/v1/presence/update", "POST",
                            "/api/v1/presence/update", other,
                            {"status": "online"})
            status, got = await self.send(post + "start", "POST", post +
                                          "start", who, {"callee_id": other},
                                          (201, 402, 409))
            if status != 201:
                return
            call = {"call_id": json.loads(got)["call_id"]}
            for what, user in (("accept", other), ("heartbeat", who),
                               ("heartbeat", other), ("end", who)):
                await self.send(post + what, "POST", post + what, user, call)
        finally:
            self.busy -= {who, other}

    async def topup(self):
        user = self.user()
        path = "/api/v1/payments/initiate"
        status, got = await self.send(path, "POST", path, user, {
            "amount": 10000, "provider": "sandbox"})
        if status != 201:
            return
        body = hooks.body(f"hour_{self.rnd.random()}", "paid",
                          json.loads(got)["payment_id"], 10000)
        path = "/api/v1/payments/webhook/sandbox"
        await self.send(path, "POST", path, None, body, headers={
            "Content-Type": "application/json",
            "Earmark-Signature": hooks.sign(self.key, int(time.time()), body)})

    # (how often in the hour, action, its requests)
    ACTIONS = (
        (4, "listeners", 1), (1, "search", 1), (3, "profile", 1),
        (2, "customer_list", 1), (2, "flyer_list", 1),
        (2, "destination_list", 1), (1, "flyer_search", 1),
        (1, "destinations", 1), (0.5, "save", 3), (4, "events", 1),
        (1, "notifications", 1), (2, "balance", 1), (0.3, "transactions", 1),
        (0.5, "popular", 1), (1, "online", 1), (0.1, "login", 1),
        (0.1, "call", 6), (0.05, "topup", 2))
    REQUESTS = sum(times * n for times, _, n in ACTIONS)

    async def send(self, row, method, path, user=None, body=None,
                   want=(200, 201, 204), headers=None):
        text = self.text(method, path, user, body, headers)
        began = DUE.get() or time.perf_counter()
        DUE.set(None)
        c = await self.take()
        status, got = await c.ask(text)
        self.release(c)
        took = time.perf_counter() - began
        self.times.setdefault((method, row), []).append(took * 1e3)
        if status not in want:
            self.bad[method, row, status] = self.bad.get(
                (method, row, status), 0) + 1
        return status, got

    async def take(self):
        while not self.free:
            self.waiting.append(asyncio.get_running_loop().create_future())
            await self.waiting[-1]
        c = self.free.pop()
        if c.transport is None or c.transport.is_closing():
            _, c = await asyncio.get_running_loop().create_connection(
                Connection, self.one.where.hostname, self.one.where.port)
        return c

    def release(self, c):
        self.free.append(c)
        if self.waiting:
            future = self.waiting.pop()
            if not future.done():
                future.set_result(None)

    async def run(self, users, speed, seconds):
        """Replays an hour of `users` at `speed` for some seconds. Returns the
        seconds that it took.
        """
        loop = asyncio.get_running_loop()
        self.waiting, tasks = [], set()
        self.free = [(await loop.create_connection(
            Connection, self.one.where.hostname, self.one.where.port))[1]
            for _ in range(CONNECTIONS)]
        names = [name for _, name, _ in self.ACTIONS]
        weights = [times for times, _, _ in self.ACTIONS]
        rate = users * sum(weights) * speed / 3600
        began = at = time.perf_counter()
        while True:
            at += self.rnd.expovariate(rate)
            if at > began + seconds:
                break
            ahead = at - time.perf_counter()
            if ahead > 0:
                await asyncio.sleep(ahead)
            self.late = max(self.late, time.perf_counter() - at)
            if self.late > LATE or len(tasks) > LATE * rate:
                break
            name = self.rnd.choices(names, weights)[0]
            DUE.set(at)
            task = loop.create_task(getattr(self, name)())
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            await asyncio.sleep(0)
        if tasks:
            await asyncio.wait(tasks, timeout=30)
        for c in self.free:
            c.transport and c.transport.close()
        return time.perf_counter() - began
