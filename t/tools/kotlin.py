#!/usr/bin/python3
"""Compares doc/EarmarkApi.kt with openapi.json.

usage: kotlin.py EarmarkApi.kt openapi.json

Each function must be an operation with the same name, method and path, and
use its parameters. Each class must have members of the schema with the same
types, which are nullable exactly if they may be absent or null. A response with
alternatives must agree with one of them. A body must
contain all required members. Prints each difference as a line. The exit
status is then 1.
"""

import json
import re
import sys

TYPES = {"Long": "integer", "Int": "integer", "Double": "number",
         "String": "string", "Boolean": "boolean"}


def deref(doc, node):
    while "$ref" in node:
        node = doc["components"]["schemas" if "schemas" in node["$ref"] else
                                 node["$ref"].split("/")[2]][
                                     node["$ref"].rpartition("/")[2]]
    return node


def plain(doc, node):
    """Returns (schema without null, whether it may be null)."""
    node = deref(doc, node)
    kinds = node.get("oneOf") or node.get("anyOf") or []
    rest = [deref(doc, k) for k in kinds if k.get("type") != "null"]
    if kinds and len(rest) < len(kinds):
        return rest[0], True
    if isinstance(node.get("type"), list):
        left = [t for t in node["type"] if t != "null"]
        return {**node, "type": left[0]}, len(left) < len(node["type"])
    return node, False


def check_type(doc, classes, kind, schema, where, sent):
    schema, maybe = plain(doc, schema)
    inner = re.fullmatch(r"List<(\w+)>", kind)
    if inner:
        if schema.get("type") != "array":
            yield f"{where}: {kind}, not {schema.get('type')}"
        else:
            yield from check_type(doc, classes, inner[1], schema["items"],
                                  where, sent)
    elif kind in TYPES:
        want = schema.get("type", "string" if "enum" in schema else None)
        if want != TYPES[kind]:
            yield f"{where}: {kind}, not {want}"
    elif kind in classes:
        yield from check_class(doc, classes, kind, schema, sent)
    else:
        yield f"{where}: no class {kind}"


def check_class(doc, classes, name, schema, sent):
    schemas = [plain(doc, s)[0] for s in schema.get("allOf", [schema])]
    props, required = {}, set()
    for s in schemas:
        props.update(s.get("properties", {}))
        required |= set(s.get("required", []))
    for key, kind, null in classes[name]:
        if key not in props:
            yield f"{name}: there is no member {key}"
            continue
        maybe = plain(doc, props[key])[1] or key not in required
        if maybe and not null and not sent:
            yield f"{name}.{key} may be null or absent"
        yield from check_type(doc, classes, kind, props[key],
                              f"{name}.{key}", sent)
    if sent:
        for key in sorted(required - {k for k, _, _ in classes[name]}):
            yield f"{name}: no member {key}, which is required"


def check_result(doc, classes, name, schema):
    """Compares a class with the alternative that it resembles most."""
    return min((list(check_class(doc, classes, name, deref(doc, s), False))
                for s in schema.get("oneOf", [schema])), key=len)


def main():
    text = open(sys.argv[1], encoding="utf-8").read()
    doc = json.load(open(sys.argv[2], encoding="utf-8"))
    classes = {name: [(k, t, bool(q)) for k, t, q in re.findall(
        r'@SerialName\("(\w+)"\) val \w+: ([\w<>]+)(\?)?', body)]
        for name, body in re.findall(
            r"data class (\w+)\((.*?)\n\)", text, re.S)}
    bad, seen = [], 0
    for method, path, name, args, result in re.findall(
            r'@(?:(GET|POST|PUT|PATCH|DELETE)\(|HTTP\(method = "DELETE", path = )'
            r'"([^"]*)".*?\)\s+suspend fun (\w+)\((.*?)\): (\w+)', text, re.S):
        seen += 1
        item = doc["paths"].get("/" + path, {})
        op = item.get((method or "DELETE").lower())
        if op is None or op["operationId"] != name:
            bad.append(f"{name}: {method or 'DELETE'} /{path} is "
                       f"{op and op['operationId']}")
            continue
        params = [deref(doc, p) for p in
                  item.get("parameters", []) + op.get("parameters", [])]
        have = set()
        for where, key in re.findall(r'@(Path|Query|Header)\("([\w-]+)"\)', args):
            have.add((where.lower(), key))
        all_of = {(p["in"], p["name"]) for p in params}
        must = {(p["in"], p["name"]) for p in params if p.get("required")}
        bad += [f"{name}: there is no {a} {b}" for a, b in sorted(have - all_of)]
        bad += [f"{name}: no {a} {b}" for a, b in sorted(must - have)]
        body = re.search(r"@Body \w+: (\w+)", args)
        if bool(body) != ("requestBody" in op):
            bad.append(f"{name}: a body too many or too few")
        elif body:
            bad += check_class(doc, classes, body[1], deref(
                doc, op["requestBody"]["content"]["application/json"]["schema"]),
                True)
        good = next(r for s, r in op["responses"].items() if s[0] == "2")
        schema = deref(doc, good)["content"]["application/json"]["schema"]
        bad += check_result(doc, classes, result, plain(doc, schema)[0])
    if seen != text.count("suspend fun") or seen == 0:
        bad.append(f"{seen} of {text.count('suspend fun')} functions were read")
    for line in dict.fromkeys(bad):
        print(line)
    return 1 if bad else 0


sys.exit(main())
