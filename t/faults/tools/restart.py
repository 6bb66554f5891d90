#!/usr/bin/python3
"""Restarts all pools repeatedly under load.

restart.py STATE BUILD ROUNDS LOGIN PASSWORD

All pools get requests continuously, on kept and on new connections. No
request may fail or run twice: created rows are counted, and a toggle must
change the state each time. LOGIN is an account that can sign in. Exits with 1
on errors.
"""
import json
import random
import subprocess
import sys
import threading
import time

from fixtures import FIRST, Client, World, uuid


class Load(threading.Thread):
    def __init__(self, world, n, user):
        super().__init__()
        self.world, self.user, self.rnd = world, user, random.Random(n)
        self.n, self.done, self.wrong = n, 0, []
        self.go = True

    def setup(self):
        pass

    def one(self, client):
        raise NotImplementedError

    def want(self, client, status, *args):
        got, body = client.ask(*args)
        if got != status:
            raise ValueError(f"{args[0]} {args[1]}: {got} {body[:200]}")
        return body

    def run(self):
        client = Client(self.world, self.user)
        while self.go:
            if time.time() - client.since > 600:
                client.signed_in()
            try:
                self.one(client)
                self.done += 1
            except (OSError, ValueError, KeyError, IndexError) as e:
                self.wrong.append(f"{time.strftime('%H:%M:%S')}"
                                  f" {type(self).__name__}: {e!r}")
                client.close()
            if self.rnd.random() < 0.1:
                client.close()
        client.close()


class Toggles(Load):
    """Each toggle must find the state that the previous one left."""
    state = False

    def one(self, client):
        body = json.loads(self.want(
            client, 200, "POST", "/api/user-favorites/toggle",
            {"entity_id": uuid(4, FIRST), "entity_type": "style"}))
        if body["is_favorite"] == self.state:
            raise ValueError("a toggle did not flip: run twice, or not")
        self.state = body["is_favorite"]


class Saves(Load):
    n_entity = 0

    def one(self, client):
        entity = FIRST + self.n_entity % self.world.things
        self.n_entity += 1
        path = f"/api/flyers/{entity}/favorite/"
        self.want(client, 201, "POST", path)
        self.want(client, 204, "DELETE", path)


class Lists(Load):
    def one(self, client):
        path = self.rnd.choice((
            "/api/v1/users/me/favorites", "/api/users/me/favorites/",
            "/customer/favorites", "/api/user-favorites"))
        self.want(client, 200, "GET", path)


class Flyers(Load):
    """Creates rows, of which none may exist twice."""

    def one(self, client):
        self.want(client, 201, "POST", "/api/flyers/",
                  {"title": f"made by {self.n}, number {self.done}"})
        self.want(client, 200, "GET", f"/api/flyers/{FIRST}/")

    def twice(self):
        n = self.world.ask("SELECT count(*) FROM flyer WHERE title LIKE ?",
                           f"made by {self.n}, %")[0][0]
        return [] if n == self.done else [f"{self.done} flyers made, {n} rows"]


class Profiles(Load):
    def one(self, client):
        bio = f"number {self.done}"
        self.want(client, 200, "PUT", "/user/profile", {"bio": bio})
        if json.loads(self.want(client, 200, "GET",
                                "/user/profile"))["bio"] != bio:
            raise ValueError("the profile is an old one")


class Listeners(Load):
    def one(self, client):
        self.want(client, 200, "GET", "/listeners?per_page=5")
        self.want(client, 200, "POST", "/presence/update",
                  {"status": "online"})


class Admins(Load):
    def one(self, client):
        self.want(client, 200, "GET", "/admin/users?per_page=5")
        time.sleep(0.01)


class Systems(Load):
    def one(self, client):
        self.want(client, 200, "GET", "/version")
        time.sleep(0.01)


class Logins(Load):
    """A login also creates a row."""
    login = password = None

    def one(self, client):
        self.want(client, 200, "POST", "/auth/login",
                  {"identifier": self.login, "password": self.password})

    def setup(self):
        self.before = self.rows()

    def rows(self):
        return self.world.ask(
            "SELECT count(*) FROM device_session AS s JOIN user AS u"
            " ON u.id = s.user_id WHERE u.username = ?", self.login)[0][0]

    def twice(self):
        n = self.rows() - self.before
        return [] if n == self.done else [f"{self.done} sign-ins, {n} rows"]


def main(state, build, rounds, login, password):
    world = World(state)
    world.fill()
    with world.writer() as db:
        db.execute("UPDATE user SET roles = 5 WHERE id = ?", (FIRST + 50,))
    Logins.login, Logins.password = login, password
    loads = [Toggles, Saves, Saves, Lists, Flyers, Profiles, Listeners,
             Admins, Systems, Logins]
    loads = [kind(world, n, FIRST + 50 if kind is Admins else
                  world.listeners[0] if kind is Listeners else FIRST + n)
             for n, kind in enumerate(loads)]
    for x in loads:
        x.setup()
        x.start()
    failed, slowest = 0, 0.0
    try:
        time.sleep(0.5)
        for n in range(rounds):
            began = time.time()
            if subprocess.run([build + "/earmark", "-c", world.conf, "pools",
                               "restart"], stdout=subprocess.DEVNULL
                              ).returncode != 0:
                failed += 1
            slowest = max(slowest, time.time() - began)
        time.sleep(0.5)
    finally:
        for x in loads:
            x.go = False
        for x in loads:
            x.join()
    wrong = [x for load in loads for x in load.wrong]
    for load in loads:
        if hasattr(load, "twice") and not load.wrong:
            wrong += load.twice()
    wrong += world.problems()
    print(f"{rounds} restarts of all pools (the slowest {slowest:.1f} s),"
          f" {failed} failed; {sum(x.done for x in loads)} requests,"
          f" {len(wrong)} wrong")
    for x in loads:
        print(f"# {type(x).__name__}: {x.done} done, {len(x.wrong)} wrong")
    for x in wrong[:12]:
        print("FAILED:", x)
    return 1 if failed or wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:]))
