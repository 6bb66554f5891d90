"""Users with money, webhooks and conditions for a running service.

The service has the sandbox provider. As in fixtures.py, rows are inserted by
SQL and tokens are signed here.
"""
import os
import sqlite3
import subprocess
import time

from fixtures import FIRST, World                          # noqa: F401
import hooks
import ledger

ADMIN = FIRST - 1


class Bank(World):
    def __init__(self, state, build=None):
        super().__init__(state)
        self.build = build or os.environ["EARMARK_BUILD"]
        self.bearers = {}
        self.hook_key = hooks.key_of(self.state)
        self.events = 0

    def bearer(self, user):
        """Returns an Authorization line, with a new token before the old one
        expires.
        """
        now = time.time()
        line, until = self.bearers.get(user, ("", 0))
        if now > until:
            line = f"Authorization: Bearer {self.token(user)}\r\n"
            self.bearers[user] = line, now + 600
        return line

    def settle(self, customers, listeners, rate=100):
        """Inserts customers, listeners (the k-th with the rate rate + k) and
        ADMIN.
        """
        with self.writer() as db:
            ledger.people(db, ADMIN, 1, 0)
            db.execute("UPDATE user SET roles = 4 WHERE id = ?", (ADMIN,))
            self.customers, self.listeners = ledger.people(
                db, FIRST, customers + listeners, listeners, rate)
        with self.writer() as db:
            db.execute("UPDATE presence SET status = 1,"
                       " online_until = 4102444800000 WHERE user_id IN"
                       " (SELECT user_id FROM listener)")
        self.rate = {u: rate + k for k, u in enumerate(self.listeners)}

    def give(self, users, amount):
        """Adds money to each user as an adjustment of an administrator."""
        with self.writer() as db:
            book, now = ledger.Book(db), int(time.time() * 1000)
            for u in users:
                book.post(ledger.T_ADJUSTMENT, ledger.L_ADJUSTMENT, None, now,
                          (0, ledger.ADJUSTMENT, -amount),
                          (u, ledger.WALLET, amount))
            book.flush()

    def take(self, user, amount):
        """Takes money as the operator."""
        if amount:
            r = self.cli("ledger", "adjust", user, -amount, "--reason", "test")
            if r.returncode:
                raise SystemExit(f"money_fixtures: {r.stdout}{r.stderr}")

    def jobs(self, at):
        """Runs the jobs at a time in whole seconds."""
        subprocess.run(
            [self.build + "/earmark-jobs", "-c", self.conf, "--once",
             "--now=" + time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))],
            check=True, stdout=subprocess.DEVNULL)

    def payments(self, rows):
        """Inserts pending payments for (user, amount). Returns their ids in
        order.
        """
        with self.writer() as db:
            return hooks.payments(db, rows)

    def hook(self, payment, kind, amount, event=None, forged=False, at=None,
             **more):
        """Returns (path, body, header) of a webhook. Each is a new event
        unless `event` names one.
        """
        now = int(time.time() if at is None else at)
        self.events += 1
        body = hooks.body(event or f"evt_{self.events}", kind, payment,
                          amount, at=now, **more)
        sign = hooks.sign(self.hook_key, now, body)
        if forged:
            body = body.replace(b'"amount":', b'"amount":1')
        return ("/payments/webhook/sandbox", body,
                f"Earmark-Signature: {sign}\r\n")

    def cli(self, *args, text=None):
        return subprocess.run(
            [self.build + "/earmark", "-c", self.conf, *map(str, args)],
            capture_output=True, text=True, input=text)

    def verified(self):
        """Returns errors of `earmark ledger verify`, or ""."""
        r = self.cli("ledger", "verify")
        return "" if r.returncode == 0 else (
            f"earmark ledger verify: {r.returncode} {r.stdout} {r.stderr}")

    def wallets(self, users):
        """Returns {user: (wallet, bonus, held, earnings, owed)}, owed >= 0."""
        rows = dict(self.ask("SELECT id, balance FROM ledger_account"))
        return {u: (*(rows.get(u * 16 + k, 0) for k in range(1, 5)),
                    -rows.get(u * 16 + 5, 0)) for u in users}

    def wrong(self):
        """Returns errors of all money, found by `earmark ledger verify`, by
        ledger.py and by CHECKS.
        """
        out = [self.verified()]
        db = sqlite3.connect(f"file:{self.db}?mode=ro", uri=True, timeout=10)
        try:
            db.execute("BEGIN")
            self.proved = ledger.prove(db)
            out += self.proved[2]
            for name, sql in CHECKS:
                rows = db.execute(sql).fetchall()
                if rows:
                    out.append(f"{name}: {len(rows)}, {rows[:3]}")
        finally:
            db.close()
        return [x for x in out if x]


