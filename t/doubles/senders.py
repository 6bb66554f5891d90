#!/usr/bin/python3
"""Doubles of Firebase Cloud Messaging, Twilio and a receiver of SMS webhooks.

senders.py --port-file FILE --log FILE --public KEY.pem --secret WHSEC
           [--tls CERT KEY] [--chaos RATE] [--token-chaos RATE]
           [--token-life SECONDS]

Validates each request as the provider would, and writes it to the log as a
JSON line. Messages with a collapse key are limited to a burst of 20 per device.
With --chaos, this part of the requests to FCM and the SMS webhook fails, and with
--token-chaos the first request for an access token and this part of the others.
Each of FAULTS occurs once, in random order, before the next round. SEED is read from the environment.
While the file LOG.quota exists, the account has no
quota left: all messages get 429. The beginning of the token of a push message selects the response:
"gone" is not registered, "other" belongs to another sender, "odd" is not a
token, "wrong" is an invalid message, "third" has an invalid certificate for
Apple, "denied" may not be sent by this account, "busy" must be retried in a
minute, "soon" in 5 s, "full" gets the same error without a time, "rate" gets too many messages for the first one, "down" gets 503, "sick" 500, "late" an expired access token, "hang" no
response for 30 s. "slow" takes 0.1 s. "crowd" waits until no other request
arrives, then all get their responses. Numbers of Twilio behave as documented
("Test credentials", magic input).
"""
import argparse
import base64
import contextlib
import hashlib
import hmac
import http.server
import json
import os
import random
import select
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

import fcm_rules

ap = argparse.ArgumentParser()
for name in ("port-file", "log", "public", "secret"):
    ap.add_argument("--" + name, required=True)
ap.add_argument("--tls", nargs=2)
ap.add_argument("--chaos", type=float, default=0)
ap.add_argument("--token-chaos", type=float, default=0)
ap.add_argument("--token-life", type=int, default=3599)
args = ap.parse_args()
dice = random.Random(int(os.environ.get("SEED", "1")))
lock = threading.Lock()
tokens, refused, crowd = set(), set(), {}
collapsed = {}  # messages with a collapse key, by device
COLLAPSE_BURST = 20
HANG = 12  # longer than a client waits
# "tls-close" and "tls-end" end the connection within a response, with and
# without a close_notify.
FAULTS = ["hang", "reset", "close", 429, 500, 503] + (
    ["tls-close", "tls-end"] if args.tls else [])
