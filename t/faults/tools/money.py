"""Money under faults: users who pay, top up and redeem on a running service,
each with a model of their balance, and conditions that the database must
always meet.
"""
import hashlib
import hmac
import json
import os
import shutil
import sqlite3
import subprocess
import time

from fixtures import FIRST, Client, World

RATE = 100              # per minute, of all listeners
BONUS = 70              # of the promotion
CODE = "FAULT"
WALLET, BUSY = 2, (502, 503)
TOPUP, SESSION, BONUS_GIVEN = 1, 4, 6           # enum transfer_type


class Money(World):
    def fill_money(self, pairs):
        """Inserts customers FIRST.., and a listener for each. The
        installation must have billing.free_seconds=0.
        """
        self.fill(pairs + 10, 2)
        self.pairs = pairs
        now = int(time.time() * 1000)
        with self.writer() as db:
            for i in range(FIRST + 5000, FIRST + 5000 + pairs):
                db.execute(
                    "INSERT INTO user(id, uuid, status, roles, username,"
                    " referral_code, created_at, updated_at)"
                    " VALUES (?, ?, 1, 3, ?, ?, ?, ?)",
                    (i, os.urandom(16), f"paid{i}", f"PAID{i}", now, now))
                db.execute("INSERT INTO device_session(id, user_id,"
                           " created_at, used_at) VALUES (?, ?, ?, ?)",
                           (i, i, now, now))
                db.execute("INSERT INTO listener(user_id, rate_per_minute,"
                           " languages, registered_at)"
                           " VALUES (?, ?, 'en', ?)", (i, RATE, now))
                db.execute("UPDATE listener SET verification = 1"
                           " WHERE user_id = ?", (i,))
                db.execute("UPDATE presence SET status = 1,"
                           " online_until = 4102444800000"
                           " WHERE user_id = ?", (i,))
            db.execute("INSERT INTO promotion(code, kind, value, per_user,"
                       " budget, created_at)"
                       " VALUES (?, 1, ?, 1000000, 1000000000000, ?)",
                       (CODE, BONUS, now))
        self.secret = self.derived("earmark sandbox")

    def derived(self, name):
        """Derives a key of the installation as lib/base/conf.c does."""
        with open(self.state + "/key") as f:
            key = bytes.fromhex(f.read().strip())
        return hmac.new(key, name.encode() + b"\x01", hashlib.sha256).digest()

    def hook(self, payment, amount, event):
        """Returns (body, headers) of a sandbox webhook for a paid payment."""
        now = int(time.time())
        body = json.dumps({
            "id": event, "object": "event", "type": "payment.paid",
            "created": now, "data": {
                "payment_id": payment, "paid_ref": f"paid_{payment}",
                "amount": amount, "currency": "INR"}}).encode()
        mac = hmac.new(self.secret, b"%d." % now + body,
                       hashlib.sha256).hexdigest()
        return body, f"Earmark-Signature: t={now},v1={mac}\r\n"

    def verify(self, build, file=None):
        """Returns errors of `earmark ledger verify`, or ""."""
        conf = self.conf
        if file:
            conf = file + ".conf"
            with open(conf, "w") as f:
                f.write(f"[paths]\ndb_file = {file}\n"
                        f"lock_file = {file}.lock\n"
                        f"key_file = {self.state}/key\n")
        p = subprocess.run([build + "/earmark", "-c", conf, "ledger",
                            "verify"], capture_output=True, text=True)
        return "" if p.returncode == 0 else \
            f"status {p.returncode}: {p.stdout[-300:]} {p.stderr[-300:]}"

    def minute_later(self, user):
        """Moves the start of an interrupted request one minute into the past,
        so that its key can be used again.
        """
        with self.writer() as db:
            db.execute("UPDATE idempotency SET created_at = created_at - 61000"
                       " WHERE user_id = ? AND rc = -1", (user,))

    def wrong(self):
        """Returns violated conditions of the database."""
        db = sqlite3.connect(f"file:{self.db}?mode=ro", uri=True, timeout=10)
        try:
            return wrong_in(db)
        finally:
            db.close()


