#!/usr/bin/python3
"""An independent implementation of the ledger (see domain/money/ledger.h).

usage: ledger_check.py head DB | some DB | fill DB | many DB ENTRIES | refuse
DB
       | tamper DB EARMARK CONF | proof EARMARK CONF

 head    prints the computed hash of the last transfer
 some    writes all kinds of transfers with SQL. Users 1 and 2 must exist
 fill    does the same, and adds a live session
 many    writes ENTRIES entries of sessions of 1,000 customers and 50 listeners
 proof   prints the seconds and the MiB that `earmark ledger verify` needs
 refuse  tries writes that the constraints of the database must reject
 tamper  changes copies without triggers. `earmark ledger verify` must report
         each change

refuse and tamper print TAP.
"""
import hashlib
import resource
import shutil
import sqlite3
import struct
import subprocess
import sys
import time

import tokenizer

WALLET, BONUS, HELD, EARNINGS, OWED, FEE, GATEWAY, REFUNDS, PROMOTION = \
    range(1, 10)
TOPUP, HOLD, RELEASE, SESSION, REFUND, GIFT = range(1, 7)
LINE = {TOPUP: 1, SESSION: 2, REFUND: 3, GIFT: 4}
NOW = 1767225600000
ANA, BEN = 1, 2


def digest(before, row, entries):
    number, kind, reference, at, note = row
    h = hashlib.sha256(before)
    h.update(struct.pack(">qqqq", number, kind, -2**63 if reference is None
                         else reference, at))
    text = (note or "").encode()
    h.update(struct.pack(">q", -1 if note is None else len(text)) + text)
    h.update(struct.pack(">q", len(entries)))
    for entry in entries:
        h.update(struct.pack(">qqq", *entry))
    return h.digest()


def connect(name):
    db = tokenizer.load(sqlite3.connect(name, isolation_level=None))
    db.execute("PRAGMA foreign_keys = ON")
    db.execute("PRAGMA synchronous = OFF")
    return db


def one(db, sql, *args):
    row = db.execute(sql, args).fetchone()
    return row[0] if row else None


def head(db):
    last = bytes(32)
    for row in db.execute("SELECT id, type, reference, at, note FROM transfer"
                          " ORDER BY id").fetchall():
        last = digest(last, row, db.execute(
            "SELECT account_id, amount, balance FROM entry"
            " WHERE transfer_id = ? ORDER BY n", row[:1]).fetchall())
    return last


def post(db, kind, reference, at, *moves, note=None, line=True):
    """Writes a transfer. Moves are (user, kind of account, amount)."""
    number = 1 + (one(db, "SELECT max(id) FROM transfer") or 0)
    before = one(db, "SELECT hash FROM transfer WHERE id = ?", number - 1)
    entries, changed = [], {}
    for user, account, amount in moves:
        place = user * 16 + account
        had = one(db, "SELECT balance FROM ledger_account WHERE id = ?", place)
        entries.append((place, amount, (had or 0) + amount))
        if user and account <= EARNINGS:
            key = user, account == EARNINGS
            changed[key] = changed.get(key, 0) + amount
    for n, entry in enumerate(entries):
        db.execute("INSERT INTO entry VALUES (?, ?, ?, ?, ?)",
                   (number, n, *entry))
    row = number, kind, reference, at, note
    db.execute("INSERT INTO transfer VALUES (?, ?, ?, ?, ?, ?)",
               (*row, digest(before or bytes(32), row, entries)))
    for (user, earned), amount in changed.items():
        if amount == 0 or not line:
            continue
        first, last = (EARNINGS, EARNINGS) if earned else (WALLET, HELD)
        db.execute(
            "INSERT INTO wallet_entry SELECT ?1, ?2, max(?3, coalesce((SELECT"
            " max(at) FROM wallet_entry WHERE user_id = ?2), ?3)), ?4, ?5, 1 +"
            " (SELECT count(*) FROM wallet_entry WHERE user_id = ?2), 1 +"
            " (SELECT count(*) FROM wallet_entry WHERE user_id = ?2 AND type ="
            " ?4), ?6, (SELECT sum(balance) FROM ledger_account WHERE id"
            " BETWEEN ?7 AND ?8)", (number, user, at, LINE[kind], earned,
                                    amount, user * 16 + first,
                                    user * 16 + last))
    return number


