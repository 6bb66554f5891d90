"""The base of the doubles of payment providers.

A double is a small HTTP server on a loopback address. It responds like the
provider, validates each request as the provider would, and keeps all objects
in memory. Requests below /_/ control it with JSON:

 POST /_/fault {"what", "times", "method", "path", ...}
        the next matching requests fail: "hang" (seconds), "status" (status,
        retry_after), "garbage", "html", "empty", "huge", "redirect", "drop"
        (nothing is done), "lose" (all is done, without a response), "cut"
        (half of the response)
 DELETE /_/fault        removes all faults
 GET  /_/log            returns the requests with their responses
 DELETE /_/log
 GET  /_/state          returns all objects
 GET  /_/events         returns the webhooks as they would be sent
 POST /_/slow {"seconds"}
        delays each request with a new key until seconds is set to 0
 POST /_/send {"event", "url", "times", "parallel", "bad_signature", "late"}
        sends an event (default: the last) and returns the responses
 POST /_/<verb>         of each double: pay, fail, dispute, ...
"""

import argparse
import base64
import hashlib
import hmac
import http.client
import http.server
import json
import os
import re
import secrets
import ssl
import sys
import threading
import time
import urllib.parse

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
BODY_MAX = 1 << 20


def new_id(prefix, n=14):
    return prefix + "_" + "".join(secrets.choice(ALPHABET) for _ in range(n))


def now():
    return int(time.time())


def hmac_hex(key, message):
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


class Answer(Exception):
    """A response. It is raised if the request is rejected."""

    def __init__(self, status, body, headers=None):
        super().__init__(status)
        self.status, self.body = status, body
        self.headers = headers or {}


class Request:
    """One received request."""

    def __init__(self, handler, body):
        self.method = handler.command
        self.target = handler.path
        self.path, _, self.query = handler.path.partition("?")
        self.headers = handler.headers
        self.body = body
        self.parts = self.path.strip("/").split("/")

    def header(self, name):
        """Returns the value of a header, None, or a list if it is repeated."""
        all_of = self.headers.get_all(name)
        return None if all_of is None else \
            all_of[0] if len(all_of) == 1 else all_of


