#!/usr/bin/python3
"""Sends invalid bodies to all routes with a body.

invalid_bodies.py URL STATE OPENAPI.json TOKENS.json

For each operation with a JSON body: texts that are not a JSON object, and
values of wrong types and out of bounds for each property. All must return 400
(422 if the description says so), 413 or 415 in the error envelope, and leave
the database unchanged. The jobs must be stopped. TOKENS: of a customer who is
also a listener, and of an administrator. Prints TAP.
"""
import hashlib
import http.client
import json
import re
import sqlite3
import sys
import urllib.parse

URL, STATE, OPENAPI, TOKENS = sys.argv[1:]
HOST = urllib.parse.urlsplit(URL)
UUID = "5b7a8702-b2c5-4de4-93c9-99322bd40000"

BODIES = {
    "empty": b"", "space": b"  ", "open": b"{", "array": b"[]",
    "string": b'"x"', "number": b"1", "null": b"null",
    "single quotes": b"{'a':1}", "trailing": b'{}x', "comma": b'{"a":1,}',
    "comment": b'{}//', "nan": b'{"a":NaN}', "plus": b'{"a":+1}',
    "duplicate": b'{"a":1,"a":2}', "escaped duplicate": b'{"a":1,"\\u0061":2}',
    "nul": b'{"a":"\\u0000"}', "raw nul": b'{"a":"\x00"}',
    "control": b'{"a":"\x01"}', "not utf-8": b'{"a":"\xff"}',
    "overlong": b'{"a":"\xc0\xaf"}', "surrogate": b'{"a":"\\ud800"}',
    "big": b'{"a":9223372036854775808}', "bom": b'\xef\xbb\xbf{}',
    "deep": b'{"a":' + b"[" * 40 + b"]" * 40 + b"}",
}


def state():
    """Returns {table: hash of its rows}."""
    db = sqlite3.connect(f"file:{STATE}/earmark.db?mode=ro", uri=True)
    hashes = {}
    for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type ="
                              " 'table' AND name NOT LIKE '%\\_text%' ESCAPE"
                              " '\\' AND name NOT LIKE 'sqlite%' AND name NOT"
                              " LIKE 'flyer_place%' ORDER BY name").fetchall():
        h = hashes[name] = hashlib.sha256()
        for row in db.execute(f'SELECT * FROM "{name}"'):
            h.update(repr(row).encode())
    db.close()
    return {name: h.digest() for name, h in hashes.items()}


def wrong_values(schema, api):
    """Returns values that a property of this schema cannot have."""
    while "$ref" in schema:
        node = api
        for part in schema["$ref"].split("/")[1:]:
            node = node[part]
        schema = node
    kind = schema.get("type")
    kinds = set(kind) if isinstance(kind, list) else {kind}
    kinds.discard(None)
    if not kinds:
        return
    samples = {"string": "\x01", "integer": 1, "number": 1, "boolean": True,
               "array": [], "object": {}}
    for name, value in samples.items():
        if name == "integer" and kinds & {"number", "integer"}:
            continue
        if name == "number" and kinds & {"number", "integer"}:
            continue
        if name == "string":
            if kinds <= {"integer", "number", "boolean", "array", "object",
                         "null"}:
                yield "x"
            continue
        if name not in kinds:
            yield value
    if "integer" in kinds:
        yield 1.5
        yield "1"
        if "maximum" in schema:
            yield schema["maximum"] + 1
        if "minimum" in schema:
            yield schema["minimum"] - 1
    if "string" in kinds:
        if "maxLength" in schema:
            yield "x" * (schema["maxLength"] + 1)
        if "enum" in schema:
            yield "no such word"
        if schema.get("format") == "uuid":
            yield "nonsense"
    if "array" in kinds and "maxItems" in schema:
        yield [0] * (schema["maxItems"] + 1)


class Caller:
    def __init__(self):
        self.c = http.client.HTTPConnection(HOST.hostname, HOST.port,
                                            timeout=20)

    def ask(self, method, path, token, body, kind="application/json"):
        headers = {"Authorization": "Bearer " + token} if token else {}
        headers["Content-Type"] = kind
        self.c.request(method, path, body=body, headers=headers)
        r = self.c.getresponse()
        text = r.read()
        try:
            answer = json.loads(text)
        except ValueError:
            return r.status, None
        if {"error", "message", "request_id"} - set(answer):
            return r.status, None
        return r.status, answer["error"]


def resolve(api, node):
    while "$ref" in node:
        ref, node = node["$ref"], api
        for part in ref.split("/")[1:]:
            node = node[part]
    return node


def main():
    with open(OPENAPI) as f:
        api = json.load(f)
    with open(TOKENS) as f:
        tokens = json.load(f)
    caller = Caller()
    n = bad = 0
    before = state()
    for path, item in api["paths"].items():
        for method, op in item.items():
            if method not in ("post", "put", "patch", "delete"):
                continue
            content = resolve(api, op.get("requestBody", {})).get(
                "content", {})
            if "application/json" not in content:
                continue
            schema = resolve(api, content["application/json"]["schema"])
            token = tokens["admin" if "admin" in op.get("x-role") else
                           "customer"]
            url = re.sub(r"\{(\w+)\}", lambda m: UUID if "destination" in m[1]
                         or "/api/styles" in path or "/api/creat" in path
                         or "/api/docu" in path else "999999", path)
            fine = {400, 422} if "422" in op["responses"] else {400}
            wrong = []

            def check(what, want, body, kind="application/json"):
                got = caller.ask(method.upper(), url, token, body, kind)
                if got[0] not in want or got[1] is None:
                    wrong.append(f"{what}: {got}, not {sorted(want)}")

            optional = not resolve(api, op["requestBody"]).get("required")
            for what, body in BODIES.items():
                if not (optional and what == "empty"):
                    check(what, fine, body)
            check("large", {413}, b'{"a":"' + b"x" * 65536 + b'"}')
            # A body without a schema may have any bytes and type.
            if schema:
                check("text", {415}, b"{}", "text/plain")
                check("no type", {415}, b"{}", "")
            for name, prop in schema.get("properties", {}).items():
                for value in wrong_values(prop, api):
                    check(f"{name} = {str(value)[:40]!r}", fine,
                          json.dumps({name: value}).encode())
            n += 1
            bad += bool(wrong)
            print(f"{'not ' * bool(wrong)}ok {n} - {method.upper()} {path}")
            for w in wrong:
                print("#  ", w)
    n += 1
    after = state()
    changed = [name for name in before if after[name] != before[name]]
    bad += bool(changed)
    print(f"{'not ' * bool(changed)}ok {n} - no invalid body changed the"
          " database")
    for name in changed:
        print("#   changed:", name)
    print(f"1..{n}")
    sys.exit(bad > 0)


main()