# Each query returns invalid rows.
TRUTHS = (
    ("a balance is not the sum of its entries",
     "SELECT a.id, a.balance FROM ledger_account AS a WHERE balance <>"
     " (SELECT total(amount) FROM entry WHERE account_id = a.id)"),
    ("all balances do not sum to zero",
     "SELECT sum(balance) FROM ledger_account"
     " HAVING coalesce(sum(balance), 0) <> 0"),
    ("a transfer does not sum to zero",
     "SELECT transfer_id FROM entry GROUP BY transfer_id"
     " HAVING sum(amount) <> 0"),
    ("a payment was credited twice",
     "SELECT reference FROM transfer WHERE type = 1 GROUP BY reference"
     " HAVING count(*) > 1"),
    ("a payment and its top-up are not one",
     "SELECT p.id, p.credited_at, p.amount, sum(e.amount) FROM payment AS p"
     " LEFT JOIN transfer AS t ON t.type = 1 AND t.reference = p.id"
     " LEFT JOIN entry AS e ON e.transfer_id = t.id AND e.amount > 0"
     " GROUP BY p.id HAVING coalesce(sum(e.amount), 0) <>"
     " iif(p.credited_at IS NULL, 0, p.amount)"),
    ("a session was paid twice",
     "SELECT reference FROM transfer WHERE type = 4 GROUP BY reference"
     " HAVING count(*) > 1"),
    ("a bill and what was paid are not one",
     "SELECT s.id, s.cost, sum(e.amount) FROM session AS s"
     " LEFT JOIN transfer AS t ON t.type = 4 AND t.reference = s.id"
     " LEFT JOIN entry AS e ON e.transfer_id = t.id"
     " AND e.account_id = s.customer_id * 16 + 3 GROUP BY s.id"
     " HAVING coalesce(s.cost, 0) + coalesce(sum(e.amount), 0) <> 0"),
    ("held money is not that of the live session",
     "SELECT a.id, a.balance, s.id FROM ledger_account AS a"
     " LEFT JOIN session AS s ON s.customer_id = a.id / 16 AND s.state = 0"
     " WHERE a.id & 15 = 3"
     " AND a.balance <> coalesce(s.held_wallet + s.held_bonus, 0)"),
    ("a live session holds what its customer's account does not",
     "SELECT s.id FROM session AS s LEFT JOIN ledger_account AS a"
     " ON a.id = s.customer_id * 16 + 3 WHERE s.state = 0"
     " AND s.held_wallet + s.held_bonus <> coalesce(a.balance, 0)"),
    ("redemptions and what was given for them are not as many",
     "SELECT p.id, p.redeemed FROM promotion AS p WHERE p.kind = 1 AND"
     " (p.redeemed <> (SELECT count(*) FROM redemption"
     "   WHERE promotion_id = p.id)"
     " OR p.redeemed <> (SELECT count(*) FROM transfer AS t JOIN entry AS e"
     "   ON e.transfer_id = t.id AND e.account_id & 15 = 2"
     "   WHERE t.type = 6 AND t.reference = p.id AND e.amount = p.value))"),
    ("transactions do not sum up to the balance",
     "SELECT w.user_id, w.earned, sum(w.amount), (SELECT total(balance) FROM"
     " ledger_account WHERE id / 16 = w.user_id AND (id & 15 = 4) = w.earned"
     " AND id & 15 < 5) AS have FROM wallet_entry AS w"
     " GROUP BY w.user_id, w.earned HAVING sum(w.amount) <> have"),
    ("the file is not sound",
     "SELECT * FROM pragma_integrity_check WHERE integrity_check <> 'ok'"),
    ("a foreign key points at nothing", "PRAGMA foreign_key_check"),
)


def wrong_in(db):
    out = []
    for what, sql in TRUTHS:
        rows = db.execute(sql).fetchmany(3)
        if rows:
            out.append(f"{what}: {rows}")
    return out


def control(world, people):
    """Control: errors must be found in a copy without the newest top-up, and
    in one that has it twice.
    """
    missed = []
    for how in ("lost", "twice"):
        copy = f"{world.state}/tmp/doctored.db"
        for tail in ("", "-wal"):
            if os.path.exists(world.db + tail):
                shutil.copy(world.db + tail, copy + tail)
        db = sqlite3.connect(copy)
        doctor(db, how)
        found = wrong_in(db) + [x for p in people for x in p.missing(db)]
        db.close()
        ledger = world.verify(world.build, copy)
        print(f"# control, a top-up {how}: {len(found)} found, {found[:1]};"
              f" the ledger: {ledger[:160] or 'good'}")
        # Only the client that got the response can notice a deletion without
        # traces.
        if not found or (how == "twice" and not ledger):
            missed.append(f"control: a top-up {how} was not found")
        for tail in ("", "-wal", "-shm", ".conf", ".lock"):
            if os.path.exists(copy + tail):
                os.unlink(copy + tail)
    return missed