def payment(db, number, user, amount, credited=True):
    db.execute("INSERT INTO payment(id, user_id, provider, status, amount,"
               " currency, page_key, credited_at, created_at, updated_at)"
               " VALUES (?, ?, 1, ?, ?, 'INR', randomblob(16), ?, ?, ?)",
               (number, user, int(credited), amount,
                NOW if credited else None, NOW, NOW))


def some(db):
    """Writes nine transfers, a second apart. 5 reserves money, 6 bills a
    session.
    """
    for number, amount in (1, 5000), (2, 700):
        payment(db, number, ANA, amount)
        post(db, TOPUP, number, NOW + 1000 * number, (0, GATEWAY, -amount),
             (ANA, WALLET, amount))
    payment(db, 3, ANA, 900, credited=False)
    post(db, GIFT, 1, NOW + 3000, (0, PROMOTION, -100), (ANA, BONUS, 100),
         note="WELCOME")
    payment(db, 4, BEN, 300)
    post(db, TOPUP, 4, NOW + 4000, (0, GATEWAY, -300), (BEN, WALLET, 300))
    post(db, HOLD, 1, NOW + 5000, (ANA, BONUS, -100), (ANA, WALLET, -500),
         (ANA, HELD, 600))
    # The clock was set back.
    post(db, SESSION, 1, NOW - 9000, (ANA, HELD, -600), (ANA, WALLET, 200),
         (BEN, EARNINGS, 300), (0, FEE, 100))
    post(db, REFUND, 1, NOW + 7000, (0, FEE, -40), (ANA, WALLET, 40),
         note="n\u00f6te")
    payment(db, 5, ANA, 60)
    post(db, TOPUP, 5, NOW + 8000, (0, GATEWAY, -60), (ANA, WALLET, 60))
    post(db, GIFT, 1, NOW + 9000, (0, PROMOTION, -5), (BEN, BONUS, 5), note="")


def fill(db):
    """Writes a tenth transfer, which reserves money for a live session."""
    some(db)
    db.execute("INSERT INTO session(id, customer_id, listener_id, rate,"
               " commission, per_second, free_ms, started_at, billed_from,"
               " leased_until, lasts_until, held_wallet) VALUES (2, ?, ?, 500, 2500, 0, 0,"
               " ?, ?3, ?, ?, 500)", (ANA, BEN, NOW, NOW + 60000, NOW + 60000))
    post(db, HOLD, 2, NOW + 10000, (ANA, WALLET, -500), (ANA, HELD, 500))


def many(db, count):
    """Writes bonus money, then bills of it, 1,000 transfers per batch."""
    balances, lines, last = {}, {}, bytes(32)
    number = written = 0
    while written < count:
        rows = [], [], []
        for number in range(number + 1, number + 1001):
            user = 1001 + (number - 1) // 4 % 1000
            kind, moves = (
                (GIFT, ((0, PROMOTION, -60), (user, BONUS, 60))),
                (HOLD, ((user, BONUS, -60), (user, HELD, 60))),
                (SESSION, ((user, HELD, -60), (5000 + user % 50, EARNINGS,
                                               45), (0, FEE, 15))),
                (GIFT, ((0, PROMOTION, -1), (user, BONUS, 1))))[(number - 1) % 4]
            entries = []
            for who, account, amount in moves:
                place = who * 16 + account
                balances[place] = balances.get(place, 0) + amount
                entries.append((place, amount, balances[place]))
                if who and kind != HOLD:
                    has = sum(balances.get(who * 16 + n, 0) for n in
                              (BONUS, HELD, EARNINGS))
                    for key in (who, (who, kind)):
                        lines[key] = lines.get(key, 0) + 1
                    rows[2].append((
                        number, who, NOW + number, LINE[kind],
                        int(account == EARNINGS), lines[who],
                        lines[who, kind], amount, has))
            row = number, kind, number, NOW + number, None
            last = digest(last, row, entries)
            rows[1].append((*row, last))
            rows[0].extend((number, n, *e) for n, e in enumerate(entries))
        db.executemany("INSERT INTO entry VALUES (?, ?, ?, ?, ?)", rows[0])
        db.executemany("INSERT INTO transfer VALUES (?, ?, ?, ?, ?, ?)",
                       rows[1])
        db.executemany("INSERT INTO wallet_entry VALUES (?, ?, ?, ?, ?, ?, ?,"
                       " ?, ?)", rows[2])
        written += len(rows[0])
    return last


