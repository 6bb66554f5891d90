#!/usr/bin/python3
"""Tests all routes with all kinds of callers.

access_matrix.py URL STATE BUILD TOKENS.json

TOKENS contains access tokens of real accounts by name: customer, listener
(not a customer), admin, finance, support, moderator, service, banned, deleted,
unproved (an admin whose session has not proved its second factor) and a refresh
token. Other tokens are forged here. Prints TAP: one test for each route, and one that all roles
occurred. No response may be a 5xx.
"""
import base64
import http.client
import json
import os
import re
import subprocess
import sys
import time
import urllib.parse

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "bench"))
import tokens as sign                                   # noqa: E402

URL, STATE, BUILD, TOKENS = sys.argv[1:]
HOST = urllib.parse.urlsplit(URL)
UUID = "5b7a8702-b2c5-4de4-93c9-99322bd40000"
POOLS = "auth user listeners favorites catalog calls wallet payments admin system".split()
# Routes that need the second factor again, for callers that have one.
STEP_UP = {
    "DELETE /admin/staff/{id}/sessions",
    "DELETE /user/mfa/totp",
    "DELETE /user/profile",
    "PATCH /admin/promotions/{id}",
    "POST /admin/approvals/{id}/approve",
    "POST /admin/payments/{id}/refund",
    "POST /admin/promotions",
    "POST /admin/sessions/{id}/refund",
    "POST /admin/staff/invitations",
    "POST /admin/wallets/{user_id}/adjust",
    "PUT /admin/staff/{id}",
}
STAFF = {"admin", "finance", "support", "moderator"}
ROLES = {role: {role} for role in {"customer", "listener", "service"} | STAFF}
ROLES["unproved"] = {"admin"}


def routes():
    for pool in POOLS:
        out = subprocess.run([f"{BUILD}/earmark-{pool}", "--routes"],
                             check=True, capture_output=True, text=True).stdout
        for line in out.splitlines():
            method, path, role = line.split()
            if path.startswith("/.earmark/"):
                continue
            yield method, path, role.split("|")


def forged(good):
    """Returns invalid tokens by what is wrong with them."""
    key = sign.project_key(STATE)
    head, body, mac = good.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    now = int(time.time())

    def again(k=key, **change):
        return sign.sign(k, {**claims, **change}).decode()

    def head_of(**h):
        return sign.b64(json.dumps(h).encode()).decode()

    return {
        "garbage": "nonsense",
        "alg none": head_of(alg="none", typ="JWT") + "." + body + ".",
        "other alg": head_of(alg="HS384", typ="JWT") + "." + body + "." + mac,
        "wrong key": again(k=b"x" * 32),
        "expired": again(iat=now - 7200, nbf=now - 7200, exp=now - 3600),
        "not yet": again(iat=now + 3600, nbf=now + 3600, exp=now + 4000),
        "other use": again(use="refresh"),
        "other issuer": again(iss="other"),
        "other audience": again(aud="other"),
        "unknown user": again(sub="999999"),
        "unknown session": again(sid=999999),
        "session of another user": again(sub="1"),
        "truncated": good[:-3],
        "body changed": head + "." + body[:-2] + "AA." + mac,
    }


class Caller:
    def __init__(self):
        self.c = http.client.HTTPConnection(HOST.hostname, HOST.port,
                                            timeout=20)

    def ask(self, method, path, token):
        headers = {}
        body = None
        if token is not None:
            headers["Authorization"] = "Bearer " + token
        if method in ("POST", "PUT", "PATCH"):
            body = "{}"
            headers["Content-Type"] = "application/json"
        self.c.request(method, path, body=body, headers=headers)
        r = self.c.getresponse()
        text = r.read()
        try:
            answer = json.loads(text) if text else {}
        except ValueError:
            answer = {}
        code = answer.get("error") if isinstance(answer, dict) else None
        return r.status, code


def fill(path):
    def value(m):
        name = m[1]
        return UUID if "destination" in name or path.startswith(
            ("/api/styles", "/api/creatives", "/api/documents",
             "/api/user-favorites")) else "999999"
    return re.sub(r"\{(\w+)\}", value, path)


def wanted(role, actor, token):
    """Returns the required (status, code), or None after the guards."""
    if role == ["open"]:
        return None
    if token is None:
        return None if role == ["maybe"] else (401, "token_required")
    if actor != "banned" and actor not in ROLES:
        return 401, "token_invalid"
    have = ROLES.get(actor, {"customer"})
    if not have & set(role) and role not in (["any"], ["maybe"]):
        return 403, "role_required"
    if actor == "banned":
        return 403, "account_inactive"
    return None


def needs_step_up(method, path):
    return f"{method} {path.removeprefix('/api/v1')}" in STEP_UP


def main():
    with open(TOKENS) as f:
        real = json.load(f)
    actors = {"no token": None, **real, **forged(real["customer"])}
    caller = Caller()
    n = bad = 0
    met = set()
    # Routes that end the session of the caller are tested last.
    def last(r):
        return "logout" in r[1] or (r[0] == "DELETE" and "profile" in r[1])
    for method, path, role in sorted(routes(), key=last):
        met |= set(role)
        wrong = []
        for actor, token in actors.items():
            want = wanted(role, actor, token)
            if want is None and actor == "unproved" and \
                    needs_step_up(method, path):
                want = 403, "step_up_required"
            if want is None and last((method, path)):
                continue
            got = caller.ask(method, fill(path), token)
            if want is not None and "/logout" in path and actor == "banned":
                want = None                 # a user without access may sign out
            if got[0] >= 500 and got[0] != 501:
                wrong.append(f"{actor}: {got}")
            elif want is not None and got != want:
                wrong.append(f"{actor}: {got}, not {want}")
            elif want is None and (got[1] in (
                    "token_required", "token_invalid", "role_required",
                    "account_inactive", "step_up_required",
                    "method_not_allowed")):
                wrong.append(f"{actor}: {got}, though it may")
        n += 1
        bad += bool(wrong)
        print(f"{'not ' * bool(wrong)}ok {n} - {method} {path} "
              f"({'|'.join(role)})")
        for w in wrong:
            print("#  ", w)
    n += 1
    missing = {"open", "maybe", "any", "customer", "service"} | STAFF
    missing -= met
    print(f"{'not ' * bool(missing)}ok {n} - every role is met {missing or ''}")
    print(f"1..{n}")
    sys.exit(1 if bad or missing else 0)


main()