def doctor(db, how):
    db.execute("PRAGMA ignore_check_constraints = ON")
    for kind, name in db.execute(
            "SELECT type, name FROM sqlite_master WHERE type = 'trigger' OR"
            " (type = 'index' AND sql LIKE '%UNIQUE%')").fetchall():
        db.execute(f"DROP {kind} {name}")
    last, payment = db.execute("SELECT id, reference FROM transfer WHERE"
                               " type = 1 ORDER BY id DESC LIMIT 1").fetchone()
    moves = db.execute("SELECT account_id, amount FROM entry"
                       " WHERE transfer_id = ?", (last,)).fetchall()
    if how == "lost":
        db.execute("UPDATE payment SET status = 0, credited_at = NULL"
                   " WHERE id = ?", (payment,))
        for table, key in (("wallet_entry", "transfer_id"),
                           ("entry", "transfer_id"), ("transfer", "id")):
            db.execute(f"DELETE FROM {table} WHERE {key} = ?", (last,))
    else:
        top = db.execute("SELECT max(id) FROM transfer").fetchone()[0] + 1
        for table, key, change in (
                ("entry", "transfer_id", {"balance": "balance + amount"}),
                ("transfer", "id", {}),
                ("wallet_entry", "transfer_id", {
                    "at": "at + 1", "n": "n + 1000",
                    "balance": "balance + amount"})):
            columns = [c for c, in db.execute(
                "SELECT name FROM pragma_table_info(?)", (table,))]
            change = {key: str(top), **change}
            values = ", ".join(change.get(c, c) for c in columns)
            db.execute(f"INSERT INTO {table}({', '.join(columns)})"
                       f" SELECT {values} FROM {table} WHERE {key} = ?",
                       (last,))
    for account, amount in moves:
        db.execute("UPDATE ledger_account SET balance = balance + ?"
                   " WHERE id = ?", (-amount if how == "lost" else amount,
                                     account))
    db.commit()


class Told:
    """Payments that were acknowledged as credited."""

    def __init__(self):
        self.payments = set()

    def missing(self, db):
        have = {n for n, in db.execute("SELECT reference FROM transfer"
                                       " WHERE type = 1")}
        return [f"payment {n} is gone" for n in self.payments - have]


class Wrong(Exception):
    pass


