#!/usr/bin/python3
"""Sends extreme numbers and times in all fields and paths.

integers.py URL CONTEXT.json FILES...

FILES are outputs of `earmark-POOL --fields` and `--routes`. CONTEXT has a
token and the ids for paths. Each field that is a number, a list of numbers, a
time or an id gets the extremes of its type and of its bounds. All other
required fields have valid values, so that the handler is reached. No response
may be a 5xx except 501. Reports of sanitizers are in the logs. Prints TAP.
"""
import collections
import http.client
import json
import re
import sys
import urllib.parse

URL, CONTEXT = sys.argv[1:3]
HOST = urllib.parse.urlsplit(URL)
UUID = "5b7a8702-b2c5-4de4-93c9-99322bd40000"
TOP = 2 ** 63 - 1
NUMBERS = sorted({sign * n + d for n in (0, 2 ** 31, 2 ** 32, 2 ** 53, 2 ** 59,
                                         2 ** 60, 2 ** 62, 2 ** 63 - 1,
                                         10 ** 12, 10 ** 18)
                  for sign in (1, -1) for d in (-1, 0, 1)} |
                 {2 ** 63, -2 ** 63, -2 ** 63 + 1, 10 ** 30})
TIMES = ["0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z",
         "1969-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z",
         "9999-12-31T23:59:59-23:59"]
Field = collections.namedtuple("Field",
                               "where name type required low high scale words")


def read_rows(files):
    rows = {}
    for file in files:
        with open(file, encoding="utf-8") as lines:
            for line in lines:
                method, path, *rest = line.split()
                if len(rest) == 1:              # a route and its role
                    rows.setdefault((method, path), [])
                    continue
                where, name, kind, need, low, high, scale, words = rest
                rows.setdefault((method, path), []).append(Field(
                    where, name, kind, need == "required", int(low),
                    int(high), int(scale),
                    () if words == "-" else tuple(words.split("|"))))
    return rows


def plain(field, context):
    """Returns a valid value."""
    if field.name in context["fields"]:
        return context["fields"][field.name]
    return {"str": "x" * max(field.low, 3), "int": max(field.low, 1),
            "fixed": 1, "bool": True, "uuid": UUID, "id": 1,
            "time": "2030-01-01T00:00:00Z", "strv": ["hi"], "intv": [1],
            "objv": [], "json": {},
            "enum": field.words[0] if field.words else ""}[field.type]


def extremes(field):
    bounds = {n + d for n in (field.low, field.high) for d in (-1, 0, 1)}
    numbers = sorted(set(NUMBERS) | bounds)
    if field.type == "int":
        return numbers
    if field.type == "id":
        return numbers + [str(n) for n in numbers]
    if field.type == "fixed":
        return numbers + [float(f"{n}e-{field.scale}") for n in bounds]
    if field.type == "intv":
        return [[n] for n in numbers] + [numbers[:100]]
    return TIMES if field.type == "time" else []


class Caller:
    def __init__(self, token):
        self.token = token
        self.c = http.client.HTTPConnection(HOST.hostname, HOST.port,
                                            timeout=60)

    def ask(self, method, path, body):
        headers = {"Authorization": "Bearer " + self.token}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        self.c.request(method, path, body=body, headers=headers)
        r = self.c.getresponse()
        r.read()
        return r.status


def text_of(value):
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def send(caller, method, path, values):
    query = urllib.parse.urlencode({f.name: text_of(v)
                                    for f, v in values.items()
                                    if f.where == "query"})
    body = {f.name: v for f, v in values.items() if f.where == "body"}
    has_body = method in ("POST", "PUT", "PATCH") or body
    return caller.ask(method, path + "?" * bool(query) + query,
                      body if has_body else None)


def main():
    with open(CONTEXT, encoding="utf-8") as f:
        context = json.load(f)
    rows = read_rows(sys.argv[3:])
    caller = Caller(context["token"])
    n = bad = asked = 0
    for (method, path), fields in sorted(rows.items()):
        variable = re.findall(r"\{(\w+)\}", path)
        fine = re.sub(r"\{(\w+)\}", lambda m: str(
            context["paths"].get(m[1], 1)), path)
        wrong, statuses = [], set()

        def check(what, url, values):
            nonlocal asked
            asked += 1
            status = send(caller, method, url, values)
            statuses.add(status)
            if status >= 500 and status != 501:
                wrong.append(f"{what}: {status}")

        base = {f: plain(f, context) for f in fields if f.required}
        for field in fields:
            for value in extremes(field):
                check(f"{field.name} = {text_of(value)[:60]}", fine,
                      {**base, field: value})
        for name in variable:
            for value in NUMBERS:
                check(f"{{{name}}} = {value}", re.sub(
                    r"\{(\w+)\}", lambda m: str(
                        value if m[1] == name else
                        context["paths"].get(m[1], 1)), path), base)
        if not statuses:
            continue
        n += 1
        bad += bool(wrong)
        print(f"{'not ' * bool(wrong)}ok {n} - {method} {path} -> "
              f"{' '.join(map(str, sorted(statuses)))}", flush=True)
        for w in wrong:
            print("#  ", w)
    print(f"# {asked} requests")
    print(f"1..{n}")
    return 1 if bad or asked < 1000 else 0


sys.exit(main())
