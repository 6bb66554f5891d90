#!/usr/bin/python3
"""Compares the fields of routes with parameters and bodies of openapi.json.

usage: fields.py openapi.json FIELDS...

FIELDS are outputs of `earmark-POOL --fields`. Names, types, values of enums
and required fields must be equal. A bound of the description must not be
wider than that of the field, but it may be narrower. Prints each difference
as a line. The exit status is then 1.
"""

import collections
import json
import re
import sys

METHODS = ("get", "post", "put", "patch", "delete")
# Types of a field and the corresponding types of a schema.
TYPES = {"str": {"string"}, "int": {"integer"}, "fixed": {"number"},
         "bool": {"boolean"}, "uuid": {"string:uuid"},
         "time": {"string:date-time"}, "enum": {"string"},
         "id": {"string", "integer", "any"}, "strv": {"array", "string"},
         "intv": {"array"}, "objv": {"array"}, "json": {"any", "object"}}
# Names of minimum and maximum in a schema for each type.
BOUNDS = {"str": ("minLength", "maxLength"), "int": ("minimum", "maximum"),
          "fixed": ("minimum", "maximum"), "strv": ("minItems", "maxItems"),
          "intv": ("minItems", "maxItems"), "objv": ("minItems", "maxItems")}

Field = collections.namedtuple("Field", "type required low high words")


def blank(path):
    return re.sub(r"\{[^}]*\}", "{}", path.rstrip("/"))


def read_fields(files):
    """Returns {(method, path): {(where, name): Field}}."""
    rows = collections.defaultdict(dict)
    for file in files:
        for line in open(file, encoding="utf-8"):
            (method, path, where, name, kind, need, low, high, scale,
             words) = line.split()
            unit = 10 ** int(scale)
            low, high = int(low) / unit, int(high) / unit
            if high < low or low == high == 0:
                low = high = None
            rows[method, blank(path)][where, name] = Field(
                kind, need == "required", low, high,
                None if words == "-" else words.split("|"))
    return rows


class Doc:
    def __init__(self, file):
        with open(file, encoding="utf-8") as f:
            self.doc = json.load(f)

    def deref(self, node):
        while "$ref" in node:
            at = self.doc
            for part in node["$ref"].removeprefix("#/").split("/"):
                at = at[part]
            node = at
        return node

    def plain(self, schema):
        """Returns a schema without null."""
        schema = self.deref(schema)
        rest = [s for s in schema.get("oneOf", [])
                if s.get("type") != "null"]
        return self.plain(rest[0]) if len(rest) == 1 else schema

    def kinds(self, schema):
        kinds = schema.get("type", "any")
        kinds = set(kinds if isinstance(kinds, list) else [kinds]) - {"null"}
        if schema.get("format") in ("uuid", "date-time"):
            kinds |= {f"string:{schema['format']}"}
        return kinds

    def takes(self, op):
        """Returns {(where, name): (schema, required)}."""
        out = {}
        for p in map(self.deref, op.get("parameters", [])):
            if p["in"] == "query":
                out["query", p["name"]] = (self.plain(p["schema"]),
                                           p.get("required", False))
        body = op.get("requestBody", {}).get("content", {})
        kind = body.get("application/json") or \
            body.get("application/x-www-form-urlencoded", {})
        schema = self.deref(kind.get("schema", {}))
        for name, s in schema.get("properties", {}).items():
            out["body", name] = self.plain(s), name in schema.get("required",
                                                                  [])
        return out

    def operations(self):
        for path, item in self.doc["paths"].items():
            for method in METHODS:
                if method in item:
                    yield method.upper(), path, item[method]


def compare_field(doc, schema, required, field):
    if not doc.kinds(schema) & TYPES[field.type]:
        yield f"is {field.type}, not {'|'.join(sorted(doc.kinds(schema)))}"
        return
    if required != field.required:
        yield "is " + ("required" if field.required else "optional")
    words = [w for w in schema.get("enum", []) if w is not None]
    if field.words is not None and sorted(words) != sorted(field.words):
        yield f"is one of {'|'.join(field.words)}"
    if field.type not in BOUNDS or field.low is None:
        return
    low, high = BOUNDS[field.type]
    if low in schema and schema[low] < field.low:
        yield f"is at least {field.low}, not {schema[low]}"
    if high in schema and schema[high] > field.high:
        yield f"is at most {field.high}, not {schema[high]}"


def row_of(rows, method, path):
    """Returns the fields of the route that serves an operation."""
    want = blank(path).split("/")
    best = None
    for (m, row), fields in rows.items():
        have = row.split("/")
        if m == method and len(have) == len(want) and \
                all(a in ("{}", b) for a, b in zip(have, want)):
            literal = sum(a != "{}" for a in have)
            if best is None or literal > best[0]:
                best = literal, fields
    return best[1] if best else {}


def compare(doc, rows):
    for method, path, op in doc.operations():
        if path.endswith("/realtime"):      # no worker's
            continue
        have, want = row_of(rows, method, path), doc.takes(op)
        for where, name in sorted(set(have) - set(want)):
            yield f"{method} {path}: {where} {name} is not in openapi.json"
        for where, name in sorted(set(want) - set(have)):
            yield f"{method} {path}: {where} {name} is not taken"
        for key in sorted(set(want) & set(have)):
            for wrong in compare_field(doc, *want[key], have[key]):
                yield f"{method} {path}: {key[0]} {key[1]} {wrong}"


def main():
    doc, rows = Doc(sys.argv[1]), read_fields(sys.argv[2:])
    if not rows:
        sys.exit("no fields at all")
    bad = list(compare(doc, rows))
    for line in bad:
        print(line)
    return 1 if bad else 0


sys.exit(main())