class Person:
    """A customer and a listener whose balances are known exactly after each
    response. Each request is retried with the same key until there is a
    response. Repeated and lost effects are noticed at once.
    """

    def __init__(self, world, n, rnd, log=None):
        self.world, self.n, self.rnd, self.log = world, n, rnd, log
        self.customer, self.listener = FIRST + n, FIRST + 5000 + n
        self.me = Client(world, self.customer)
        self.other = Client(world, self.listener)
        self.provider = Client(world)
        self.wallet = self.bonus = self.earned = 0
        self.payments, self.sessions = {}, {}
        self.redeemed = self.answers = self.retries = self.keys = 0
        self.stop = lambda: False

    def key(self):
        self.keys += 1
        return f"Idempotency-Key: {self.n}-{self.keys}-" \
            f"{self.rnd.getrandbits(48):x}\r\n"

    def until(self, client, want, *request):
        """Retries until there is a response. Raises Wrong if it is not a
        wanted one.
        """
        end = time.time() + 60
        if time.time() - client.since > 600:
            client.signed_in()
        while time.time() < end:
            try:
                status, body = client.ask(*request)
            except OSError:
                client.close()
                status = 0
            if status in (0,) + BUSY:
                self.retries += 1
                time.sleep(0.01)
                continue
            if status == 409 and "idempotency_in_progress" in body:
                self.minute_later()
                continue
            if status not in want:
                raise Wrong(f"{request[0]} {request[1]}: {status} not {want}:"
                            f" {body[:300]}")
            self.answers += 1
            body = json.loads(body)
            if self.log:
                self.log.write(json.dumps(
                    [self.customer, *request[:2], status, body]) + "\n")
                self.log.flush()
            return status, body
        raise Wrong(f"{request[0]} {request[1]}: no answer for a minute")

    def minute_later(self):
        time.sleep(0.1)
        self.world.minute_later(self.customer)

    def topup(self, amount):
        """Creates a payment and pays it. The webhook is sent once or more."""
        payment = self.until(
            self.me, (201,), "POST", "/payments/initiate",
            {"amount": amount, "provider": "sandbox"},
            self.key())[1]["payment_id"]
        if payment in self.payments:
            raise Wrong(f"payment {payment} for two keys")
        self.payments[payment] = amount
        self.paid(payment, amount, f"ev-{self.n}-{payment}")
        for again in range(self.rnd.choice((0, 0, 0, 1, 2))):
            self.paid(payment, amount, f"ev-{self.n}-{payment}" +
                      self.rnd.choice(("", f"-{again}")))
        self.wallet += amount
        return payment

    def paid(self, payment, amount, event):
        body, headers = self.world.hook(payment, amount, event)
        said = self.until(self.provider, (200,), "POST",
                          "/payments/webhook/sandbox", body, headers)[1]
        if said != {"received": True}:
            raise Wrong(f"a webhook was answered {said}")

    def session(self):
        """A session of one minute, ended by either user."""
        has = self.wallet + self.bonus
        status, said = self.until(
            self.me, (201,) if has >= RATE else (402,), "POST",
            "/sessions/start", {"listener_id": self.listener}, self.key())
        if status == 402:
            return
        number = said["session_id"]
        if number in self.sessions:
            raise Wrong(f"session {number} was started twice")
        time.sleep(0.002)       # a session without a length is free
        client = self.rnd.choice((self.me, self.other))
        said = self.until(client, (200,), "POST", "/sessions/end",
                          {"session_id": number}, self.key())[1]
        if said["cost"] != RATE or said["billed_minutes"] != 1:
            raise Wrong(f"session {number}: {said}")
        again = self.until(client, (200,), "POST", "/sessions/end",
                           {"session_id": number}, self.key())[1]
        if again != said:
            raise Wrong(f"session {number}: {again} not {said}")
        by_bonus = min(self.bonus, RATE)
        self.bonus -= by_bonus
        self.wallet -= RATE - by_bonus
        self.earned += RATE - RATE // 5
        self.sessions[number] = said
        # The balance of the customer is not sent to the listener.
        if client is self.me and said["balance"] != self.wallet + self.bonus:
            raise Wrong(f"session {number}: balance {said['balance']}, not"
                        f" {self.wallet + self.bonus}")

    def redeem(self):
        self.until(self.me, (200, 201), "POST", "/promotions/redeem",
                   {"code": CODE}, self.key())
        self.bonus += BONUS
        self.redeemed += 1

    def look(self):
        said = self.until(self.me, (200,), "GET", "/user/balance")[1]
        if said["balance"] != self.wallet + self.bonus:
            raise Wrong(f"{self.customer} has {said['balance']}, not"
                        f" {self.wallet + self.bonus}")

    def one(self):
        self.rnd.choices((lambda: self.topup(self.rnd.randrange(10, 40) * 100),
                          self.session, self.redeem, self.look),
                         (3, 5, 1, 2))[0]()

    def close(self):
        for c in (self.me, self.other, self.provider):
            c.close()

    def missing(self, db):
        """Returns differences between the database and the responses."""
        out = []
        have = {n: (c, a) for n, c, a in db.execute(
            "SELECT id, credited_at, amount FROM payment WHERE user_id = ?"
            " AND credited_at IS NOT NULL", (self.customer,))}
        for n, amount in self.payments.items():
            if n not in have or have[n][1] != amount:
                out.append(f"payment {n} of {amount}: {have.get(n)}")
        if have.keys() - self.payments.keys():
            out.append(f"unknown payments: "
                       f"{have.keys() - self.payments.keys()}")
        have = dict(db.execute("SELECT id, cost FROM session"
                               " WHERE customer_id = ?", (self.customer,)))
        if have != {n: RATE for n in self.sessions}:
            out.append(f"sessions {have}, not {list(self.sessions)}")
        n = db.execute("SELECT count(*) FROM redemption WHERE user_id = ?",
                       (self.customer,)).fetchone()[0]
        if n != self.redeemed:
            out.append(f"{n} redemptions, not {self.redeemed}")
        have = dict(db.execute("SELECT id, balance FROM ledger_account"
                               " WHERE id IN (?, ?, ?, ?)",
                               [self.customer * 16 + k for k in (1, 2, 3)] +
                               [self.listener * 16 + 4]))
        for kind, user, want in ((1, self.customer, self.wallet),
                                 (2, self.customer, self.bonus),
                                 (3, self.customer, 0),
                                 (4, self.listener, self.earned)):
            if have.get(user * 16 + kind, 0) != want:
                out.append(f"account {kind} of {user}:"
                           f" {have.get(user * 16 + kind, 0)}, not {want}")
        return out