class Double:
    """The server. Each provider is a subclass with answer(request)."""

    name = ""

    def __init__(self, options):
        self.options = options
        self.lock = threading.RLock()
        self.log, self.faults, self.events = [], [], []
        self.stop = threading.Event()
        self.seconds = 0

    # Faults.

    def fault_for(self, request):
        with self.lock:
            for fault in self.faults:
                if not request.path.startswith(fault.get("path", "/")):
                    continue
                if fault.get("method", request.method) != request.method:
                    continue
                fault["times"] = fault.get("times", 1) - 1
                if fault["times"] == 0:
                    self.faults.remove(fault)
                return fault
        return None

    # Control requests.

    def control(self, request):
        verb = request.path[len("/_/"):]
        given = json.loads(request.body or b"{}")
        with self.lock:
            if verb == "fault":
                if request.method == "DELETE":
                    self.faults.clear()
                else:
                    self.faults.append(given)
                return {"faults": self.faults}
            if verb == "log":
                if request.method == "DELETE":
                    self.log.clear()
                return {"log": self.log}
            if verb == "state":
                return self.state()
            if verb == "events":
                return {"events": [self.signed(e) for e in self.events]}
        if verb == "send":
            return self.send(given)
        with self.lock:
            told = getattr(self, "do_" + verb, None)
            if told is None:
                raise Answer(404, {"error": f"there is no {verb}"})
            return told(given)

    def do_slow(self, given):
        self.seconds = given["seconds"]
        return {"seconds": self.seconds}

    def take_time(self):
        end = time.monotonic() + self.seconds
        while self.seconds and time.monotonic() < end:
            self.stop.wait(0.02)

    # Webhooks.

    def signed(self, event, late=0, bad=False):
        """Returns an event as it is sent: its body and headers."""
        body = json.dumps(event["body"], separators=(",", ":"),
                          ensure_ascii=False)
        headers = {"Content-Type": "application/json",
                   "User-Agent": self.name + " double"}
        headers.update(self.sign(event, body.encode(), now() - late))
        if bad:
            for name in headers:
                if "signature" in name.lower():
                    last = headers[name][-1]
                    headers[name] = headers[name][:-1] + \
                        ("0" if last != "0" else "1")
        return {"id": event["id"], "type": event["type"], "body": body,
                "headers": headers}

    def send(self, given):
        with self.lock:
            fit = [e for e in self.events
                   if given.get("event") in (None, e["id"], e["type"])]
            if not fit:
                raise Answer(404, {"error": "there is no such event"})
            sent = self.signed(fit[-1], given.get("late", 0),
                               given.get("bad_signature", False))
        url = given.get("url") or self.options.hook_url
        if not url:
            raise Answer(400, {"error": "where to? say url or --hook-url"})
        times, answers = given.get("times", 1), []

        def deliver():
            answers.append(post(url, sent["body"].encode(), sent["headers"]))

        if given.get("parallel"):
            threads = [threading.Thread(target=deliver) for _ in range(times)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
        else:
            for _ in range(times):
                deliver()
        return {"id": sent["id"], "answers": answers}

    # Requests to the interface of the provider.

    def serve(self, request):
        entry = {"method": request.method, "target": request.target,
                 "headers": {k.lower(): v for k, v in
                             request.headers.items()},
                 "body": request.body.decode("utf-8", "replace")}
        with self.lock:
            self.log.append(entry)
        try:
            answer = self.answer(request)
        except Answer as refusal:
            answer = refusal
        entry["status"] = answer.status
        return answer


def post(url, body, headers):
    """Sends a webhook. Returns the status or the error."""
    to = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if to.scheme == "https" else \
        http.client.HTTPConnection
    try:
        link = kind(to.hostname, to.port, timeout=20)
        link.request("POST", to.path or "/", body, headers)
        status = link.getresponse().status
        link.close()
        return status
    except (OSError, http.client.HTTPException) as e:
        return str(e) or type(e).__name__


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    double = None

    def log_message(self, *args):
        pass

    def read_body(self):
        length = self.headers.get("Content-Length")
        if self.headers.get("Transfer-Encoding"):
            raise Answer(411, {"error": "say how long the body is"})
        if length is None:
            return b""
        if not re.fullmatch(r"\d{1,7}", length) or int(length) > BODY_MAX:
            raise Answer(413, {"error": "too long"})
        return self.rfile.read(int(length))

    def handle_any(self):
        try:
            request = Request(self, self.read_body())
            if request.path.startswith("/_/"):
                self.reply(Answer(200, self.double.control(request)))
                return
        except Answer as refusal:
            self.reply(refusal)
            return
        fault = self.double.fault_for(request)
        if fault is None:
            self.reply(self.double.serve(request))
        else:
            self.go_wrong(fault, request)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def go_wrong(self, fault, request):
        what = fault["what"]
        if what == "hang":
            self.double.stop.wait(fault.get("seconds", 60))
            self.close_connection = True
        elif what == "drop":
            self.close_connection = True
        elif what == "lose":
            self.double.serve(request)
            self.close_connection = True
        elif what == "status":
            headers = {"Retry-After": str(fault["retry_after"])} \
                if "retry_after" in fault else {}
            self.reply(Answer(fault["status"], self.double.trouble(
                fault["status"]), headers))
        elif what == "redirect":
            self.reply(Answer(302, {}, {"Location": fault["to"]}))
        elif what == "cut":
            answer = self.double.serve(request)
            self.reply(answer, cut=True)
        else:
            self.raw({"garbage": b"{\"id\":\"x\",\xff\x00", "empty": b"",
                      "html": b"<html>Bad gateway</html>",
                      "huge": b'{"id":"' + b"x" * (1 << 20) + b'"}'}[what],
                     fault.get("status", 200), {})

    def reply(self, answer, cut=False):
        body = json.dumps(answer.body, indent=2).encode()
        self.raw(body, answer.status, answer.headers, cut)

    def raw(self, body, status, headers, cut=False):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[:len(body) // 2] if cut else body)
        if cut:
            self.close_connection = True


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def basic(value):
    """Returns user and password of an Authorization header, or None."""
    if not isinstance(value, str) or not value.startswith("Basic "):
        return None
    try:
        user, colon, password = base64.b64decode(
            value[len("Basic "):], validate=True).decode().partition(":")
    except ValueError:
        return None
    return (user, password) if colon else None


def main(double, arguments):
    """Runs the server until it is stopped. Prints the port when it listens."""
    parser = argparse.ArgumentParser(description=double.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--port-file", help="where the port is written")
    parser.add_argument("--hook-secret", default="whsec_double")
    parser.add_argument("--hook-url", help="where webhooks go by default")
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    for name, value in arguments.items():
        parser.add_argument("--" + name.replace("_", "-"), default=value)
    options = parser.parse_args()
    Handler.double = double(options)
    server = Server(("127.0.0.1", options.port), Handler)
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False)
    port = server.server_address[1]
    if options.port_file:
        with open(options.port_file + ".new", "w", encoding="ascii") as f:
            f.write(f"{port}\n")
        os.rename(options.port_file + ".new", options.port_file)
    print(port, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
