#!/usr/bin/python3
"""Sends simultaneous writes of one favorite through all interfaces.

races.py STATE ROUNDS

100 simultaneous adds leave one row and 100 removes none. Exactly one of them
reports the change. An even number of toggles has no effect. At the end
counts, totals and the log must agree with the rows. Prints statistics. Exits
with 1 on errors.
"""
import collections
import json
import sys

from fixtures import FIRST, Client, World, at_once, uuid

MANY = 100
failures = 0


def check(ok, what):
    global failures
    if not ok:
        failures += 1
        print("FAILED:", what)


def statuses(answers):
    return dict(collections.Counter(s for s, _ in answers))


class Round:
    def __init__(self, world, n):
        self.world, self.n = world, n
        self.user = FIRST + n % 40
        self.clients = [Client(world, self.user) for _ in range(MANY)]

    def close(self):
        for c in self.clients:
            c.close()

    def rows(self, kind, entity):
        return self.world.ask(
            "SELECT count(*) FROM favorite WHERE user_id = ? AND kind = ?"
            " AND entity_id = ?", self.user, kind, entity)[0][0]

    def log(self, kind, entity):
        return self.world.ask(
            "SELECT count(*) FROM favorite_log WHERE user_id = ? AND kind = ?"
            " AND entity_id = ?", self.user, kind, entity)[0][0]

    def burst(self, name, kind, entity, request, want, rows, log):
        answers = at_once(self.clients, *request)
        got = statuses(answers)
        check(got == want, f"{name}: answers {got}, not {want}; "
              f"{[b for s, b in answers if s not in want][:1]}")
        check(self.rows(kind, entity) == rows,
              f"{name}: {self.rows(kind, entity)} rows, not {rows}")
        check(self.log(kind, entity) == log,
              f"{name}: {self.log(kind, entity)} log rows, not {log}")
        return answers


def listener_favorites(r):
    entity = r.world.listeners[r.n % 10]
    path, body = "/customer/favorites", {"listener_id": entity}
    log = r.log(1, entity)
    r.burst("listeners: add", 1, entity, ("POST", path, body), {200: MANY}, 1, log + 1)
    r.burst("listeners: remove", 1, entity, ("DELETE", path, body), {200: MANY}, 0,
            log + 2)


def flyer_favorites(r):
    entity = FIRST + r.n % (r.world.things - 1)
    path, log = f"/api/flyers/{entity}/favorite/", r.log(2, entity)
    answers = r.burst("flyers: add", 2, entity, ("POST", path),
                      {201: 1, 200: MANY - 1}, 1, log + 1)
    check(len({b for _, b in answers}) == 1, "flyers: add: not all the same row")
    r.burst("flyers: remove", 2, entity, ("DELETE", path),
            {204: 1, 404: MANY - 1}, 0, log + 2)


def destination_favorites(r):
    entity = FIRST + r.n % (r.world.things - 1)
    path, log = "/api/v1/users/me/favorites", r.log(3, entity)
    r.burst("destinations: add", 3, entity,
            ("POST", path, {"destination_id": uuid(3, entity)}),
            {201: 1, 409: MANY - 1}, 1, log + 1)
    r.burst("destinations: remove", 3, entity,
            ("DELETE", f"{path}/{uuid(3, entity)}"),
            {200: 1, 404: MANY - 1}, 0, log + 2)


def studio_favorites(r):
    entity = FIRST + r.n % (r.world.things - 1)
    path, log = "/api/user-favorites", r.log(4, entity)
    body = {"entity_id": uuid(4, entity), "entity_type": "style"}
    answers = r.burst("studio: add", 4, entity, ("POST", path, body),
                      {201: 1, 409: MANY - 1}, 1, log + 1)
    made = [json.loads(b)["id"] for s, b in answers if s == 201]
    if made:
        r.burst("studio: remove", 4, entity, ("DELETE", f"{path}/{made[0]}"),
                {204: 1, 404: MANY - 1}, 0, log + 2)
    answers = r.burst("studio: toggle", 4, entity, ("POST", path + "/toggle", body),
                      {200: MANY}, 0, log + 2 + MANY)
    saved = sum(json.loads(b)["is_favorite"] for s, b in answers if s == 200)
    check(saved == MANY // 2, f"studio: toggle: {saved} of {MANY} said saved")
    r.burst("studio: set", 4, entity,
            ("POST", path + "/toggle", {**body, "is_favorite": True}),
            {200: MANY}, 1, log + 3 + MANY)
    r.burst("studio: set back", 4, entity,
            ("POST", path + "/toggle", {**body, "is_favorite": False}),
            {200: MANY}, 0, log + 4 + MANY)


def crowd(world):
    """Simultaneous saves of one flyer by different users: a row each, right
    counts.
    """
    people = range(FIRST, FIRST + 60)
    clients = [Client(world, u) for u in people]
    path = f"/api/flyers/{FIRST + world.things - 1}/favorite/"
    check(statuses(at_once(clients, "POST", path)) == {201: 60},
          "60 people saving one flyer")
    n = world.ask("SELECT favorites_count FROM favoritable WHERE kind = 2"
                  " AND id = ?", FIRST + world.things - 1)[0][0]
    check(n == 60, f"60 people saved it, the count says {n}")
    for c in clients:
        c.close()


def main(state, rounds):
    world = World(state)
    world.fill()
    crowd(world)
    for n in range(rounds):
        r = Round(world, n)
        for interface in (listener_favorites, flyer_favorites, destination_favorites, studio_favorites):
            interface(r)
        r.close()
    for p in world.problems():
        check(False, p)
    print(f"{rounds} rounds of {MANY} at once, {failures} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
