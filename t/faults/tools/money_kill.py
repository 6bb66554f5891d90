#!/usr/bin/python3
"""Kills workers, jobs and nginx with SIGKILL while money moves.

money_kill.py STATE BUILD KILLS [SEED]

Users top up (signed sandbox webhooks), start and end sessions, and redeem.
Each retries a request with its key until there is a response, logs the
response (STATE/tmp/answers) and knows the exact balance. After each kill the
service must respond within a second, and the ledger must be valid. At the end
the database must equal the responses. Exits with 1 on errors.

Control: errors must be found in a copy of the database without the newest
top-up, and in one that has it twice.
"""
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import seed
from money import Money, Person, Wrong, control, wrong_in
from fixtures import FIRST, Client, machine

PEOPLE = 12
PAUSE = 0.012           # between two requests of a client
NGINX_EVERY = 20        # kills between two kills of nginx
JOBS_EVERY = 25


class Load(threading.Thread):
    def __init__(self, person):
        super().__init__()
        self.person, self.go, self.wrong = person, True, []

    def run(self):
        try:
            while self.go:
                self.person.one()
                time.sleep(PAUSE * self.person.rnd.random() * 2)
        except (Wrong, KeyError, ValueError) as e:
            self.wrong.append(repr(e))
        self.person.close()


class Killer:
    def __init__(self, world, rnd):
        self.world, self.rnd, self.done = world, rnd, {}

    def pid(self, name):
        with open(f"{self.world.state}/run/{name}.pid") as f:
            return int(f.read())

    def kill(self, pids, what):
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.done[what] = self.done.get(what, 0) + 1

    def worker(self):
        pool = self.rnd.choice(("wallet",) * 4 + ("payments",))
        alive = self.world.workers(pool)
        if not alive:
            time.sleep(0.01)
            return self.worker()
        self.kill([self.rnd.choice(alive)], pool)

    def all_workers(self):
        self.kill(self.world.workers("wallet"), "all of wallet")

    def jobs_child(self):
        kids = machine.tree(self.pid("jobs"))[1:]
        if not kids:
            return self.worker()
        self.kill([self.rnd.choice(kids)], "a child of jobs")

    def started(self, name, *command):
        with open(f"{self.world.state}/log/{name}.log", "a") as log:
            return subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=log,
                                    start_new_session=True)

    def jobs(self):
        """Starts the jobs again, as systemd would."""
        pid = self.pid("jobs")
        kids = machine.tree(pid)[1:]
        self.kill([pid], "jobs")
        end = time.time() + 10
        while any(machine.stat_of(k) for k in kids) and time.time() < end:
            time.sleep(0.01)
        p = self.started("jobs", self.world.build + "/earmark-jobs", "-c",
                         self.world.conf)
        with open(self.world.state + "/run/jobs.pid", "w") as f:
            f.write(f"{p.pid}\n")

    def nginx_worker(self):
        self.kill([self.rnd.choice(machine.tree(self.pid("nginx"))[1:] or
                                   [self.pid("nginx")])], "a worker of nginx")
        if not machine.stat_of(self.pid("nginx")):
            self.nginx_start()

    def nginx(self):
        """Kills all nginx processes and waits until the ports are free."""
        group = self.pid("nginx")
        os.killpg(group, signal.SIGKILL)
        self.kill([], "nginx")
        end = time.time() + 10
        while time.time() < end:
            try:
                os.killpg(group, 0)
            except ProcessLookupError:
                break
            time.sleep(0.005)
        self.nginx_start()

    def nginx_start(self):
        state = self.world.state
        end = time.time() + 10
        while subprocess.run(
                ["nginx", "-p", state, "-e", state + "/log/nginx-error.log",
                 "-c", state + "/nginx.conf"], stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL).returncode:
            if time.time() > end:
                raise SystemExit("money_kill: nginx does not start")
            time.sleep(0.02)

    def one(self, n):
        if n % NGINX_EVERY == NGINX_EVERY - 1:
            self.nginx()
        elif n % NGINX_EVERY == NGINX_EVERY // 2:
            self.all_workers()
        elif n % JOBS_EVERY == JOBS_EVERY - 1:
            self.jobs()
        else:
            self.rnd.choices((self.worker, self.jobs_child,
                              self.nginx_worker), (16, 2, 2))[0]()


def answers_within(world, limit):
    """Returns the seconds until a new client has read its balance."""
    began = time.time()
    while True:
        client = Client(world, FIRST + world.pairs, timeout=limit)
        try:
            if client.ask("GET", "/user/balance")[0] == 200:
                return time.time() - began
        except OSError:
            pass
        finally:
            client.close()
        if time.time() - began > 10 * limit:
            return time.time() - began
        time.sleep(0.01)


def main(state, build, kills):
    chosen = seed.take()
    world = Money(state)
    world.build = build
    world.fill_money(PEOPLE)
    world.all_workers("wallet")
    rnd = random.Random(chosen)
    with open(state + "/tmp/answers", "w") as log:
        people = [Person(world, n, random.Random(chosen * 1000 + n), log)
                  for n in range(PEOPLE)]
        loads = [Load(p) for p in people]
        killer = Killer(world, rnd)
        for x in loads:
            x.start()
        slowest, broken = 0.0, []
        try:
            for n in range(kills):
                time.sleep(rnd.uniform(0.02, 0.2))
                killer.one(n)
                slowest = max(slowest, answers_within(world, 1.0))
                wrong = world.verify(build)
                if wrong:
                    broken.append(f"after kill {n}: {wrong}")
                if broken or any(x.wrong for x in loads):
                    break
        finally:
            for x in loads:
                x.go = False
            for x in loads:
                x.join()
    broken += [w for x in loads for w in x.wrong]
    db = sqlite3.connect(f"file:{world.db}?mode=ro", uri=True)
    if not broken:
        broken += [f"{p.customer}: {x}" for p in people for x in p.missing(db)]
    broken += wrong_in(db) + world.problems()
    db.close()
    if not broken:
        broken += control(world, people)
    total = sum(killer.done.values())
    print(f"{total} kills"
          f" ({', '.join(f'{n} {k}' for k, n in killer.done.items())}),"
          f" {sum(p.answers for p in people)} answers,"
          f" {sum(p.retries for p in people)} tried again,"
          f" {sum(len(p.payments) for p in people)} payments,"
          f" {sum(len(p.sessions) for p in people)} sessions,"
          f" slowest recovery {slowest:.3f} s, {len(broken)} wrong")
    for x in broken[:12]:
        print("FAILED:", x)
    return 1 if broken or slowest >= 1.0 or total < kills else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