def proof(earmark, conf):
    began = time.monotonic()
    p = subprocess.run([earmark, "-c", conf, "ledger", "verify"],
                       stdout=subprocess.DEVNULL, check=False)
    seconds = time.monotonic() - began
    kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"{seconds:.2f} {kib / 1024:.1f}")
    return p.returncode


# Writes that the database must reject: a word of the error, and the SQL.
REFUSED = {
    "an amount is changed":
        ("final", "UPDATE entry SET amount = amount + 1"),
    "a note is changed": ("final", "UPDATE transfer SET note = 'x'"),
    "a wallet entry is changed": (
        "final", "UPDATE wallet_entry SET amount = 1"),
    "an entry goes": ("final", "DELETE FROM entry WHERE transfer_id = 1"),
    "a transfer goes": ("final", "DELETE FROM transfer WHERE id = 10"),
    "a wallet entry goes": ("final", "DELETE FROM wallet_entry"),
    "an account goes": ("accounts stay", "DELETE FROM ledger_account"),
    "a balance is written": (
        "not the balance",
        "UPDATE ledger_account SET balance = balance + 1 WHERE id = 17"),
    "a balance of before is written": (
        "not the balance", "UPDATE ledger_account SET balance = 5000,"
        " transfer_id = 1, n = 1 WHERE id = 17"),
    "a balance is replaced": (
        "not the balance",
        "INSERT OR REPLACE INTO ledger_account VALUES (17, 5000, 1, 1)"),
    "an account without entries": (
        "not the balance", "INSERT INTO ledger_account VALUES (49, 0, 11, 0)"),
    "a transfer is replaced": (
        "no gaps", "INSERT OR REPLACE INTO transfer SELECT id, type,"
        " reference, at + 1, note, hash FROM transfer WHERE id = 10"),
    "an entry is replaced": (
        "a transfer is final",
        "INSERT OR REPLACE INTO entry VALUES (10, 0, 17, -501, 1)"),
    "a wallet entry is replaced": (
        "wallet entries are final",
        "INSERT OR REPLACE INTO wallet_entry SELECT"
        " transfer_id, user_id, at, type, earned, n, type_n, amount + 1,"
        " balance FROM wallet_entry"),
    "an entry for a transfer that is sealed": (
        "a transfer is final",
        "INSERT INTO entry VALUES (10, 2, 17, 1, 4001)"),
    "entries that nothing seals": (
        "FOREIGN KEY", "INSERT INTO entry VALUES (11, 0, 49, 5, 5),"
        " (11, 1, 7, -5, -6065)"),
    "entries that do not sum to zero": (
        "sums to zero", "INSERT INTO entry VALUES (11, 0, 49, 5, 5),"
        " (11, 1, 7, -6, -6066); INSERT INTO transfer VALUES (11, 1, 9, 1,"
        " NULL, zeroblob(32))"),
    "a transfer without entries": (
        "sums to zero", "INSERT INTO transfer VALUES (11, 1, 9, 1, NULL,"
        " zeroblob(32))"),
    "a transfer after a gap": (
        "no gaps", "INSERT INTO entry VALUES (12, 0, 49, 5, 5), (12, 1, 7,"
        " -5, -6065); INSERT INTO transfer VALUES (12, 1, 9, 1, NULL,"
        " zeroblob(32))"),
    "a balance that the amounts do not come to": (
        "not the balance",
        "INSERT INTO entry VALUES (11, 0, 17, 5, 9999)"),
    "a first balance that is not the amount": (
        "not the balance", "INSERT INTO entry VALUES (11, 0, 49, 5, 6)"),
    "a wallet below zero": (
        "CHECK", "INSERT INTO entry VALUES (11, 0, 33, -301, -1)"),
    "a debt above zero": (
        "CHECK", "INSERT INTO entry VALUES (11, 0, 53, 1, 1)"),
    "an account of no kind": (
        "CHECK", "INSERT INTO entry VALUES (11, 0, 60, 1, 1)"),
    "a house's account of a user": (
        "CHECK", "INSERT INTO entry VALUES (11, 0, 55, 1, 1)"),
    "an amount of nothing": (
        "CHECK", "INSERT INTO entry VALUES (11, 0, 49, 0, 0)"),
    "a second credit of a payment": (
        "UNIQUE", "INSERT INTO entry VALUES (11, 0, 49, 5, 5), (11, 1, 7, -5,"
        " -6065); INSERT INTO transfer VALUES (11, 1, 2, 1, NULL,"
        " zeroblob(32))"),
    "a second bill of a session": (
        "UNIQUE", "INSERT INTO entry VALUES (11, 0, 49, 5, 5), (11, 1, 7, -5,"
        " -6065); INSERT INTO transfer VALUES (11, 4, 1, 1, NULL,"
        " zeroblob(32))"),
}


