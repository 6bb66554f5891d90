#!/usr/bin/python3
"""Sends the examples of a documented interface, and compares the responses.

usage: examples.py URL STATE NAME

URL and STATE are those of a demo. NAME is a list of examples.json. Members of
an example:

  do       who sends it, the method and the path
  body     JSON
  webhook  arguments of t/tools/webhook.py instead of a body
  after    sends it after this time (RFC 3339)
  status   the documented status
  print    the documented body
  keep     {name: path of a value in the response}, for {name} in later examples

A response may have more members than the body, and a list of objects more items
at its end. "..." in a text stands for any characters. <uuid>, <time>, <integer>
and <text> stand for any value of this form. "<code N of X>" is one-time code N
that was sent to X.

Senders are the accounts of the demo, anonymous, forger (with an invalid token),
service (a service token), newcomer (a kept token), and the providers.
"""
import datetime
import hashlib
import hmac
import http.client
import json
import os
import re
import subprocess
import sys
import time
import urllib.parse

URL, STATE, NAME = sys.argv[1:4]
HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
FORMS = {"<uuid>": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
         "<time>": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"}


def differences(want, got, at="body"):
    """Yields where a response differs from what is printed."""
    if isinstance(want, dict):
        if not isinstance(got, dict):
            yield f"{at} is {json.dumps(got)}, not an object"
            return
        for name, value in want.items():
            if name not in got:
                yield f"{at}.{name} is absent"
            else:
                yield from differences(value, got[name], f"{at}.{name}")
    elif isinstance(want, list) and want and isinstance(want[0], dict):
        if not isinstance(got, list) or len(got) < len(want):
            yield f"{at} is {json.dumps(got)}, not a list of {len(want)}"
            return
        for n, (one, other) in enumerate(zip(want, got)):
            yield from differences(one, other, f"{at}[{n}]")
    elif not equal(want, got):
        yield f"{at} is {json.dumps(got)}, not {json.dumps(want)}"


def equal(want, got):
    if want == "<integer>":
        return isinstance(got, int) and not isinstance(got, bool)
    if want == "<text>":
        return isinstance(got, str) and got != ""
    if isinstance(want, str) and isinstance(got, str):
        form = FORMS.get(want) or ".*".join(
            re.escape(part) for part in want.split("..."))
        return re.fullmatch(form, got, re.S) is not None
    return type(want) is type(got) and want == got


class Client:
    def __init__(self):
        parts = urllib.parse.urlsplit(URL)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port,
                                                     timeout=60)
        self.kept = {}
        self.tokens = {"anonymous": None, "provider": None, "agora": None,
                       "forger": "not-a-token"}
        with open(f"{SOURCE}/sql/demo/logins", encoding="utf-8") as f:
            self.passwords = dict(line.split()[:2] for line in f)

    def send(self, method, path, token, data=None, headers=()):
        headers = dict(headers)
        if data is not None:
            headers.setdefault("Content-Type", "application/json")
        if token:
            headers["Authorization"] = "Bearer " + token
        self.connection.request(method, path, data, headers)
        response = self.connection.getresponse()
        text = response.read()
        return response.status, json.loads(text) if text else None

    def token(self, who):
        if who in self.kept:
            return self.kept[who]
        if who in self.tokens:
            return self.tokens[who]
        if who == "service":
            self.tokens[who] = subprocess.run(
                [os.environ["EM_BUILD"] + "/earmark", "-c",
                 STATE + "/earmark.conf", "token", "add", "shop"], check=True,
                capture_output=True, text=True).stdout.strip()
        else:
            status, body = self.send("POST", "/auth/login", None, json.dumps(
                {"identifier": who, "password": self.passwords[who]}))
            if status != 200:
                sys.exit(f"{who} cannot sign in: {body}")
            self.tokens[who] = body["access_token"]
        return self.tokens[who]

    def fill(self, value):
        """Replaces {name} by the kept value, and codes by those sent."""
        if isinstance(value, dict):
            return {k: self.fill(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self.fill(v) for v in value]
        if not isinstance(value, str):
            return value
        if value[1:-1] in self.kept and value == "{%s}" % value[1:-1]:
            return self.kept[value[1:-1]]
        code = re.fullmatch(r"<code (\d+) of (.*)>", value)
        if code:
            return sent_code(int(code[1]), code[2])
        return re.sub(r"\{(\w+)\}", lambda m: str(self.kept[m[1]]), value)

    def run(self, example):
        """Sends an example. Yields each difference."""
        who, method, path = self.fill(example["do"]).split(" ", 2)
        data, headers = None, {}
        if "webhook" in example:
            data, headers = webhook(self.fill(example["webhook"]))
        elif "body" in example:
            data = json.dumps(self.fill(example["body"]))
        if who == "agora":
            headers["Agora-Signature-V2"] = hmac.new(
                b"callback-secret", data.encode(), hashlib.sha256).hexdigest()
        if "after" in example:
            wait_until(self.fill(example["after"]))
        status, body = self.send(method, path, self.token(who), data, headers)
        if status != example["status"]:
            yield f"status {status}, not {example['status']}: {body}"
            return
        if "print" in example:
            yield from differences(self.fill(example["print"]), body)
        for name, at in example.get("keep", {}).items():
            value = body
            for part in at.split("."):
                value = value[int(part) if part.isdigit() else part]
            self.kept[name] = value


def sent_code(n, to):
    """Waits for message n with a one-time code."""
    for _ in range(1200):
        with open(STATE + "/outbox.jsonl", encoding="utf-8") as f:
            codes = [m["code"] for m in map(json.loads, f)
                     if m["to"] == to and m.get("code")]
        if len(codes) >= n:
            return codes[n - 1]
        time.sleep(0.05)
    sys.exit(f"code {n} was not sent to {to}")


def webhook(arguments):
    """Returns the body and the headers of a webhook of the sandbox."""
    files = [STATE + "/hook.body", STATE + "/hook.headers"]
    subprocess.run(["/usr/bin/python3", SOURCE + "/t/tools/webhook.py",
                    "sandbox", arguments[0], f"secret={STATE}/key", "event=e1",
                    *arguments[1:], *files], check=True)
    with open(files[0], encoding="utf-8") as f:
        data = f.read()
    with open(files[1], encoding="utf-8") as f:
        return data, dict(line.rstrip("\n").split(": ", 1) for line in f)


def wait_until(at):
    """Waits until the whole second `at` is over."""
    moment = datetime.datetime.fromisoformat(at.replace("Z", "+00:00"))
    while True:
        left = moment.timestamp() + 1 - time.time()
        if left <= 0:
            return
        time.sleep(min(left, 1))


def main():
    with open(HERE + "/examples.json", encoding="utf-8") as f:
        examples = json.load(f)[NAME]
    client, wrong = Client(), 0
    for example in examples:
        try:
            found = list(client.run(example))
        except KeyError as name:
            found = [f"{name} was not kept, because an earlier example failed"]
        for difference in found:
            print(f"{example['do']}: {difference}")
            wrong += 1
    return wrong > 0


sys.exit(main())
