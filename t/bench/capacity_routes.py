"""A request of each route, with data that capacity_data.py has created.

A step with a label is a second row of its route.
steps() returns the steps in an order in which later ones can use what earlier
ones created. Each step is measured with many users and objects, spread over
all rows. Steps whose requests are refused have the status in `want`: they need
a secret or a service that the installation does not have.
"""
import collections
import json
import struct
import time
import uuid
import zlib

import capacity_data as data
import gen
import hooks
import large

GROUPS = (2, 4, 5, 8)                   # last digits of ids of customers
FREQUENT, RARE = " (frequent word)", " (frequent and rare word)"
SECOND_ADMIN, APPROVAL_LIMIT = 4, 10**9
OK = (200, 201, 202, 204, 303)
Step = collections.namedtuple("Step", "method path who body want keep query "
                              "params headers before label")


def png(n):
    """Returns a picture of 64 x 64 pixels."""
    def chunk(kind, text):
        return (struct.pack(">I", len(text)) + kind + text +
                struct.pack(">I", zlib.crc32(kind + text)))
    rows = b"".join(b"\0" + bytes([n % 256, y * 4, 99]) * 64
                    for y in range(64))
    return (b"\x89PNG\r\n\x1a\n" +
            chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Context:
    """What the steps of one installation know."""

    def __init__(self, state, db, n, times, token):
        self.state, self.db, self.n, self.k = state, db, n, times
        self.token = token              # token(user)
        self.kept = collections.defaultdict(dict)
        self.run = f"{int(time.time()) % 10**7:x}"
        self.hook_key = hooks.key_of(state)
        self.flyers = max(n // 20, 50)
        self.uuids = {
            t: [str(uuid.UUID(bytes=u)) for u, in db.execute(
                f"SELECT uuid FROM {t} ORDER BY id LIMIT 5000")]
            for t in ("style", "creative", "document")}

    # Users are spread over all ids. Different groups have different users.
    def user(self, i, group=0):
        return 10 * (2 + i * ((self.n // 10 - 3) // self.k)) + GROUPS[group]

    def payer(self, i, part=0):
        """Returns a user with money. part is below 10."""
        each = (self.n // 10 - 2) // (10 * self.k)
        return data.payer((part * self.k + i) * each)

    def listener(self, i, part=0):
        """Returns a verified listener. part is below 5."""
        each = (self.n // 50 - 2) * 4 // (5 * self.k)
        j = (part * self.k + i) * each
        return 50 * (1 + j // 4) + 10 * (1 + j % 4)

    def flyer(self, i):
        return 1 + i * (self.flyers // self.k or 1) % self.flyers

    def destination(self, i):
        b = gen.destination_uuid(self.flyer(i))
        return str(uuid.UUID(bytes=b))

    def thing(self, table, i):
        u = self.uuids[table]
        return u[i * (len(u) // self.k or 1) % len(u)]

    def mail(self, i):
        return f"new{self.run}x{i}@mail.example"

    def code(self, to):
        """Waits for the newest code sent to an address."""
        end = time.time() + 30
        while time.time() < end:
            waiting = self.sql("SELECT count(*) FROM outbox WHERE state = 0"
                               " AND recipient = ?", to)[0][0]
            with open(self.state + "/outbox.jsonl", encoding="utf-8") as f:
                for line in f:
                    if '"code"' in line:
                        m = json.loads(line)
                        if m.get("code"):
                            self.kept["code"][m["to"]] = m["code"]
            if waiting == 0 and to in self.kept["code"]:
                return self.kept["code"].pop(to)
            time.sleep(0.1)
        raise SystemExit(f"capacity: no code for {to}")

    def sql(self, text, *args):
        return self.db.execute(text, args).fetchall()


def steps(c):
    """Returns the steps. `path` is that of the route table, possibly without
    /api/v1. Arguments may be functions of i = 0..times-1.
    """
    out, kept = [], c.kept

    def add(method, path, who=None, body=None, want=OK, keep=None, query="",
            headers=None, before=None, label="", **params):
        out.append(Step(method, path, who, body, want, keep or {}, query,
                        params, headers or {}, before, label))

    def saved(name):
        return lambda i: kept[name][i]

    def group(n):
        return lambda i: c.user(i, n)

    def payer(n):
        return lambda i: c.payer(i, n)

    def listener(n):
        return lambda i: c.listener(i, n)

    def one(_):
        return 1

    any_user, whale = group(0), lambda i: data.WHALE
    u, word = group(1), data.PASSWORD

    # ---- Accounts
    add("POST", "/auth/register", body=lambda i: {
        "username": f"new{c.run}x{i}", "password": word, "email": c.mail(i)})
    add("POST", "/auth/resend-otp", want=OK + (429,), body=lambda i: {
        "identifier": c.mail(i), "purpose": "register"})
    add("POST", "/auth/verify-otp", body=lambda i: {
        "identifier": c.mail(i), "code": c.code(c.mail(i)),
        "purpose": "register"}, keep={"refresh": ("refresh_token",)})
    add("POST", "/auth/continue", body=lambda i: {
        "identifier": f"u{c.user(i, 0)}@mail.example"})
    add("POST", "/auth/login", body=lambda i: {
        "identifier": f"u{c.user(i, 2)}@mail.example", "password": word},
        keep={"login": ("access_token",)})
    add("POST", "/auth/refresh-token",
        body=lambda i: {"refresh_token": kept["refresh"][i]})
    add("POST", "/auth/password/forgot", body=lambda i: {
        "identifier": f"u{c.payer(i, 9)}@mail.example"})
    add("POST", "/auth/password/reset", body=lambda i: {
        "identifier": f"u{c.payer(i, 9)}@mail.example",
        "code": c.code(f"u{c.payer(i, 9)}@mail.example"),
        "new_password": "Another good word 7"})
    add("GET", "/auth/session")
    add("GET", "/auth/session/staff")
    add("POST", "/auth/session", any_user, want=(409,))
    add("GET", "/auth/sessions", whale)
    add("DELETE", "/auth/sessions/{id}", whale, id=lambda i: 3 + i)
    add("POST", "/auth/logout", saved("login"))
    add("POST", "/auth/logout-all", group(2), {"keep_current": True})
    add("POST", "/auth/link", body={"token": "x" * 40}, want=(400, 401, 404))
    add("POST", "/auth/mfa", body={"mfa_token": "x" * 40, "code": "123456"},
        want=(400, 401))
    add("POST", "/auth/id-token", body={"provider": "a", "id_token": "x.y.z"},
        want=(400, 401, 404, 501))
    add("GET", "/auth/identities", any_user)
    add("POST", "/auth/identities", any_user,
        {"provider": "a", "id_token": "x.y.z"}, want=(400, 401, 404, 501))
    add("DELETE", "/auth/identities/{id}", any_user, id="1", want=(404,))

    add("GET", "/user/profile", any_user)
    add("PUT", "/user/profile", any_user, lambda i: {"bio": f"Kind {i}"})
    add("PUT", "/user/profile/image", any_user, png,
        headers={"Content-Type": "image/png"})
    add("DELETE", "/user/profile/image", any_user)
    add("POST", "/user/username", any_user,
        lambda i: {"username": f"other{c.run}x{i}"}, want=(403,))
    add("POST", "/user/email", any_user, lambda i: {
        "email": f"mail{c.run}x{i}@mail.example", "password": word})
    add("POST", "/user/email/verify", any_user, lambda i: {
        "code": c.code(f"mail{c.run}x{i}@mail.example")})
    add("POST", "/user/phone", any_user, lambda i: {
        "phone": f"+9198{int(c.run, 16) % 10000:04d}{i:04d}",
        "password": word})
    add("POST", "/user/phone/verify", any_user, lambda i: {
        "code": c.code(f"+9198{int(c.run, 16) % 10000:04d}{i:04d}")})
    add("POST", "/user/password", any_user, {
        "current_password": word, "new_password": "Another good word 8"})
    add("POST", "/user/restore", body={"token": "x" * 43},
        want=(400, 401, 404, 410))
    add("GET", "/user/settings", any_user)
    add("PUT", "/user/settings", any_user, {"time_zone": "Asia/Kolkata"})
    add("GET", "/user/security", any_user)
    add("GET", "/user/blocks", u)
    add("PUT", "/user/blocks/{user_id}", u, user_id=group(3))
    add("DELETE", "/user/blocks/{user_id}", u, user_id=group(3))
    add("GET", "/user/mfa", u)
    add("POST", "/user/mfa/totp", u, {"password": word})
    add("POST", "/user/mfa/totp/verify", u, {"code": "123456"}, want=(400,))
    add("DELETE", "/user/mfa/totp", u, want=OK + (403, 404, 409))

    # ---- Messages and support
    add("POST", "/notifications/send", one, lambda i: {
        "user_id": c.user(i, 1), "title": "Hello", "body": "World"})
    add("GET", "/notifications", u)
    add("POST", "/notifications/read", u, {"all": True})
    add("GET", "/notifications/preferences", u)
    add("PUT", "/notifications/preferences", u,
        {"quiet_start": "22:00", "quiet_end": "07:00"})
    add("POST", "/notifications/devices", u, lambda i: {
        "token": f"device-{c.run}-{i}", "platform": "android"})
    add("GET", "/notifications/devices", u)
    add("DELETE", "/notifications/devices/{token}", u,
        token=lambda i: f"device-{c.run}-{i}")
    for method in ("GET", "POST"):
        add(method, "/notifications/unsubscribe/{token}",
            token="1.00000000000000000000", want=(404,))
    add("POST", "/support/ticket", u, {"subject": "A call", "body": "Help"},
        keep={"ticket": ("id",)})
    add("GET", "/support/tickets", u)
    add("GET", "/support/tickets/{id}", u, id=saved("ticket"))
    add("POST", "/support/tickets/{id}/replies", u, {"body": "Please"},
        id=saved("ticket"))
    add("POST", "/support/feedback", u, {"body": "Good", "rating": 5})
    add("POST", "/support/faq", one, lambda i: {
        "category": "calls", "question": f"How {i}?", "answer": "So."},
        keep={"faq": ("id",)})
    add("GET", "/support/faq")
    add("PUT", "/support/faq/{id}", one, {"answer": "d"}, id=saved("faq"))
    add("DELETE", "/support/faq/{id}", one, id=saved("faq"))
    add("POST", "/support/reports", u, lambda i: {
        "user_id": c.listener(i, 0), "reason": "spam"},
        keep={"report": ("report_id",)})

    # ---- Listeners
    first = listener(0)
    add("GET", "/listeners", any_user)
    add("GET", "/listeners/languages", any_user)
    add("GET", "/listeners/gsearch", any_user,
        query=lambda i: f"?q={c.listener(i, 0)}")
    add("GET", "/listeners/gsearch", any_user, label=RARE, query=lambda i:
        f"?q={large.NAMES[c.listener(i, 0) % 20]}%20{c.listener(i, 0)}")
    add("GET", "/listeners/gsearch", any_user, query="?q=amara",
        label=FREQUENT)
    add("GET", "/listeners/profile", first)
    add("PUT", "/listeners/profile", first, lambda i: {"bio": f"Kind {i}"})
    add("POST", "/listeners/register", group(3), {
        "languages": ["en"], "rate_per_minute": 100})
    add("GET", "/listeners/{id}", any_user, id=first)
    add("GET", "/listeners/sessions", first)
    add("GET", "/listeners/earnings", first)
    add("GET", "/listeners/{id}/reviews", any_user, id=first)
    add("GET", "/listeners/availability", first)
    add("PUT", "/listeners/availability", first, {"max_minutes_per_day": 600})
    add("POST", "/presence/update", first, {"status": "online"})
    add("POST", "/presence/query", any_user, lambda i: {
        "user_ids": [c.listener(i, p) for p in range(5)]})
    add("GET", "/presence/{user_id}", any_user, user_id=first)

    # ---- Favorites
    d = c.destination
    me = lambda i: str(c.user(i, 1))                    # noqa: E731
    add("GET", "/users/{user}/favorites", u, user=me, query="?limit=20")
    add("POST", "/users/{user}/favorites", u, user=me,
        body=lambda i: {"destination_id": d(i)}, want=OK + (409,))
    add("DELETE", "/users/{user}/favorites/{destination_id}", u, user=me,
        destination_id=d)
    add("GET", "/destinations/{destination_id}/favorites/count",
        destination_id=d)
    add("GET", "/users/{user}/activity", u, user=me)
    add("GET", "/api/users/me/favorites", u, query="?limit=20")
    add("POST", "/api/flyers/{flyer_id}/favorite", u, flyer_id=c.flyer)
    add("GET", "/api/flyers/{flyer_id}/favorite", u, flyer_id=c.flyer)
    add("DELETE", "/api/flyers/{flyer_id}/favorite", u, flyer_id=c.flyer)
    add("GET", "/customer/favorites", u)
    add("POST", "/customer/favorites", u,
        lambda i: {"listener_id": c.listener(i, 1)}, want=OK + (409,))
    add("POST", "/customer/favorites/check", u, lambda i: {
        "listener_ids": [c.listener(i, p) for p in range(5)]})
    add("GET", "/customer/favorites/{listener_id}", u,
        listener_id=listener(1))
    add("PUT", "/customer/favorites/{listener_id}", u,
        {"note": "Kind", "notify_when_available": True},
        listener_id=listener(1))
    add("DELETE", "/customer/favorites", u,
        query=lambda i: f"?listener_id={c.listener(i, 1)}")

    def style(i):
        return {"entity_id": c.thing("style", i), "entity_type": "style"}
    add("GET", "/api/user-favorites", u)
    add("POST", "/api/user-favorites", group(2), style, want=OK + (409,),
        keep={"studio": ("id",)})
    add("POST", "/api/user-favorites/toggle", group(3), style)
    add("DELETE", "/api/user-favorites/{favorite_id}", group(2),
        favorite_id=lambda i: kept["studio"].get(i, str(uuid.UUID(int=i))),
        want=OK + (404,))
    add("GET", "/me/changes", u)
    add("POST", "/me/favorites/contains", u, lambda i: {"items": [
        {"kind": "flyer", "id": str(c.flyer(i))}]})
    add("GET", "/popular", query="?kind=flyer")
    add("GET", "/me/export", u)

    # ---- Catalog
    add("GET", "/api/flyers")
    add("GET", "/api/flyers", query=lambda i: f"?q=trek%20{c.flyer(i)}",
        label=RARE)
    add("GET", "/api/flyers", query="?q=trek", label=FREQUENT)
    add("POST", "/api/flyers", u, lambda i: {
        "title": f"Trek {i}", "latitude": i % 60, "longitude": i % 90},
        keep={"flyer": ("id",)})
    add("GET", "/api/flyers/{flyer_id}", flyer_id=c.flyer)
    add("PATCH", "/api/flyers/{flyer_id}", u, {"title": "Tour"},
        flyer_id=saved("flyer"))
    add("PUT", "/api/flyers/{flyer_id}/image", u, png,
        flyer_id=saved("flyer"), headers={"Content-Type": "image/png"})
    add("DELETE", "/api/flyers/{flyer_id}/image", u, flyer_id=saved("flyer"))
    add("DELETE", "/api/flyers/{flyer_id}", u, flyer_id=saved("flyer"))
    add("GET", "/destinations")
    add("GET", "/destinations", query=lambda i: f"?q=trek%20{c.flyer(i)}",
        label=RARE)
    add("GET", "/destinations", query="?q=Lisbon", label=FREQUENT)
    add("POST", "/destinations", one, lambda i: {
        "name": f"Mount {i}", "city": "Malang", "country": "ID"},
        keep={"destination": ("id",)})
    add("GET", "/destinations/{destination_id}", destination_id=d)
    add("PATCH", "/destinations/{destination_id}", one, {"city": "Batu"},
        destination_id=saved("destination"))
    add("DELETE", "/destinations/{destination_id}", one,
        destination_id=saved("destination"))
    for table, body, change in (
            ("style", {"name": "Red"}, {"name": "Blue"}),
            ("creative", {"html_url": "https://example.com/a"},
             {"html_url": "https://example.com/b"}),
            ("document", {"title": "A"}, {"title": "B"})):
        path = f"/api/{table}s"
        add("GET", path, u)
        add("POST", path, u, body, keep={table: ("id",)})
        add("GET", path + "/{id}", u, id=saved(table))
        add("PATCH", path + "/{id}", u, change, id=saved(table))
        add("DELETE", path + "/{id}", u, id=saved(table))

    # ---- Money. Each part of the payers gets money first.
    add("POST", "/admin/wallets/{user_id}/adjust", one,
        {"amount": 5000, "reason": "Benchmark"}, user_id=payer(0))
    for part in range(1, 8):
        add("POST", "/admin/wallets/{user_id}/adjust", one,
            {"amount": 5000, "reason": "Benchmark"}, user_id=payer(part))
    p = payer(8)
    add("GET", "/user/balance", p)
    add("GET", "/user/transactions", p)
    add("GET", "/promotions", u)
    add("POST", "/promotions/redeem", u, lambda i: {
        "code": f"CODE{1 + i % max(c.n // 40, 1)}"})
    add("GET", "/referrals", u)
    checkout = {"payment": ("payment_id",), "url": ("checkout", "url")}
    add("POST", "/payments/initiate", u,
        {"amount": 10000, "provider": "sandbox"}, keep=checkout)
    add("POST", "/user/balance/topup", group(3),
        {"amount": 10000, "provider": "sandbox"},
        keep={"topup": ("payment_id",)})

    def pages(_):
        for i, url in kept["url"].items():
            kept["key"][i] = url.split("key=")[1]

    def key(i):
        return "?key=" + kept["key"][i]
    add("GET", "/pay/sandbox/{payment_id}", payment_id=saved("payment"),
        query=key, before=pages)
    add("GET", "/pay/return/{payment_id}", payment_id=saved("payment"),
        query=key)
    add("POST", "/pay/sandbox/{payment_id}", payment_id=saved("payment"),
        query=key, body=b"do=decline", headers={
            "Content-Type": "application/x-www-form-urlencoded"})

    def hook(i, amount=10000):
        return hooks.body(f"bench_{c.run}_{i}", "paid", kept["topup"][i],
                          amount)

    def signed(i):
        return {"Earmark-Signature": hooks.sign(
            c.hook_key, int(time.time()), hook(i)),
            "Content-Type": "application/json"}
    add("POST", "/payments/webhook", body=hook, headers=signed)
    add("POST", "/payments/webhook/{provider}", body=hook, headers=signed,
        provider="sandbox")
    add("GET", "/payments", group(3))
    add("GET", "/payments/{id}", group(3), id=saved("topup"))

    # ---- Calls and sessions, by payers with listeners of the same part
    def start(part, name):
        add("POST", "/call/start", payer(part), lambda i: {
            "callee_id": c.listener(i, part)}, keep={name: ("call_id",)})

    def act(what, name, who):
        add("POST", "/call/" + what, who,
            lambda i: {"call_id": kept[name][i]})
    for part in range(1, 5):
        add("POST", "/presence/update", listener(part),
            {"status": "online"})
    add("GET", "/call/tariff", payer(0),
        query=lambda i: f"?callee_id={c.listener(i, 0)}")
    start(0, "call")
    act("accept", "call", listener(0))
    act("connected", "call", payer(0))
    act("heartbeat", "call", payer(0))
    add("POST", "/call/signal", payer(0), lambda i: {
        "call_id": kept["call"][i], "type": "candidate", "data": {"n": 1}})
    add("POST", "/agora/token", payer(0), lambda i: {"channel_name": "x"},
        want=(400, 403, 404, 501))
    add("POST", "/agora/callback", body={}, want=(401, 501))
    add("GET", "/calls/{call_id}", payer(0), call_id=saved("call"))
    act("end", "call", payer(0))
    add("GET", "/calls/history", payer(0))
    start(1, "call1")
    act("reject", "call1", listener(1))
    start(2, "call2")
    act("cancel", "call2", payer(2))
    start(3, "call3")
    add("POST", "/call/timeout", payer(3),
        lambda i: {"call_id": kept["call3"][i]}, want=OK + (409,))
    add("POST", "/admin/calls/{id}/end", one, {"reason": "They shout"},
        id=saved("call3"), want=OK + (409,))
    add("GET", "/events", u)
    add("POST", "/realtime/ticket", u)
    for part, name in ((4, "session"), (1, "session1")):
        add("POST", "/sessions/start", payer(part),
            (lambda part: lambda i: {"listener_id": c.listener(i, part)})(
                part), keep={name: ("session_id",)})
    add("POST", "/sessions/end", payer(4),
        lambda i: {"session_id": kept["session"][i]})
    add("POST", "/admin/sessions/{id}/end", one, {"reason": "Never ended"},
        id=saved("session1"))
    add("GET", "/sessions/history", p)
    add("GET", "/sessions/{id}", payer(4), id=saved("session"))
    add("GET", "/sessions/{id}/receipt", payer(4), id=saved("session"))

    # Sessions that capacity_data.py has created.
    def old(_):
        last = c.sql("SELECT count(*) FROM session")[0][0] // 2
        first = c.n // 4 + 1            # older ones have reviews
        signed_out = {c.payer(i, 9) for i in range(c.k)} | {data.WHALE}
        for i in range(c.k):
            kept["old"][i], kept["customer"][i] = next(
                row for row in c.sql(
                    "SELECT id, customer_id FROM session WHERE id >= ?"
                    " AND cost > 0 ORDER BY id LIMIT 999",
                    first + i * ((last - first) // c.k))
                if row[1] not in signed_out)
    add("POST", "/sessions/{id}/review", saved("customer"), {"rating": 4},
        id=saved("old"), before=old, want=OK + (409,))

    # ---- Administrators
    def ban(i):
        return {"user_id": c.user(i, 2), "reason": "Rude"}
    add("GET", "/admin/users", one)
    add("GET", "/admin/users/{id}", one, id=p)
    add("DELETE", "/admin/users/{id}/image", one, {"reason": "Rude"},
        id=lambda i: c.user(i, 2))
    add("POST", "/admin/ban-user", one, ban)
    add("POST", "/admin/unban-user", one, lambda i: {
        "user_id": c.user(i, 2)})
    add("GET", "/admin/listeners", one)
    add("POST", "/admin/listeners/{id}/reject", one, {"reason": "No bio"},
        id=group(3))
    add("POST", "/admin/listeners/{id}/verify", one, id=group(3),
        want=OK + (409,))
    add("GET", "/admin/listeners/{id}/rates", one, id=first)
    add("GET", "/admin/analytics", one, query="?metric=calls&bucket=day")
    for path in ("dashboard", "audit", "activity", "promotions", "payments",
                 "ledger", "approvals", "sessions", "outbox", "calls",
                 "tickets", "feedback", "reviews", "reports", "webhooks",
                 "status", "staff", "templates"):
        add("GET", "/admin/" + path, one)
    add("POST", "/admin/promotions", one, lambda i: {
        "code": f"P{c.run}X{i}".upper(), "kind": "bonus", "value": 100},
        keep={"promotion": ("id",)})
    add("PATCH", "/admin/promotions/{id}", one, {"active": False},
        id=saved("promotion"))
    add("GET", "/admin/payments/{id}", one, id=saved("topup"))
    add("POST", "/admin/payments/{id}/refund", one,
        {"amount": 100, "reason": "Asked for"}, id=saved("topup"))
    add("POST", "/admin/payments/{id}/accept", one, {"note": "Seen"},
        id=saved("topup"), want=OK + (409,))
    add("POST", "/admin/payments/{id}/unflag", one, {"note": "Seen"},
        id=saved("topup"), want=OK + (409,))
    add("GET", "/admin/wallets/{user_id}", one, user_id=p)
    add("GET", "/admin/wallets/{user_id}/transactions", one, user_id=p)
    for what in ("approve", "reject"):
        add("POST", "/admin/wallets/{user_id}/adjust", lambda i: SECOND_ADMIN,
            {"amount": APPROVAL_LIMIT + 1, "reason": "Large"}, user_id=p,
            keep={what: ("approval_id",)})
        add("POST", f"/admin/approvals/{{id}}/{what}", one, {"note": "Seen"},
            id=saved(what))
    add("GET", "/admin/sessions/{id}/receipt", one, id=saved("old"))
    add("POST", "/admin/sessions/{id}/refund", one,
        {"reason": "It was silent", "amount": 1}, id=saved("old"),
        want=OK + (409,))
    add("POST", "/admin/outbox/{id}/retry", one, want=OK + (409,),
        id=lambda i: 100 * (1 + i % max(c.n // 400, 1)))
    add("GET", "/admin/tickets/{id}", one, id=saved("ticket"))
    add("PUT", "/admin/tickets/{id}", one, {"status": "pending"},
        id=saved("ticket"))
    add("POST", "/admin/tickets/{id}/replies", one, {"body": "Yes"},
        id=saved("ticket"))
    for what in ("hide", "unhide"):
        add("POST", f"/admin/reviews/{{id}}/{what}", one, {"reason": "Rude"},
            id=lambda i: 1 + i * (c.n // 4 // c.k or 1), want=OK + (409,))
    add("GET", "/admin/reports/{id}", one, id=saved("report"))
    add("POST", "/admin/reports/{id}/decide", one,
        {"action": "dismiss", "note": "No"}, id=saved("report"))
    add("GET", "/admin/users/{id}/devices", one, id=whale)
    add("DELETE", "/admin/users/{id}/devices/{device_id}", one, id=u,
        device_id=lambda i: data.SESSION + c.user(i, 1))
    add("PUT", "/admin/staff/{id}", one, {"roles": ["support"]}, id=group(2))
    add("DELETE", "/admin/staff/{id}/sessions", one, id=group(2))
    add("POST", "/admin/staff/invitations", one, {"roles": ["support"]},
        keep={"invitation": ("invitation_id",)})
    add("DELETE", "/admin/invitations/{id}", one, id=saved("invitation"))
    add("GET", "/admin/templates/{name}", one, name="notification",
        query="?channel=push")
    add("POST", "/admin/templates/{name}/test", one, {"channel": "push"},
        name="notification")

    # ---- The last step of an account; other routes
    add("DELETE", "/user/profile", group(3),
        {"password": word}, want=OK + (409,))
    for path in ("/health", "/health/live", "/version", "/metrics",
                 "/openapi.json"):
        add("GET", path)
    return out