decks = {"message": [], "token": []}
failed = set()  # keys of decks
limited = set()  # devices that were told that they get too many
slow = {"now": 0, "max": 0}  # simultaneous slow requests
BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
FATES = {"gone": (404, "NOT_FOUND", "UNREGISTERED", "Requested entity was not"
                  " found."),
         "other": (403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", "SenderId"
                   " mismatch"),
         "odd": (400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "The registration"
                 " token is not a valid FCM registration token"),
         "third": (401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", "Auth"
                   " error from APNS or Web Push Service"),
         "sick": (500, "INTERNAL", "INTERNAL", "Internal error"),
         "busy": (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", "Quota"),
         "soon": (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", "Quota"),
         "full": (429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", "Quota"),
         "down": (503, "UNAVAILABLE", "UNAVAILABLE", "down")}
WAITS = {"busy": "60", "soon": "5"}  # seconds
# Errors without an FCM error code.
PLAIN = {"wrong": (400, "INVALID_ARGUMENT", "Invalid value at 'message.data'"),
         "denied": (403, "PERMISSION_DENIED", "Permission"
                    " 'cloudmessaging.messages.create' denied")}
# Error codes for to and from, see
# https://www.twilio.com/docs/iam/test-credentials.
MAGIC = {"+15005550001": (21211, 21212), "+15005550002": (21612, None),
         "+15005550003": (21408, None), "+15005550004": (21610, None),
         "+15005550009": (21614, None), "+15005550007": (None, 21606),
         "+15005550008": (None, 21611)}


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def signed_well(jwt):
    head, claims, sign = jwt.split(".")
    with tempfile.NamedTemporaryFile() as f:
        f.write(unb64(sign))
        f.flush()
        ok = subprocess.run(["openssl", "dgst", "-sha256", "-verify",
                             args.public, "-signature", f.name],
                            input=f"{head}.{claims}".encode(),
                            capture_output=True, check=False).returncode == 0
    c = json.loads(unb64(claims))
    return ok and json.loads(unb64(head))["alg"] == "RS256" and (
        c["aud"] == "https://oauth2.googleapis.com/token"
        and c["exp"] - c["iat"] == 3600 and abs(c["iat"] - time.time()) < 60
        and "https://www.googleapis.com/auth/firebase.messaging" in
        c["scope"].split())


def gather():
    """Waits until no other request arrives, so that all respond together."""
    crowd["until"] = time.monotonic() + 0.2
    while time.monotonic() < crowd["until"]:
        time.sleep(max(crowd["until"] - time.monotonic(), 0))


def be_slow():
    """Takes 0.1 s. Returns the highest number of slow requests at a time."""
    with lock:
        slow["now"] += 1
        slow["max"] = max(slow["now"], slow["max"])
    time.sleep(0.1)
    with lock:
        slow["now"] -= 1
    return slow["max"]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16
    disable_nagle_algorithm = True

    def log_message(self, *a):
        pass

    def answer(self, status, body, **headers):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        for k, v in headers.items():
            self.send_header(k.replace("_", "-"), v)
        self.end_headers()
        self.wfile.write(text)

    def note(self, **what):
        with lock, open(args.log, "a", encoding="utf-8") as f:
            f.write(json.dumps(what) + "\n")

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/token":
            return self.token(raw)
        if args.chaos:
            self.note(what="arrived", raw=raw.decode(), at=time.time())
            if self.chaos("message", args.chaos):
                return None
        if self.path == "/v1/projects/demo/messages:send":
            return self.fcm(raw)
        if self.path == "/2010-04-01/Accounts/AC1/Messages.json":
            return self.twilio(raw)
        return self.sms(raw) if self.path == "/sms" else self.answer(404, {})

    def token(self, raw):
        form = dict(urllib.parse.parse_qsl(raw.decode()))
        good = form.get("grant_type") == \
            "urn:ietf:params:oauth:grant-type:jwt-bearer" and \
            signed_well(form["assertion"])
        self.note(what="token", good=good)
        if not good:
            return self.answer(400, {"error": "invalid_grant"})
        if self.chaos("token", args.token_chaos):
            return None
        change = {"hang": 0, "expires_in": args.token_life}
        with contextlib.suppress(FileNotFoundError), \
                open(args.log + ".token", encoding="utf-8") as f:
            change.update(json.load(f))
        if change["hang"] > 0:
            # Also ends when the client closes the connection.
            select.select([self.connection], [], [], change["hang"])
            self.note(what="token_end")
            return self.answer(503, {"error": "unavailable"})
        with lock:
            tokens.add(f"ya29.{len(tokens)}")
            new = f"ya29.{len(tokens) - 1}"
        return self.answer(200, {"access_token": new,
                                 "expires_in": change["expires_in"],
                                 "token_type": "Bearer"})

    def fcm(self, raw):
        m = json.loads(raw)["message"]
        bearer = self.headers["Authorization"][7:]
        to = m.get("token", m.get("fid"))
        if to.startswith("late") and not refused:
            refused.add(bearer)
        if bearer not in tokens - refused:
            return self.answer(401, {"error": {"code": 401, "status":
                                               "UNAUTHENTICATED"}})
        bad = fcm_rules.violation(m)
        self.note(what="fcm", to=to, message=m, bad=bad is not None,
                  raw=raw.decode(), at=time.time())
        if bad:
            return self.fcm_rejects(*bad)
        if self.no_quota(to, m):
            return self.fcm_result("busy")
        if to.startswith("hang"):
            time.sleep(30)
        if to.startswith("slow"):
            self.note(what="slow", parallel=be_slow())
        if to.startswith("crowd"):
            gather()
        word = to.split("-")[0]
        if word in PLAIN:
            status, word, text = PLAIN[word]
            return self.answer(status, {"error": {
                "code": status, "message": text, "status": word, "details": [
                    {"@type": BAD_REQUEST, "fieldViolations": []}]}})
        if word == "rate" and to not in limited:
            limited.add(to)
            return self.device_limit()
        if word in FATES:
            return self.fcm_result(word)
        self.note(what="accepted", to=to, message=m, at=time.time())
        return self.answer(200, {"name": "projects/demo/messages/1"})

    def fcm_rejects(self, fcm_error, text):
        detail = {"@type": FCM_ERROR, "errorCode": "INVALID_ARGUMENT"} \
            if fcm_error else {"@type": BAD_REQUEST, "fieldViolations": [
                {"field": "message", "description": text}]}
        return self.answer(400, {"error": {
            "code": 400, "message": text, "status": "INVALID_ARGUMENT",
            "details": [detail]}})

    def fcm_result(self, word):
        status, name, code, text = FATES[word]
        headers = {"Retry_After": WAITS[word]} if word in WAITS else {}
        return self.answer(status, {"error": {
            "code": status, "message": text, "status": name, "details": [
                {"@type": FCM_ERROR, "errorCode": code}]}}, **headers)

    def device_limit(self):
        """Rejects a message because its device gets too many."""
        return self.answer(429, {"error": {
            "code": 429, "message": "Device message rate exceeded",
            "status": "RESOURCE_EXHAUSTED", "details": [
                {"@type": FCM_ERROR, "errorCode": "QUOTA_EXCEEDED"},
                {"@type": "type.googleapis.com/google.rpc.QuotaFailure",
                 "violations": [{"subject": "device:1", "description":
                                 "Device message rate exceeded"}]}]}})

    @staticmethod
    def no_quota(to, message):
        if os.path.exists(args.log + ".quota"):
            return True
        if "collapse_key" not in message.get("android", {}):
            return False
        with lock:
            collapsed[to] = collapsed.get(to, 0) + 1
            return collapsed[to] > COLLAPSE_BURST

    def chaos(self, what, rate):
        """Fails in a random way. Returns whether it did."""
        with lock:
            first = what == "token" and what not in failed
            if rate == 0 or (dice.random() >= rate and not first):
                return False
            failed.add(what)
            if not decks[what]:
                decks[what] = dice.sample(FAULTS, len(FAULTS))
            fault = decks[what].pop()
        self.note(what="fault", of=what, fault=fault, at=time.time())
        self.close_connection = True
        if fault == "hang":
            time.sleep(HANG)
        elif fault == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            self.connection.close()
        elif fault in ("tls-close", "tls-end"):
            self.end_within_response(fault == "tls-close")
        elif fault != "close":
            self.answer(fault, {"error": {
                "code": fault, "status": "UNAVAILABLE", "details": []}},
                        Retry_After="1")
        return True

    def end_within_response(self, notify):
        """Ends TLS after a part of a successful response."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"access_token": "part", "name": "part"}')
        self.wfile.flush()
        self.connection.settimeout(1)
        with contextlib.suppress(OSError):
            if notify:
                self.connection.unwrap()
            self.connection.shutdown(socket.SHUT_RDWR)

    def twilio(self, raw):
        form = dict(urllib.parse.parse_qsl(raw.decode()))
        good = self.headers["Authorization"] == "Basic " + base64.b64encode(
            b"AC1:12345").decode()
        self.note(what="twilio", good=good, raw=raw.decode(), **form)
        if not good:
            return self.no(401, 20003, "Authenticate")
        for name, k in (("To", 0), ("From", 1)):
            code = MAGIC.get(form.get(name), (None, None))[k]
            if code is None and name not in form and k == 0:
                code = 21604
            if code is not None:
                return self.no(400, code, f"'{name}' is not right")
        return self.answer(201, {
            "sid": "SM" + 32 * "0", "account_sid": "AC1", "status": "queued",
            "to": form["To"], "from": form.get("From"), "body": form["Body"],
            "error_code": None, "error_message": None, "num_segments": "1"})

    def no(self, status, code, text):
        self.answer(status, {"code": code, "message": text, "status": status,
                             "more_info":
                             f"https://www.twilio.com/docs/errors/{code}"})

    def sms(self, raw):
        key = base64.b64decode(args.secret[6:])
        h = self.headers
        text = f"{h['webhook-id']}.{h['webhook-timestamp']}.".encode() + raw
        mac = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest())
        good = h["webhook-signature"] == "v1," + mac.decode() and \
            abs(int(h["webhook-timestamp"]) - time.time()) < 300
        self.note(what="sms", id=h["webhook-id"], good=good,
                  raw=raw.decode(), headers={k.lower(): v for k, v in
                                             h.items()}, **json.loads(raw))
        return self.answer(200 if good else 400, {})


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


server = Server(("127.0.0.1", 0), Handler)
if args.tls:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*args.tls)
    server.socket = tls.wrap_socket(server.socket, server_side=True,
                                    do_handshake_on_connect=False)
with open(args.port_file + ".new", "w", encoding="utf-8") as f:
    f.write(str(server.server_address[1]))
subprocess.run(["mv", args.port_file + ".new", args.port_file], check=True)
server.serve_forever()
