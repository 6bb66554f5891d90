#!/usr/bin/python3
"""Generates openapi.json from the files in api/.

usage: openapi.py FIELDS FILE... >openapi.json

Each FILE contains sections of one OpenAPI 3.1 document. The sections are
merged in the order of the files. FIELDS is api/fields.txt: the query and body
fields of all routes, as `earmark-POOL --fields` prints them.

The files use these abbreviations. Everything else is plain OpenAPI.

  $ref: Name            a schema of components; with `nullable: true` or null
  an object of a response or of components
                        is closed, and all properties but those of `optional`
                        are required
  type: integer         has the format int64, unless another one is given
  nullable enum         becomes a choice of the enum and null

An operation gets, from other facts:

  security              from x-role
  path parameters       from x-path of the path: {name: schema}
  query parameters, properties of the body
                        name, type, bounds and `required` from FIELDS; a file
                        only adds what the fields cannot say
  requestBody           {schema, example}, for JSON, or the media types of
                        `types`; the schema is named <OperationId>Request
  responses             {description, schema, example, headers: [names]}
  ETag                  of each GET below /api/, unless x-etag is false
  If-None-Match, 304    if a response has an ETag
  errors                from x-codes: {status: [code or {code: text}]}, added
                        to the errors that every such operation has; `errors`
                        contains the text and the message of each code
  x-invalid: 422        validation errors have the status 422
  x-page: [statuses]    errors are HTML pages

A repeated member, an alias and a reference without a target are errors.
"""

import collections
import json
import re
import sys

import yaml

METHODS = ("get", "post", "put", "patch", "delete")
# Members that contain values instead of schemas.
VALUES = {"example", "examples", "default", "enum", "const", "required",
          "x-codes"}
RATE_LIMIT = ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"]
ERROR_HEADERS = {"401": ["WWW-Authenticate"],
                 "429": ["Retry-After"] + RATE_LIMIT, "503": ["Retry-After"],
                 "504": ["Retry-After"]}
STAFF = {"admin", "finance", "support", "moderator"}
SERVER_ERRORS = {"500": ["internal"], "502": ["unavailable"],
                 "503": ["busy", "storage_full", "unavailable"],
                 "504": ["unavailable"]}
REQUEST_ID = "5f1c0e9a2b7d4c33"
# Larger bounds equal those of the type.
EXACT = 1 << 53

Field = collections.namedtuple("Field", "type required low high words")


