#!/usr/bin/python3
"""Compares the routes of the workers with nginx locations and openapi.json.

usage: routes.py openapi.json earmark-locations.conf POOL=ROUTES...

ROUTES is the output of `earmark-POOL --routes`: "METHOD /path role" lines.
Prints each difference as a line. The exit status is then 1.

 - Each row is an operation of the description with the same role and pool, in
   all spellings, and each operation is a row.
 - nginx passes each path, with and without a trailing slash, to its pool. Each
   location with a fastcgi_pass is reached by at least one path.
"""

import json
import re
import sys

METHODS = ("get", "post", "put", "patch", "delete")
VALUES = {"uuid": "5b7a8702-b2c5-4de4-93c9-99322bd49ee2"}


# ---- nginx: a small part of its language, and the choice of a location

class Location:
    def __init__(self, words, line):
        self.kind = words[0] if len(words) > 1 else ""
        self.text = words[-1]
        self.line, self.target, self.inner = line, None, []
        self.next = []          # locations that requests pass through
        self.reached = False

    def __str__(self):
        return f"line {self.line}, location {self.kind} {self.text}".replace(
            "  ", " ")


def parse(file):
    root = Location(["/"], 0)
    stack = [root]
    for n, line in enumerate(open(file, encoding="utf-8"), 1):
        # The only snippet that is included several times.
        line = line.replace("include @SNIPPETS@/earmark-realtime.conf",
                            "proxy_pass http://earmark_realtime")
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        # Splits a line into directives and brackets, in order.
        for part in re.findall(r"[^;{}]*(?:\{\d[^{}]*\}[^;{}]*)*[;{}]", line):
            end, words = part[-1], part[:-1].split()
            if end == "{":
                stack.append(Location(words[1:] or [""], n))
                if words[0] == "location":
                    stack[-2].inner.append(stack[-1])
            elif end == "}":
                stack.pop()
            elif words[0] in ("auth_request", "try_files"):
                stack[-1].next.append(words[-1])
            elif words[0] == "fastcgi_pass":
                stack[-1].target = words[1].removeprefix("earmark_")
            elif words[0] in ("return", "alias", "rewrite", "root",
                              "proxy_pass"):
                stack[-1].target = stack[-1].target or "nginx"
    names = {inner.text: inner for inner in locations(root)}
    for inner in locations(root):
        inner.next = [names[name] for name in inner.next]
        if inner.next:
            inner.target = " and ".join(sorted(
                {n.target or "nothing" for n in inner.next}))
    return root


def choose(location, path):
    """https://nginx.org/en/docs/http/ngx_http_core_module.html#location"""
    best = None
    for inner in location.inner:
        if inner.kind == "=" and inner.text == path:
            return inner
        if inner.kind in ("", "^~") and path.startswith(inner.text) and \
                (best is None or len(inner.text) > len(best.text)):
            best = inner
    if best is not None:
        found = choose(best, path)
        if found is not best or best.kind == "^~":
            return found
    for inner in location.inner:
        if inner.kind in ("~", "~*") and re.search(inner.text, path):
            return choose(inner, path)
    return best or location


def locations(location):
    for inner in location.inner:
        yield inner
        yield from locations(inner)


# ---- Rows and operations

def blank(path):
    return re.sub(r"\{[^}]*\}", "{}", path.rstrip("/"))


def special(row, path):
    """Returns whether the path of an operation matches that of a row."""
    a, b = blank(row).split("/"), blank(path).split("/")
    return len(a) == len(b) and all(x in ("{}", y) for x, y in zip(a, b))


def read_rows(args):
    rows = []
    for arg in args:
        pool, _, file = arg.partition("=")
        for line in open(file, encoding="utf-8"):
            method, path, role = line.split()
            rows.append((pool, method, path, frozenset(role.split("|"))))
    return rows


def read_operations(doc):
    ops = []
    for path, item in doc["paths"].items():
        for spelling in filter(None, (path, item.get("x-alias"))):
            for method in METHODS:
                if method in item:
                    ops.append((item["x-pool"], method.upper(), spelling,
                                frozenset(item[method]["x-role"].split("|"))))
    return ops


def compare(rows, ops):
    for row in rows:
        # Only nginx requests these.
        if row[2].startswith("/.earmark/"):
            continue
        if not any(row[:2] == op[:2] and row[3] == op[3] and
                   special(row[2], op[2]) for op in ops):
            yield (f"{row[0]}: {row[1]} {row[2]} {'|'.join(sorted(row[3]))}: "
                   f"not in openapi.json")
    for op in ops:
        if op[0] == "nginx":
            continue
        # The row with more literal segments serves the request.
        takes = [row for row in rows if row[1] == op[1] and
                 special(row[2], op[2])]
        if not any(row[0] == op[0] and row[3] == op[3] for row in takes):
            yield (f"openapi.json: {op[1]} {op[2]} {'|'.join(sorted(op[3]))}: "
                   f"no row of pool {op[0]}" + "".join(
                       f"; but {row[0]} {'|'.join(sorted(row[3]))}"
                       for row in takes))
    seen = set()
    for row in rows:
        key = row[1], blank(row[2])
        if key in seen:
            yield f"{row[0]}: {row[1]} {row[2]}: a second time"
        seen.add(key)


def samples(path):
    yield re.sub(r"\{[^}]*\}", VALUES["uuid"], path)
    yield re.sub(r"\{[^}]*\}", "7", path)


def compare_nginx(root, rows, ops):
    for pool, _, path, _ in rows + [op for op in ops if op[0] == "nginx"]:
        for sample in samples(path):
            for slash in "", "/":
                at = choose(root, sample.rstrip("/") + slash)
                for passed in [at] + at.next:
                    passed.reached = True
                if at.target != pool:
                    yield f"{pool}: {sample}{slash} goes to {at.target} ({at})"
    for at in locations(root):
        if at.target not in (None, "nginx") and not at.reached:
            yield f"{at}: no route of {at.target} is below it"
    at = choose(root, "/api/v1/nowhere")
    if at.target != "nginx":
        yield f"an unknown path goes to {at.target} ({at})"


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        doc = json.load(f)
    root, rows = parse(sys.argv[2]), read_rows(sys.argv[3:])
    ops = read_operations(doc)
    bad = list(compare(rows, ops)) + list(compare_nginx(root, rows, ops))
    for line in bad:
        print(line)
    print(f"{len(rows)} rows, {len(ops)} operations, {len(bad)} differences")
    return 1 if bad else 0


sys.exit(main())
