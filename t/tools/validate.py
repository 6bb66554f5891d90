#!/usr/bin/python3
"""Compares recorded responses with the description of the API.

usage: validate.py [--coverage] openapi.json ANSWERS...

t/lib.sh writes ANSWERS: a line "METHOD PATH STATUS LENGTH TYPE", the headers,
an empty line, LENGTH bytes of body and a newline. Path, method, status,
content type, body, error code and headers of each response must be documented
in openapi.json. Prints each error as a line. The exit status is then 1. With
--coverage, each operation must have been successful at least once.
"""

import argparse
import collections
import gzip
import json
import re
import sys
import warnings

warnings.simplefilter("ignore", DeprecationWarning)
import jsonschema  # noqa: E402

# Files that nginx serves in addition to the API.
FILES = re.compile(r"^/(media|static|docs|app|console|lib)(/|$)")
# Errors that nginx itself returns for any request.
BY_NGINX = {
    400: {"bad_request"}, 404: {"not_found"}, 405: {"method_not_allowed"},
    408: {"timeout"}, 413: {"payload_too_large"}, 414: {"uri_too_long"},
    412: {"precondition_failed"}, 416: {"range_not_satisfiable"},
    429: {"rate_limited"}, 500: {"internal"}, 501: {"not_implemented"},
    502: {"unavailable"}, 503: {"unavailable"}, 504: {"unavailable"},
}
METHODS = ("get", "post", "put", "patch", "delete")

Answer = collections.namedtuple(
    "Answer", "method path status type headers body")


def read_head(f, name):
    """Returns the fields of a head, and its status as "status"."""
    headers = {"status": f.readline().decode("latin-1").split(" ")[1]}
    for raw in iter(f.readline, b"\r\n"):
        if not raw:
            raise ValueError(f"{name}: ends within headers")
        key, colon, value = raw.decode("latin-1").partition(":")
        if colon:
            headers[key.lower()] = value.strip()
    return headers


def read_answers(name):
    with open(name, "rb") as f:
        while True:
            line = f.readline()
            if not line:
                return
            method, path, status, length, mime = \
                (line.decode().rstrip("\n") + " ").split(" ", 4)
            headers = read_head(f, name)
            while headers["status"].startswith("1"):  # 100 Continue
                headers = read_head(f, name)
            body = f.read(int(length))
            if f.read(1) != b"\n":
                raise ValueError(f"{name}: {method} {path}: bad length")
            if headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            yield Answer(method, path, int(status), mime.split(";")[0].strip(),
                         headers, body)