class Loader(yaml.CSafeLoader):
    """Loads YAML and rejects repeated members."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                fail(key.start_mark, f"{key.value} is repeated")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


# Reads dates in examples as text.
Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules
            if tag != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def fail(mark, why):
    sys.exit(f"{mark.name}:{mark.line + 1}: {why}")


def load(file):
    """Returns the content of one YAML file."""
    with open(file, encoding="utf-8") as f:
        text = f.read()
    for event in yaml.parse(text, yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            event.start_mark.name = file
            fail(event.start_mark, "aliases are not allowed")
    return yaml.load(text, Loader)


def merge(to, part, where):
    """Adds the members of one file to the document."""
    for key, value in part.items():
        at = f"{where}/{key}"
        if key not in to:
            to[key] = value
        elif isinstance(value, list):
            to[key] += value
        elif at in ("/paths", "/components") or where == "/components":
            merge(to[key], value, at)
        else:
            sys.exit(f"{at} is repeated")


def blank(path):
    return re.sub(r"\{[^}]*\}", "{}", path.rstrip("/"))


def scaled(value, scale):
    """Returns value / 10^scale, as an integer if it is one."""
    whole, rest = divmod(value, 10 ** scale)
    return value / 10 ** scale if rest else whole


def read_fields(file):
    """Returns {(method, path): {(where, name): Field}}."""
    rows = collections.defaultdict(dict)
    for line in open(file, encoding="utf-8"):
        (method, path, where, name, kind, need, low, high, scale,
         words) = line.split()
        low, high = int(low), int(high)
        if high < low or low == high == 0:
            low = high = None
        else:
            low, high = scaled(low, int(scale)), scaled(high, int(scale))
        rows[method.lower(), blank(path)][where, name] = Field(
            kind, need == "required", low, high,
            None if words == "-" else words.split("|"))
    return rows


def row_of(rows, method, path):
    """Returns the fields of the route that serves an operation."""
    want, best = blank(path).split("/"), (-1, {})
    for (m, row), fields in rows.items():
        have = row.split("/")
        if m == method and len(have) == len(want) and \
                all(a in ("{}", b) for a, b in zip(have, want)):
            best = max(best, (sum(a != "{}" for a in have), fields),
                       key=lambda pair: pair[0])
    return best[1]


def bounds(field, low, high):
    out = {}
    if field.low is not None and abs(field.low) < EXACT and \
            (field.low != 0 or low == "minimum"):
        out[low] = field.low
    if field.high is not None and abs(field.high) < EXACT:
        out[high] = field.high
    return out


def field_schema(field):
    """Returns the schema that the field table gives for a value."""
    kind = field.type
    if kind == "str":
        return {"type": "string", **bounds(field, "minLength", "maxLength")}
    if kind in ("int", "fixed"):
        return {"type": "integer" if kind == "int" else "number",
                **bounds(field, "minimum", "maximum")}
    if kind == "enum":
        return {"type": "string", "enum": field.words}
    if kind in ("strv", "intv", "objv"):
        item = {"strv": "string", "intv": "integer", "objv": "object"}[kind]
        return {"type": "array", "items": {"type": item},
                **bounds(field, "minItems", "maxItems")}
    return {"bool": {"type": "boolean"}, "uuid": {"$ref": "Uuid"},
            "time": {"$ref": "Time"}}.get(kind, {})


def kinds(schema):
    kind = schema.get("type", [])
    return set(kind if isinstance(kind, list) else [kind]) - {"null"}


def add_field(schema, field):
    """Returns a schema of the files, completed by the field table."""
    table = field_schema(field)
    if {"$ref", "oneOf", "anyOf", "allOf", "const"} & set(schema):
        return schema
    if "type" in schema and kinds(schema) != kinds(table):
        return schema
    return {**table, **schema}


def camel(name):
    return "".join(part.capitalize() for part in name.split("_"))


def walk(node, visit):
    """Visits each mapping except values."""
    if isinstance(node, list):
        for item in node:
            walk(item, visit)
    if not isinstance(node, dict):
        return
    visit(node)
    for key, value in list(node.items()):
        if key in ("properties", "schemas"):
            for schema in value.values():
                walk(schema, visit)
        elif key not in VALUES:
            walk(value, visit)


def close(node):
    """Completes an object of a response."""
    if "properties" not in node:
        return
    optional = set(node.pop("optional", ()))
    unknown = optional - set(node["properties"])
    if unknown:
        sys.exit(f"optional, but no properties: {sorted(unknown)}")
    node.setdefault("type", "object")
    node.setdefault("required", [name for name in node["properties"]
                                 if name not in optional])
    if not node["required"]:
        del node["required"]
    node.setdefault("additionalProperties", False)


def finish(node):
    """Replaces the abbreviations that may be anywhere."""
    if node.get("$ref", "#")[0] != "#":
        node["$ref"] = f"#/components/schemas/{node['$ref']}"
    if node.pop("nullable", False):
        node["oneOf"] = [{"$ref": node.pop("$ref")}, {"type": "null"}]
    if isinstance(node.get("type"), list) and "enum" in node:
        node["oneOf"] = [{"type": node.pop("type")[0],
                          "enum": node.pop("enum")}, {"type": "null"}]
    if "integer" in kinds(node):
        node.setdefault("format", "int64")


def header_refs(names):
    return {name: {"$ref": f"#/components/headers/{name}"}
            for name in ["X-Request-Id"] + names}


class Document:
    def __init__(self, fields, files):
        self.rows = read_fields(fields)
        self.doc = {}
        for file in files:
            merge(self.doc, load(file), "")
        self.errors = self.doc.pop("errors")
        self.parts = self.doc["components"]
        self.named = {}

    def text_of(self, code, text):
        return text or self.errors[code]["when"]

    def error(self, status, codes, description=None):
        """Returns an error response. codes is {code: text or None}."""
        texts = [self.text_of(*pair) for pair in codes.items()]
        if description is None:
            description = texts[0] if len(texts) == 1 else "\n".join(
                f"- `{code}`: {text}" for code, text in zip(codes, texts))
        examples = {}
        for code, text in codes.items():
            message = self.errors[code].get("message") or text
            if message:
                examples[code] = {"value": {
                    "error": code, "message": message,
                    "request_id": REQUEST_ID}}
        return {"description": description,
                "headers": header_refs(ERROR_HEADERS.get(status, [])),
                "content": {"application/json": {
                    "schema": {"$ref": "ApiError"},
                    **({"examples": examples} if examples else {})}},
                "x-codes": list(codes)}

    def shared_responses(self):
        for name, r in self.parts["responses"].items():
            if "x-status" in r:
                status = str(r["x-status"])
                self.named[status, frozenset(r["x-codes"])] = name
                r = self.error(status, dict.fromkeys(r["x-codes"]),
                               r["description"])
            else:
                r = self.response(r)
            self.parts["responses"][name] = r

    def response(self, r):
        """Returns a complete response of success."""
        r = dict(r)
        if isinstance(r.get("headers", []), list):
            names = r.get("headers", [])
            if "RateLimit" in names:
                at = names.index("RateLimit")
                names[at:at + 1] = RATE_LIMIT
            r["headers"] = header_refs(names)
        if "schema" in r:
            schema = r.pop("schema")
            content = {"schema": {"$ref": schema}
                       if isinstance(schema, str) else schema}
            for key in ("example", "examples"):
                if key in r:
                    content[key] = r.pop(key)
            r["content"] = {"application/json": content}
        walk(r, close)
        return r

    def common_codes(self, item, op):
        """Returns the error codes that all operations of this kind have."""
        codes = {"429": ["rate_limited"], **SERVER_ERRORS}
        body = op.get("requestBody", {}).get("content", {})
        query = any(p["in"] == "query" for p in
                    map(self.parameter, op["parameters"]))
        role = op["x-role"]
        if "application/json" in body:
            codes["400"] = ["bad_request", "invalid_json",
                            "validation_failed"]
            codes["415"] = ["unsupported_media_type",
                            "unsupported_encoding"]
        elif query and item["x-pool"] != "nginx":
            codes["400"] = ["bad_request", "validation_failed"]
        if op.pop("x-invalid", None):
            codes["422"] = ["validation_failed"]
            if body:
                codes["400"].remove("validation_failed")
            else:
                codes.pop("400", None)
        if body:
            codes["413"] = ["payload_too_large"]
        if role == "maybe":
            codes["401"] = ["token_invalid"]
            codes["403"] = ["csrf"]
        elif role != "open":
            codes["401"] = ["token_required", "token_invalid"]
            codes["403"] = ["account_inactive", "csrf"] if role == "any" \
                else ["role_required", "account_inactive", "csrf"]
            # auth.staff_mfa = required
            if STAFF & set(role.split("|")):
                codes["403"] += ["mfa_setup_required", "step_up_required"]
        if any("IdempotencyKey" in p.get("$ref", "")
               for p in op["parameters"]):
            codes["409"] = ["idempotency_in_progress"]
            codes.setdefault("422", []).append("idempotency_key_reused")
        return codes

    def add_errors(self, item, op):
        own = {str(s): c for s, c in op.pop("x-codes", {}).items()}
        page = op.pop("x-page", None)
        if page is not None:
            for status in page + list(SERVER_ERRORS):
                op["responses"][str(status)] = {
                    "$ref": "#/components/responses/PageError"}
            return
        common = self.common_codes(item, op)
        for status in sorted(set(common) | set(own)):
            codes = dict.fromkeys(common.get(status, []))
            if own.get(status, True) is None:   # the operation omits this status
                continue
            for code in own.get(status, []):
                codes.update(code if isinstance(code, dict) else {code: None})
            name = self.named.get((status, frozenset(codes)))
            op["responses"][status] = {
                "$ref": f"#/components/responses/{name}"} \
                if name and not any(codes.values()) else \
                self.error(status, codes)

    def parameter(self, p):
        return self.parts["parameters"][p["$ref"].rpartition("/")[2]] \
            if "$ref" in p else p

    def parameters(self, op, fields):
        """Returns the parameters of an operation that are not in the path."""
        listed = [{"$ref": f"#/components/parameters/{p}"}
                  if isinstance(p, str) else {"in": "query", **p}
                  for p in op.get("parameters", [])]
        have = {self.parameter(p)["name"]: p for p in listed}
        out = []
        for (where, name), field in fields.items():
            if where != "query":
                continue
            p = have.pop(name, None)
            if p is None and camel(name) in self.parts["parameters"]:
                p = {"$ref": f"#/components/parameters/{camel(name)}"}
            p = p or {"name": name, "in": "query"}
            if "$ref" not in p:
                p["schema"] = add_field(p.get("schema", {}), field)
                if field.required:
                    p["required"] = True
            out.append(p)
        return out + list(have.values())

    def body(self, op, fields):
        body = op.get("requestBody", {})
        if not body or "content" in body:
            return
        schema = body.pop("schema", {})
        given = schema.pop("properties", {})
        names = [name for where, name in fields if where == "body"]
        if set(given) - set(names):
            sys.exit(f"{op['operationId']}: not in the field table: "
                     f"{sorted(set(given) - set(names))}")
        required = [n for n in names if fields["body", n].required]
        schema = {"type": "object", **schema,
                  **({"required": required} if required else {}),
                  "properties": {n: add_field(given.get(n, {}),
                                              fields["body", n])
                                 for n in names}}
        name = op["operationId"][0].upper() + op["operationId"][1:] + "Request"
        merge(self.parts, {"schemas": {name: schema}}, "/components")
        content = {"schema": {"$ref": name}}
        for key in ("example", "examples"):
            if key in body:
                content[key] = body.pop(key)
        body.setdefault("required", True)
        body["content"] = {kind: content for kind in
                           body.pop("types", ["application/json"])}

    def operation(self, path, item, method):
        op = item[method]
        fields = row_of(self.rows, method, path)
        role = op["x-role"]
        op["security"] = [] if role == "open" else \
            [{}, {"bearer": []}] if role == "maybe" else [{"bearer": []}]
        op["parameters"] = self.parameters(op, fields)
        self.body(op, fields)
        if op.pop("x-etag", True) and method == "get" and \
                path.startswith("/api/") and item["x-pool"] != "nginx":
            headers = op["responses"][200].setdefault("headers", [])
            if "ETag" not in headers:
                headers.insert(0, "ETag")
        op["responses"] = {
            str(status): {"$ref": f"#/components/responses/{r}"}
            if isinstance(r, str) else self.response(r)
            for status, r in op["responses"].items()}
        if any("ETag" in r.get("headers", {})
               for r in op["responses"].values()):
            op["responses"]["304"] = {
                "$ref": "#/components/responses/NotModified"}
            op["parameters"].append(
                {"$ref": "#/components/parameters/IfNoneMatch"})
        self.add_errors(item, op)
        op["responses"] = dict(sorted(op["responses"].items()))
        if not op["parameters"]:
            del op["parameters"]

    def path(self, path, item):
        given = item.pop("x-path", {})
        if set(given) != set(re.findall(r"\{(\w+)\}", path)):
            sys.exit(f"{path}: x-path does not match")
        if given:
            item["parameters"] = [
                {"name": name, "in": "path", "required": True,
                 **({"schema": {"$ref": p}} if isinstance(p, str) else p)}
                for name, p in given.items()]
        for method in METHODS:
            if method in item:
                self.operation(path, item, method)

    def code_table(self):
        return "\n".join(
            ["| status | code | when |", "|---|---|---|"] +
            [f"| {e['status']} | `{code}` | {e['when']} |"
             for code, e in self.errors.items()])

    def build(self):
        for schema in self.parts["schemas"].values():
            walk(schema, close)
        self.shared_responses()
        for path, item in self.doc["paths"].items():
            self.path(path, item)
        info = self.doc["info"]
        info["description"] = info["description"].replace(
            "{{codes}}", self.code_table())
        walk(self.doc, finish)
        check_refs(self.doc, self.doc, "#")
        return self.doc


def check_refs(doc, node, where):
    """Ends the program if a $ref below node has no target."""
    if isinstance(node, list):
        for i, item in enumerate(node):
            check_refs(doc, item, f"{where}/{i}")
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key != "$ref":
            check_refs(doc, value, f"{where}/{key}")
            continue
        at = doc
        for part in value.removeprefix("#/").split("/"):
            at = at.get(part) if isinstance(at, dict) else None
        if at is None:
            sys.exit(f"{where}: {value} does not exist")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    doc = Document(sys.argv[1], sys.argv[2:]).build()
    json.dump(doc, sys.stdout, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.write("\n")


main()
