#!/usr/bin/python3
"""Writes webhook test vectors with signatures of the present time.

usage: vectors.py webhooks.json DIR

Writes N.body and N.headers (-H lines of curl) to DIR for each row of Stripe
and Razorpay. Prints a line "N PROVIDER accepted|refused NAME" for each. A
signature is computed again for the new time if it is one of the row's body at
a time of its header, or one of the valid row's body. Other signatures stay
wrong.
"""

import base64
import hashlib
import hmac
import json
import re
import sys
import time


def mac(secret, t, body):
    return hmac.new(secret.encode(), str(t).encode() + b"." + body,
                    hashlib.sha256).hexdigest()


def shifted(row, bodies):
    header = row["header"]
    times = [int(t) for t in re.findall(r"t=(\d+)", header)]
    base = 1767225600
    late = row["now"] - base
    # A time exactly at the limit would be too late when it is received.
    new = int(time.time()) - (298 if late == 300 else late)
    for t in set(times + [base]):
        for body in bodies:
            old, fresh = mac(row["secret"], t, body), \
                mac(row["secret"], t - base + new, body)
            header = header.replace(old, fresh)
            header = header.replace(old.upper(), fresh.upper())
            header = re.sub(f"{old[:-2]}(?![0-9a-f])", fresh[:-2], header)
    return re.sub(r"t=(\d+)", lambda m: f"t={int(m[1]) - base + new}", header)


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        rows = json.load(f)
    n = 0
    stripe = [base64.b64decode(r["payload_b64"]) for r in rows["stripe"]]
    for provider, part in (("stripe", "stripe"),
                           ("razorpay", "razorpay_webhook")):
        for row in rows[part]:
            n += 1
            body = base64.b64decode(row["payload_b64"]) \
                if "payload_b64" in row else row["payload"].encode()
            value = shifted(row, stripe) if provider == "stripe" \
                else row["signature"]
            with open(f"{sys.argv[2]}/{n}.body", "wb") as f:
                f.write(body)
            with open(f"{sys.argv[2]}/{n}.headers", "w",
                      encoding="ascii") as f:
                # curl needs a semicolon for an empty header.
                f.write(f"{row['header_name']}: {value}\n" if value else
                        f"{row['header_name']};\n")
                if provider == "razorpay":
                    f.write(f"X-Razorpay-Event-Id: vector_{n}\n")
            print(n, provider, "accepted" if row["sdk_accepts"] else "refused",
                  row["name"])


main()