def refuse(db):
    before = list(db.iterdump())
    failed = 0
    for n, (name, (want, sql)) in enumerate(REFUSED.items(), 1):
        said = "nothing"
        db.execute("BEGIN")
        try:
            for statement in sql.split(";"):
                db.execute(statement)
            db.execute("COMMIT")
        except sqlite3.Error as e:
            said = str(e)
        if db.in_transaction:
            db.execute("ROLLBACK")
        good = want in said
        failed += not good
        print(f"{'ok' if good else 'not ok'} {n} - {name}")
        if not good:
            print(f"# it said: {said}")
    same = list(db.iterdump()) == before
    print(f"{'ok' if same else 'not ok'} {len(REFUSED) + 1} - nothing changed")
    print(f"1..{len(REFUSED) + 1}")
    return failed > 0 or not same


def forge(*moves, kind=HOLD, reference=9, line=True):
    """Returns a function that writes a complete but invalid transfer."""
    return lambda db: post(db, kind, reference, NOW + 20000, *moves, line=line)


def both(*steps):
    def act(db):
        for step in steps:
            step(db) if callable(step) else db.executescript(step)
    return act


MOVE = ("UPDATE entry SET amount = amount {0} 1, balance = balance {0} 1 WHERE"
        " transfer_id = 9 AND n = {1}; UPDATE ledger_account SET balance ="
        " balance {0} 1 WHERE id = {2};")
