#!/usr/bin/python3
"""A double of Agora's REST API for banning rules.

It validates what Agora documents (docs.agora.io, "Create a banning rule",
"Delete a banning rule", "Get the banning rule list"): basic authentication,
names and types of the JSON members, limits. Times outside the documented range
are limited to it, as at Agora. With the time 0, no rule remains.
"""

import base64
import json
import os
import sys
import time
import urllib.parse

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import double                                           # noqa: E402
from double import Answer                               # noqa: E402

PATH = "/dev/v1/kicking-rule"
PRIVILEGES = {"join_channel", "publish_audio", "publish_video"}
RATE = 10                       # requests per second
MEMBERS = {"POST": {"appid", "cname", "uid", "ip", "time", "time_in_seconds",
                    "privileges"},
           "DELETE": {"appid", "id"}}


def refuse(status, message):
    raise Answer(status, {"status": "failed", "message": message})


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


class Agora(double.Double):
    name = "Agora"

    def __init__(self, options):
        super().__init__(options)
        self.rules, self.kicked = {}, []
        self.last_id = 1952
        self.times = []

    def state(self):
        return {"rules": list(self.rules.values()), "kicked": self.kicked}

    def trouble(self, status):
        return {"status": "failed", "message": f"status {status}"}

    def authenticate(self, request):
        want = base64.b64encode(f"{self.options.customer_id}:"
                                f"{self.options.customer_secret}".encode())
        if request.header("Authorization") != "Basic " + want.decode():
            refuse(401, "Invalid authentication credentials")

    def limit(self):
        now = time.monotonic()
        self.times = [t for t in self.times if t > now - 1] + [now]
        if len(self.times) > RATE:
            refuse(429, "Too many requests")

    def body_of(self, request):
        kind = request.header("Content-Type") or ""
        if kind.split(";")[0].strip() != "application/json":
            refuse(415, "Content-Type must be application/json")
        try:
            body = json.loads(request.body)
        except ValueError:
            refuse(400, "The body is not JSON")
        if not isinstance(body, dict):
            refuse(400, "The body is not an object")
        unknown = set(body) - MEMBERS[request.method]
        if unknown:
            refuse(400, f"unknown members: {sorted(unknown)}")
        self.check_app(body.get("appid"))
        return body

    def check_app(self, appid):
        if not isinstance(appid, str):
            refuse(400, "appid must be a string")
        if appid != self.options.app_id:
            refuse(403, "The customer has no such project")

    def ban_seconds(self, body):
        for name, unit, least, most in (("time_in_seconds", 1, 10, 86430),
                                        ("time", 60, 1, 1440)):
            value = body.get(name)
            if value is None:
                continue
            if not is_number(value) or value < 0:
                refuse(400, f"{name} must be a number")
            return 0 if value == 0 else \
                int(min(max(value, least), most) * unit)
        return 3600

    def create(self, request):
        body = self.body_of(request)
        cname, uid, ip = (body.get(k) for k in ("cname", "uid", "ip"))
        if cname is not None and (not isinstance(cname, str) or
                                  not 0 < len(cname.encode()) < 64):
            refuse(400, "cname must be a channel name")
        if uid is not None and (not is_number(uid) or uid != int(uid) or
                                not 0 < uid < 1 << 32):
            refuse(400, "uid must be a number other than 0")
        if ip is not None and (not isinstance(ip, str) or ip == "0"):
            refuse(400, "ip must be an address")
        if cname is None and uid is None and ip is None:
            refuse(400, "cname, uid or ip is required")
        privileges = body.get("privileges")
        if not isinstance(privileges, list) or not privileges or \
                not set(privileges) <= PRIVILEGES:
            refuse(400, "privileges must name known privileges")
        seconds = self.ban_seconds(body)
        self.last_id += 1
        if seconds == 0:
            self.kicked.append({"cname": cname, "uid": uid})
        else:
            self.rules[self.last_id] = {
                "id": self.last_id, "appid": body["appid"], "uid": uid,
                "opid": 1000 + self.last_id, "cname": cname, "ip": ip,
                "ts": double.now() + seconds, "seconds": seconds,
                "privileges": privileges}
        return Answer(200, {"status": "success", "id": self.last_id})

    def delete(self, request):
        body = self.body_of(request)
        if not is_number(body.get("id")):
            refuse(400, "id must be a number")
        if self.rules.pop(body["id"], None) is None:
            refuse(404, "There is no such rule")
        return Answer(200, {"status": "success", "id": body["id"]})

    def list(self, request):
        query = dict(urllib.parse.parse_qsl(request.query))
        self.check_app(query.get("appid"))
        return Answer(200, {"status": "success",
                            "rules": list(self.rules.values())})

    def answer(self, request):
        with self.lock:
            if request.path != PATH:
                refuse(404, "There is no such resource")
            self.authenticate(request)
            self.limit()
            method = {"POST": self.create, "DELETE": self.delete,
                      "GET": self.list}.get(request.method)
            if method is None:
                refuse(405, "The method is not allowed")
            return method(request)


if __name__ == "__main__":
    sys.exit(double.main(Agora, {
        "customer_id": "customer-id", "customer_secret": "customer-secret",
        "app_id": "970CA35de60c44645bbae8a215061b33"}))