class Spec:
    def __init__(self, file):
        with open(file, encoding="utf-8") as f:
            self.doc = json.load(f)
        self.paths = []
        for path, item in self.doc["paths"].items():
            for spelling in filter(None, (path, item.get("x-alias"))):
                # Paths with more literal segments come first.
                order = [part[:1] == "{" for part in spelling.split("/")]
                rule = "/".join("[^/]+" if part[:1] == "{" else
                                re.escape(part) for part in spelling.split("/"))
                self.paths.append((order, re.compile(rule + "/?$"), path))
        self.paths.sort(key=lambda row: row[0])
        self.resolver = jsonschema.RefResolver("", self.doc)
        self.validators = {}

    def find(self, path):
        for _, rule, template in self.paths:
            if rule.match(path):
                return template, self.doc["paths"][template]
        return None, None

    def deref(self, node):
        while "$ref" in node:
            node = self.resolver.resolve(node["$ref"])[1]
        return node

    def wrong(self, schema, value):
        """Returns the error of a value, or None."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            self.validators[key] = jsonschema.Draft202012Validator(
                schema, resolver=self.resolver)
        error = jsonschema.exceptions.best_match(
            self.validators[key].iter_errors(value))
        if error is None:
            return None
        at = "/".join(str(part) for part in error.absolute_path)
        return f"at /{at}: {error.message[:300]}"


def check_json(spec, schema, body):
    try:
        value = json.loads(body)
    except ValueError as e:
        return None, f"not JSON: {e}"
    return value, spec.wrong(schema, value)


def check_error(spec, a, codes):
    """Checks an error envelope. codes: the documented ones."""
    problem = a.type == "application/problem+json"
    if not problem and a.type != "application/json":
        return f"content type {a.type!r}"
    name = "Problem" if problem else "ApiError"
    value, wrong = check_json(
        spec, {"$ref": f"#/components/schemas/{name}"}, a.body)
    if wrong:
        return wrong
    # A replayed response has the request id of the original.
    if value["request_id"] != a.headers.get("x-request-id") and \
            "idempotent-replayed" not in a.headers:
        return "request_id is not the header's"
    code = value["code" if problem else "error"]
    if code not in codes:
        return f"code {code!r} is not documented here"
    return None


def check_headers(spec, response, a):
    for name, header in response.get("headers", {}).items():
        header, value = spec.deref(header), a.headers.get(name.lower())
        if value is None:
            if header.get("required"):
                return f"no header {name}"
            continue
        kind = header["schema"].get("type")
        wrong = spec.wrong(header["schema"], int(value) if kind == "integer"
                           and value.isdigit() else value)
        if wrong:
            return f"header {name}: {wrong}"
    return None


def check_unknown(spec, a, item):
    """Checks the response for an unknown path or method."""
    if a.method == "OPTIONS" and a.status == 204:   # any path
        return None if "access-control-allow-origin" in a.headers or \
            a.body == b"" else "a preflight's answer with a body"
    if item is None:
        codes = BY_NGINX.get(a.status, set())
        if a.status in (200, 204):
            return "an answer of a path that is not documented"
        return check_error(spec, a, codes)
    if a.status == 405:
        want = {m.upper() for m in METHODS if m in item}
        # A path of WebSocket has no HEAD.
        if "GET" in want and "101" not in item["get"]["responses"]:
            want.add("HEAD")
        have = {m.strip() for m in a.headers.get("allow", "").split(",")}
        if want != have and not a.method == "TRACE":
            return f"Allow is {sorted(have)}, not {sorted(want)}"
    return check_error(spec, a, BY_NGINX.get(a.status, set()))


def check(spec, a, seen):
    path = a.path.partition("?")[0]
    template, item = spec.find(path)
    if item is None and FILES.match(path) and a.status in (200, 206, 304, 308):
        return None
    if item is None or a.method.lower() not in item:
        return check_unknown(spec, a, item)
    response = item[a.method.lower()]["responses"].get(str(a.status))
    if response is None:
        if a.status in BY_NGINX and a.status >= 400:
            return check_error(spec, a, BY_NGINX[a.status])
        return f"status {a.status} is not documented"
    response = spec.deref(response)
    seen[template, a.method, a.status] += 1
    wrong = check_headers(spec, response, a)
    if wrong:
        return wrong
    # An HTML error page of Earmark.
    if a.status >= 400 and a.type == "text/html" and \
            a.type in response.get("content", {}):
        return None
    if a.status >= 400:
        return check_error(spec, a, set(response["x-codes"]) |
                           BY_NGINX.get(a.status, set()))
    if "content" not in response:
        return "a body" if a.body else None
    if a.type not in response["content"]:
        return f"content type {a.type!r} is not documented"
    if a.type != "application/json":
        return None
    return check_json(spec, response["content"][a.type]["schema"], a.body)[1]


def check_examples(spec):
    """Checks the examples of the description with their schemas.

    Each JSON body and each successful JSON response has one.
    """
    for path, item in spec.doc["paths"].items():
        for method in METHODS:
            op = item.get(method, {})
            parts = dict(op.get("responses", {}))
            if "requestBody" in op:
                parts["body"] = op["requestBody"]
            for name, part in parts.items():
                for mime, content in spec.deref(part).get("content",
                                                          {}).items():
                    values = [e["value"] for e in
                              content.get("examples", {}).values()]
                    if "example" in content:
                        values.append(content["example"])
                    if not values and mime == "application/json" and \
                            (name == "body" or name[0] == "2"):
                        yield f"{method} {path} {name}: no example"
                    for value in values:
                        wrong = spec.wrong(content["schema"], value)
                        if wrong:
                            yield f"{method} {path} {name}: example: {wrong}"


def unseen(spec, seen):
    for path, item in spec.doc["paths"].items():
        # t/tools/ws.py tests connections that stay open.
        if path.endswith("/realtime"):
            continue
        for method in METHODS:
            if method in item and not any(
                    (path, method.upper(), status) in seen
                    for status in range(200, 304)):
                yield f"{method.upper()} {path}: never seen to succeed"


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--coverage", action="store_true")
    parser.add_argument("spec")
    parser.add_argument("answers", nargs="*")
    args = parser.parse_args()
    spec = Spec(args.spec)
    seen = collections.Counter()
    n = 0
    bad = list(check_examples(spec))
    for name in args.answers:
        for a in read_answers(name):
            n += 1
            wrong = check(spec, a, seen)
            if wrong:
                bad.append(f"{name.rpartition('/')[2]}: {a.method} {a.path} "
                           f"{a.status}: {wrong}")
    if args.coverage:
        bad += unseen(spec, seen)
    for line in bad[:200]:
        print(line)
    print(f"{n} answers, {len(seen)} kinds of answers, "
          f"{len(bad)} wrong")
    return 1 if bad else 0


sys.exit(main())