# Changes, with a word of the expected report.
TAMPERED = {
    "an amount": ("transfer 3", "UPDATE entry SET amount = 101 WHERE"
                  " transfer_id = 3 AND n = 1"),
    "an amount, and all that follows from it": (
        "transfer 9: its hash", MOVE.format("-", 0, PROMOTION) +
        MOVE.format("+", 1, BEN * 16 + BONUS) + "UPDATE wallet_entry SET"
        " amount = amount + 1, balance = balance + 1 WHERE transfer_id = 9"),
    "an entry's account": ("transfer 4", "UPDATE entry SET account_id = 17"
                           " WHERE transfer_id = 4 AND n = 1"),
    "an account that there is not": (
        "account 999 is not stored", "UPDATE entry SET account_id = 999 WHERE"
        " transfer_id = 4 AND n = 1"),
    "an entry's balance": ("transfer 2", "UPDATE entry SET balance = 1 WHERE"
                           " transfer_id = 2 AND n = 0"),
    "the order of entries": (
        "transfer 5: its hash", "UPDATE entry SET n = 9 WHERE transfer_id = 5"
        " AND n = 0; UPDATE entry SET n = 0 WHERE transfer_id = 5 AND n = 1;"
        " UPDATE entry SET n = 1 WHERE transfer_id = 5 AND n = 9"),
    "an entry's number": ("transfer 5: entry 9", "UPDATE entry SET n = 9"
                          " WHERE transfer_id = 5 AND n = 2"),
    "a note": ("transfer 7: its hash", "UPDATE transfer SET note = 'note'"
               " WHERE id = 7"),
    "a note is gone": ("transfer 7: its hash", "UPDATE transfer SET note ="
                       " NULL WHERE id = 7"),
    "an empty note is gone": ("transfer 9: its hash", "UPDATE transfer SET"
                              " note = NULL WHERE id = 9"),
    "a note after its end": ("transfer 3: its note", "UPDATE transfer SET note"
                              " = note || char(0) || 'x' WHERE id = 3"),
    "a note that is too long": (
        "transfer 3: its note", "UPDATE transfer SET note ="
        " hex(zeroblob(2000)) WHERE id = 3"),
    "a time": ("transfer 10: its hash", "UPDATE transfer SET at = at + 1 WHERE"
               " id = 10"),
    "a type": ("transfer 5: its hash", "UPDATE transfer SET type = 3 WHERE"
               " id = 5"),
    "no type": ("unknown type 77", "UPDATE transfer SET type = 77 WHERE id = 5"),
    "a reference": ("transfer 6: its hash", "UPDATE transfer SET reference = 2"
                    " WHERE id = 6"),
    "no reference": ("transfer 6: its hash", "UPDATE transfer SET reference ="
                     " NULL WHERE id = 6"),
    "a hash": ("transfer 1: its hash", "UPDATE transfer SET hash ="
               " zeroblob(32) WHERE id = 1"),
    "the last hash": ("transfer 10: its hash", "UPDATE transfer SET hash ="
                      " zeroblob(32) WHERE id = 10"),
    "a short hash": ("transfer 10: its hash", "UPDATE transfer SET hash = x''"
                     " WHERE id = 10"),
    "an account's balance": ("the balance of wallet of user 1 is",
                             "UPDATE ledger_account SET balance = balance + 1"
                             " WHERE id = 17"),
    "two accounts' balances": (
        "the balance of fee is 60", "UPDATE ledger_account SET balance ="
        " balance + 1 WHERE id = 33; UPDATE ledger_account SET balance ="
        " balance - 1 WHERE id = 6"),
    "the first transfer is gone": (
        "transfer 1 is missing", "DELETE FROM transfer WHERE id = 1"),
    "a transfer and its entries are gone": (
        "transfer 7 is missing", "DELETE FROM transfer WHERE id = 7; DELETE"
        " FROM entry WHERE transfer_id = 7; DELETE FROM wallet_entry WHERE"
        " transfer_id = 7"),
    "the last transfer is gone": (
        "entry of transfer 10", "DELETE FROM transfer WHERE id = 10"),
    "the last transfer and its entries are gone": (
        "the balance of wallet of user 1", "DELETE FROM transfer WHERE id ="
        " 10; DELETE FROM entry WHERE transfer_id = 10"),
    "an entry is gone": ("transfer 5", "DELETE FROM entry WHERE transfer_id"
                         " = 5 AND n = 2"),
    "all entries of one are gone": (
        "transfer 9: its 0 entries", "DELETE FROM entry WHERE transfer_id"
        " = 9"),
    "an account is gone": ("account 36", "DELETE FROM ledger_account WHERE"
                           " id = 36"),
    "an account is added": ("wallet of user 3 has no entries", "INSERT INTO"
                            " ledger_account VALUES (49, 0, 1, 0)"),
    "an account of no kind": ("account 62", "INSERT INTO ledger_account"
                              " VALUES (62, 0, 1, 0)"),
    "a transfer is added": (
        "transfer 11: its hash", "INSERT INTO entry VALUES (11, 0, 17, -1,"
        " (SELECT balance - 1 FROM ledger_account WHERE id = 17)), (11, 1, 19,"
        " 1, 501); INSERT INTO transfer VALUES (11, 2, 2, 5, NULL,"
        " randomblob(32))"),
    "an entry is added": (
        "transfer 10: its 3 entries sum to 1", "INSERT INTO entry VALUES (10,"
        " 2, 17, 1, (SELECT balance + 1 FROM ledger_account WHERE id = 17))"),
    "an entry of no transfer is added": (
        "entry of transfer 99", "INSERT INTO entry VALUES (99, 0, 17, 1, 1)"),
    "an entry before all": (
        "entry of transfer -1", "INSERT INTO entry VALUES (-1, 0, 17, 1, 1)"),
    "a wallet entry's amount": (
        "the wallet entry of user 1", "UPDATE wallet_entry SET amount ="
        " 4 WHERE transfer_id = 2"),
    "a wallet entry's balance": (
        "the wallet entry of user 2", "UPDATE wallet_entry SET balance"
        " = 4 WHERE transfer_id = 4"),
    "a wallet entry's time": (
        "the wallet entry of user 1", "UPDATE wallet_entry SET at ="
        " at + 1 WHERE transfer_id = 8"),
    "a wallet entry's type": (
        "the wallet entry of user 1", "UPDATE wallet_entry SET type = 6"
        " WHERE transfer_id = 8"),
    "a wallet entry's account": (
        "the wallet entry of user 2", "UPDATE wallet_entry SET earned"
        " = 1 WHERE transfer_id = 4"),
    "a wallet entry's number": (
        "the wallet entry of user 1", "UPDATE wallet_entry SET n = 9"
        " WHERE transfer_id = 8"),
    "a wallet entry's number of its type": (
        "the wallet entry of user 1",
        "UPDATE wallet_entry SET type_n = 9 WHERE"
        " transfer_id = 8"),
    "a wallet entry's user": (
        "user 1 has no wallet entry", "UPDATE wallet_entry SET user_id ="
        " 2 WHERE transfer_id = 8"),
    "a wallet entry is gone": (
        "user 2 has no wallet entry", "DELETE FROM wallet_entry WHERE"
        " transfer_id = 6 AND user_id = 2"),
    "the last wallet entry is gone": (
        "user 2 has no wallet entry", "DELETE FROM wallet_entry"
        " WHERE transfer_id = 9"),
    "a wallet entry is added": (
        "the wallet entry of user 2 has no entries", "INSERT INTO wallet_entry"
        " VALUES (5, 2, 0, 1, 0, 1, 1, 5, 5)"),
    "a wallet entry of no transfer": (
        "a wallet entry of transfer 99",
        "INSERT INTO wallet_entry VALUES (99, 2, 0, 1,"
        " 0, 1, 1, 5, 5)"),
    "a wallet below zero": (
        "the balance of wallet of user 2 is -700",
        forge((BEN, WALLET, -1000), (ANA, HELD, 1000), line=False)),
    "a debt above zero": (
        "the balance of owed of user 2 is 1",
        forge((BEN, WALLET, -1), (BEN, OWED, 1), line=False)),
    "money moved without wallet entries": (
        "user 1 has no wallet entry",
        forge((BEN, WALLET, -1), (ANA, WALLET, 1), line=False)),
    "a session is gone": ("500 is held of user 1, who has no live session",
                          "DELETE FROM session"),
    "a session holds more": ("session 2: 500 is held", "UPDATE session SET"
                             " held_wallet = 501"),
    "a session of another user": ("session 2: 0 is held", "UPDATE session SET"
                                   " customer_id = 2, listener_id = 1"),
    "two live sessions": (
        "session 3: 500 is held", both(
            "DROP INDEX session_live_customer; DROP INDEX"
            " session_live_listener", "CREATE TEMP TABLE copy AS SELECT * FROM"
            " session; UPDATE copy SET id = 3; INSERT INTO session SELECT *"
            " FROM copy")),
    "held without a session": (
        "5 is held of user 2", forge((BEN, WALLET, -5), (BEN, HELD, 5))),
    "a credited payment without a top-up": (
        "payment 3: credited without", "UPDATE payment SET status = 1,"
        " credited_at = 1 WHERE id = 3"),
    "the last credited payment without a top-up": (
        "payment 9: credited without", lambda db: payment(db, 9, ANA, 5)),
    "a payment with two top-ups": (
        "payment 4: transfer 11 is a second", both(
            "DROP INDEX transfer_topup",
            forge((0, GATEWAY, -300), (BEN, WALLET, 300), kind=TOPUP,
                  reference=4))),
    "the last payment with two top-ups": (
        "payment 5: transfer 11 is a second", both(
            "DROP INDEX transfer_topup",
            forge((0, GATEWAY, -60), (ANA, WALLET, 60), kind=TOPUP,
                  reference=5))),
    "a top-up of no payment": (
        "does not match payment 9", forge(
            (0, GATEWAY, -60), (ANA, WALLET, 60), kind=TOPUP)),
    "a top-up of a payment that was not credited": (
        "does not match payment 3", forge(
            (0, GATEWAY, -900), (ANA, WALLET, 900), kind=TOPUP,
            reference=3)),
    "a payment's amount": ("does not match payment 2", "UPDATE"
                           " payment SET amount = 701 WHERE id = 2"),
    "a payment's user": ("does not match payment 2", "UPDATE"
                         " payment SET user_id = 2 WHERE id = 2"),
    "a payment is gone": ("does not match payment 2", "DELETE FROM"
                          " payment WHERE id = 2"),
}