# Each query returns invalid rows.
CHECKS = (
    ("integrity", "SELECT * FROM pragma_integrity_check"
     " WHERE integrity_check <> 'ok'"),
    ("foreign keys", "PRAGMA foreign_key_check"),
    ("credits of a payment", """
SELECT p.id, p.status, count(t.id) FROM payment AS p LEFT JOIN transfer AS t
    ON t.type = 1 AND t.reference = p.id
GROUP BY p.id HAVING count(t.id) <> (p.status = 1)"""),
    ("amount of a credit", """
SELECT p.id FROM payment AS p JOIN transfer AS t
    ON t.type = 1 AND t.reference = p.id
JOIN entry AS e ON e.transfer_id = t.id AND e.account_id = 7
WHERE -e.amount <> p.amount"""),
    ("bills of a session", """
SELECT s.id, s.cost, -sum(e.amount) FROM session AS s
LEFT JOIN transfer AS t ON t.type = 4 AND t.reference = s.id
LEFT JOIN entry AS e ON e.transfer_id = t.id
    AND e.account_id = s.customer_id * 16 + 3
GROUP BY s.id HAVING coalesce(-sum(e.amount), 0) <> coalesce(s.cost, 0)
    OR count(DISTINCT t.id) > 1"""),
    ("shares of a session", """
SELECT id FROM session WHERE state = 1 AND (cost < 0 OR earned < 0 OR fee < 0
    OR ended_at < started_at OR (billed_free = 0 AND fee + earned <> cost))"""),
    ("what is held", """
SELECT a.id, a.balance, s.id FROM ledger_account AS a
LEFT JOIN session AS s ON s.customer_id = a.id >> 4 AND s.state = 0
WHERE a.id & 15 = 3
    AND a.balance <> coalesce(s.held_wallet + s.held_bonus, 0)"""),
    ("redemptions", """
SELECT p.id FROM promotion AS p WHERE redeemed <>
    (SELECT count(*) FROM redemption AS r WHERE r.promotion_id = p.id)"""),
    ("returns", """
SELECT p.id FROM payment AS p WHERE refunded + disputed > amount
    OR (status <> 1 AND refunded + disputed > 0)"""),
    ("losses", """
SELECT a.balance FROM ledger_account AS a WHERE a.id = 12
    AND -a.balance <> (SELECT sum(lost) FROM payment_reversal)"""),
    ("reversed earnings", """
SELECT v.session_id FROM session_reversal AS v
JOIN session AS s ON s.id = v.session_id WHERE v.earnings > s.earned"""),
    ("money of deleted accounts", """
SELECT a.id, a.balance FROM user AS u JOIN ledger_account AS a
    ON a.id BETWEEN u.id * 16 + 1 AND u.id * 16 + 3
WHERE u.status = 2 AND a.balance <> 0"""),
    ("busy without a session", """
SELECT user_id FROM presence AS p WHERE busy_since IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM session WHERE state = 0
	AND (customer_id = p.user_id OR listener_id = p.user_id))"""),
)
