#!/usr/bin/python3
"""Writes a webhook as a payment provider would: its body and -H lines of
curl.

usage: webhook.py PROVIDER NEWS [NAME=VALUE]... BODY HEADERS

PROVIDER is sandbox, razorpay or stripe. NEWS is paid, order.paid, failed,
ended, refund, dispute or won. Writes the files BODY and HEADERS. HEADERS gets
one "Name: value" per line. Names:

 secret    the signing secret (sandbox: the file with the installation's key)
 event     its id                       payment   id of the payment, for notes
 amount, currency, ref, paid_ref, return_ref      as the provider names them
 return    number of the refund        state     processed, pending, failed
 at        the time of the signature, in seconds (default: now)
 sign      a signature to use instead of the right one
 from, to  writes several events with different ids to BODY.N, HEADERS.N

The format follows the documentation of the providers, not the tested code.
"""

import hashlib
import hmac
import json
import sys
import time


def text(v):
    return json.dumps(v, separators=(",", ":"), ensure_ascii=False)


def notes(o):
    n = {}
    if "payment" in o:
        n["earmark_payment"] = o["payment"]
    if "return" in o:
        n["earmark_return"] = o["return"]
    return n


def sandbox(kind, o):
    types = {"paid": "payment.paid", "failed": "payment.failed",
             "ended": "payment.ended", "refund": "payment.refunded",
             "dispute": "payment.disputed", "won": "payment.dispute_won"}
    data = {"payment_id": int(o["payment"]), "amount": int(o["amount"]),
            "currency": o["currency"]}
    for name in ("ref", "paid_ref", "return_ref"):
        if name in o:
            data[name] = o[name]
    if kind == "failed":
        data["why"] = "The payment was declined."
    return {"id": o["event"], "object": "event", "type": types[kind],
            "created": int(o["at"]), "data": data}


def razorpay(kind, o):
    amount, currency = int(o["amount"]), o["currency"]
    payment = {"entity": {
        "id": o.get("paid_ref"), "entity": "payment", "amount": amount,
        "currency": currency, "status": "captured", "order_id": o.get("ref"),
        "notes": notes(o) or []}}
    order = {"entity": {
        "id": o.get("ref"), "entity": "order", "amount": amount,
        "amount_paid": amount, "amount_due": 0, "currency": currency,
        "status": "paid", "notes": notes(o) or []}}
    if kind == "failed":
        payment["entity"].update(status="failed", error_description="No luck")
    types = {"paid": "payment.captured", "order.paid": "order.paid",
             "failed": "payment.failed",
             "refund": "refund." + o.get("state", "processed"),
             "dispute": "payment.dispute.lost", "won": "payment.dispute.won"}
    payload = {"payment": payment}
    if kind == "order.paid":
        payload["order"] = order
    elif kind == "refund":
        payload["refund"] = {"entity": {
            "id": o["return_ref"], "entity": "refund", "amount": amount,
            "currency": currency, "payment_id": o.get("paid_ref"),
            "notes": notes(o) or [], "status": o.get("state", "processed")}}
    elif kind in ("dispute", "won"):
        payload["dispute"] = {"entity": {
            "id": o["return_ref"], "entity": "dispute", "amount": amount,
            "amount_deducted": amount if kind == "dispute" else 0,
            "currency": currency, "payment_id": o.get("paid_ref"),
            "status": "lost" if kind == "dispute" else "won"}}
    return {"entity": "event", "account_id": "acc_test", "event": types[kind],
            "contains": list(payload), "payload": payload,
            "created_at": int(o["at"])}


def stripe(kind, o):
    thing = {"amount": int(o["amount"]), "currency": o["currency"].lower(),
             "metadata": notes(o)}
    states = {"processed": "succeeded"}
    if kind in ("paid", "failed", "ended"):
        thing.update(id=o.get("ref"), object="payment_intent",
                     amount_received=int(o["amount"]) if kind == "paid" else 0,
                     latest_charge=o.get("paid_ref"),
                     status={"paid": "succeeded", "ended": "canceled",
                             "failed": "requires_payment_method"}[kind])
        if kind == "failed":
            thing["last_payment_error"] = {"type": "card_error",
                                           "message": "No luck"}
    else:
        state = o.get("state", "processed")
        thing.update(id=o["return_ref"], payment_intent=o.get("ref"),
                     charge=o.get("paid_ref"),
                     object="refund" if kind == "refund" else "dispute",
                     status=states.get(state, state) if kind == "refund" else
                     "won" if kind == "won" else "needs_response")
    types = {"paid": "payment_intent.succeeded",
             "failed": "payment_intent.payment_failed",
             "ended": "payment_intent.canceled", "refund": "refund.updated",
             "dispute": "charge.dispute.funds_withdrawn",
             "won": "charge.dispute.funds_reinstated"}
    return {"id": o["event"], "object": "event", "api_version": "2025-03-31",
            "created": int(o["at"]), "livemode": False,
            "type": types[kind], "data": {"object": thing}}


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).hexdigest()


def headers(provider, o, body):
    if provider == "razorpay":
        return ["X-Razorpay-Signature: " +
                o.get("sign", mac(o["secret"].encode(), body)),
                "X-Razorpay-Event-Id: " + o["event"]]
    name, key = "Stripe-Signature", o["secret"].encode()
    if provider == "sandbox":
        name = "Earmark-Signature"
        with open(o["secret"], encoding="ascii") as f:
            root = bytes.fromhex(f.read().strip())
        # HKDF-Expand, one block.
        key = hmac.new(root, b"earmark sandbox\x01", hashlib.sha256).digest()
    right = mac(key, o["at"].encode() + b"." + body)
    return [f"{name}: t={o['at']},v1={o.get('sign', right)}"]


def write(provider, kind, o, body_file, headers_file):
    said = {"sandbox": sandbox, "razorpay": razorpay, "stripe": stripe}
    body = text(said[provider](kind, o)).encode()
    with open(body_file, "wb") as f:
        f.write(body)
    with open(headers_file, "w", encoding="ascii") as f:
        f.writelines(h + "\n" for h in headers(provider, o, body))


def main():
    provider, kind, *rest = sys.argv[1:]
    body_file, headers_file = rest[-2:]
    o = {"at": str(int(time.time())), "currency": "INR"}
    o.update(a.split("=", 1) for a in rest[:-2])
    if "to" not in o:
        write(provider, kind, o, body_file, headers_file)
        return
    event = o["event"]
    for n in range(int(o["from"]), int(o["to"]) + 1):
        o["event"] = f"{event}_{n}"
        write(provider, kind, o, f"{body_file}.{n}", f"{headers_file}.{n}")


main()