def tamper(name, earmark, conf):
    """Copies the database while it is not used, to restore it later."""
    db = connect(name)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    shutil.copy(name, name + ".whole")
    failed = 0
    for n, (what, (want, act)) in enumerate(TAMPERED.items(), 1):
        shutil.copy(name + ".whole", name)
        db = sqlite3.connect(name, isolation_level=None)
        db.execute("PRAGMA ignore_check_constraints = ON")
        db.execute("PRAGMA synchronous = OFF")
        for (trigger,) in db.execute("SELECT name FROM sqlite_schema WHERE"
                                     " type = 'trigger' AND name NOT IN"
                                     " ('entry_balance')").fetchall():
            db.execute(f"DROP TRIGGER {trigger}")
        if not callable(act):
            db.execute("DROP TRIGGER entry_balance")
        act(db) if callable(act) else db.executescript(act)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()
        p = subprocess.run([earmark, "-c", conf, "ledger", "verify"],
                           capture_output=True, text=True, check=False)
        good = p.returncode == 1 and p.stdout == "" and \
            p.stderr.startswith("earmark: the ledger is broken: ") and \
            want in p.stderr and p.stderr.count("\n") == 1
        failed += not good
        print(f"{'ok' if good else 'not ok'} {n} - {what}")
        if not good:
            print(f"# {p.returncode}, not {want}: {p.stdout}{p.stderr}")
    shutil.copy(name + ".whole", name)
    print(f"1..{len(TAMPERED)}")
    return failed > 0


def main():
    what, name, *rest = sys.argv[1:]
    if what == "tamper":
        return tamper(name, *rest)
    if what == "proof":
        return proof(name, *rest)
    db = connect(name)
    if what == "refuse":
        return refuse(db)
    last = None
    if what in ("some", "fill", "many"):
        db.execute("BEGIN IMMEDIATE")
        last = {"some": some, "fill": fill, "many": many}[what](
            db, *map(int, rest))
        db.execute("COMMIT")
    print((last or head(db)).hex())
    return 0


if __name__ == "__main__":
    sys.exit(main())
