"""Signed sandbox webhooks. See lib/providers/webhook_sandbox.c for the
format.
"""
import hashlib
import hmac
import json
import os
import time


def key_of(state):
    """Derives the sandbox key as lib/base/conf.c does (HKDF-Expand)."""
    with open(state + "/key") as f:
        key = bytes.fromhex(f.read().strip())
    return hmac.new(key, b"earmark sandbox\x01", hashlib.sha256).digest()


def sign(key, at, body):
    mac = hmac.new(key, b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def body(event, kind, payment, amount, currency="INR", at=None, **more):
    """Returns a body. kind: paid, failed, ended, refunded, disputed,
    dispute_won.
    """
    return json.dumps({
        "id": event, "object": "event", "type": "payment." + kind,
        "created": int(time.time() if at is None else at),
        "data": {"payment_id": payment, "ref": ref(payment),
                 "paid_ref": f"paid_{payment}", "amount": amount,
                 "currency": currency, **more}},
        separators=(",", ":")).encode()


def ref(payment):
    return f"sandbox_{payment}"


def payments(db, rows):
    """Inserts pending payments for (user, amount). Returns their ids in
    order.
    """
    now, out = int(time.time() * 1000), []
    n = db.execute("SELECT coalesce(max(id), 0) FROM payment").fetchone()[0]
    for user, amount in rows:
        n += 1
        out.append((n, user, amount, ref(n), os.urandom(16), now, now))
    db.executemany(
        "INSERT INTO payment(id, user_id, provider, amount, currency, ref,"
        " page_key, created_at, updated_at)"
        " VALUES (?, ?, 1, ?, 'INR', ?, ?, ?, ?)", out)
    return [r[0] for r in out]
