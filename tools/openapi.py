#!/usr/bin/python3
"""Make openapi.json from openapi.yaml: openapi.py FILE > openapi.json

A member twice, an alias (what one reads is what there is) and a reference
that leads nowhere are errors.
"""

import json
import sys

import yaml


class Loader(yaml.CSafeLoader):
    """YAML without repeated members."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                fail(key.start_mark, f"{key.value} twice")
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def fail(mark, why):
    sys.exit(f"{sys.argv[1]}:{mark.line + 1}: {why}")


# Dates in examples are text.
Loader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules
            if tag != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def check_refs(doc, node, where):
    """Does every $ref below node lead somewhere?"""
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
            sys.exit(f"{where}: {value} leads nowhere")


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as f:
        text = f.read()
    for event in yaml.parse(text, yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            fail(event.start_mark, "an alias")
    doc = yaml.load(text, Loader)
    check_refs(doc, doc, "#")
    json.dump(doc, sys.stdout, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.write("\n")


main()
