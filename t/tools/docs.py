#!/usr/bin/python3
"""Compares the manual pages with the programs.

usage: docs.py conf SRC SHOWN | jobs SRC | metrics SRC | codes SRC OPENAPI
               | endpoints SRC OPENAPI | alerts SRC | dashboard SRC
               | expressions SRC | series SRC METRICS

 conf       earmark.conf(5) documents the keys and defaults that `earmark config
            show` prints for an empty file (SHOWN)
 jobs       earmark-jobs(8) documents all jobs of the table
 metrics    each metric of the sources is documented and in the table of
            families, and the reverse
 codes      each error code of the sources is in openapi.json, and each of
            openapi.json is in its own table and in earmark-api(7)
 endpoints  earmark-api(7) lists the endpoints of openapi.json with their roles
 alerts     doc/alerts.yml uses existing metrics, labels and values
 dashboard  doc/grafana.json uses existing metrics, labels and values, and each
            family of metrics except those of UNUSED
 expressions prints the expressions of doc/grafana.json as rules of Prometheus
 series     each series of /metrics (METRICS is its output) is documented with
            its labels, below the family it belongs to

Prints each difference as a line. The exit status is then 1.
"""

import glob
import json
import re
import sys

# Series of a family.
PARTS = {"histogram": ("_bucket", "_sum", "_count")}
# Families that the dashboard does not show, with the reason.
UNUSED = {}
METHODS = ("get", "post", "put", "patch", "delete")


def read(name):
    with open(name, encoding="utf-8") as f:
        return f.read()


def sources(src):
    for folder in ("lib", "fcgi", "cmd"):
        for name in sorted(glob.glob(f"{src}/{folder}/**/*.c",
                                     recursive=True)):
            # Removes comments, which contain neither codes nor metrics.
            yield name, re.sub(r"/\*.*?\*/", "", read(name), flags=re.S)


def differ(what, have, want, where):
    for name in sorted(want - have):
        yield f"{where}: no {what} {name}"
    for name in sorted(have - want):
        yield f"{where}: {what} {name} does not exist"


def check_conf(src, shown):
    want, have, section = {}, {}, ""
    for line in read(shown).splitlines():
        head = re.match(r"\[([\w.]+)\]", line)
        key = re.match(r"(\w+) *= ?(.*)", line)
        if head:
            # The names of providers are free; google and apple are predefined.
            section = re.sub(r"^oidc\..*", "oidc.NAME", head[1])
        elif key:
            want[f"{section}.{key[1]}"] = key[2].strip()
    page = read(f"{src}/man/earmark.conf.5")
    for line in page.splitlines():
        head = re.match(r"\.Ss \[([\w.]+)\]", line)
        key = re.match(r"\.It Cm (\w+) Pq (.*)", line)
        if head:
            section = head[1]
        elif key:
            have[f"{section}.{key[1]}"] = "" if key[2] == "empty" else key[2]
    yield from differ("key", set(have), set(want), "earmark.conf(5)")
    for key in sorted(set(have) & set(want)):
        # config show prints absolute paths, and the predefined providers.
        if have[key] != want[key] and not key.startswith("oidc.") and \
                not (have[key] and want[key].endswith("/" + have[key])):
            yield f"earmark.conf(5): {key} is {want[key]!r}, not {have[key]!r}"


def items(page):
    """Returns the names of a list: ".It Cm one , two"."""
    return {name for line in re.findall(r"^\.It Cm (.*)", page, re.M)
            for name in re.findall(r"(?:^|, )([\w-]+)", line)}


def check_jobs(src):
    table = re.search(r"struct job jobs\[\] = \{(.*?)\n\};",
                      read(f"{src}/cmd/jobs/scheduler.c"), re.S)[1]
    want = set(re.findall(r'\{ "([\w-]+)"', table))
    page = read(f"{src}/man/earmark-jobs.8")
    part = re.search(r"^\.S[sh] jobs?$(.*?)(?=^\.S[sh] )", page,
                     re.M | re.S | re.I)
    if part is None:
        yield "earmark-jobs(8): no section Jobs"
        return
    yield from differ("job", items(part[1]), want, "earmark-jobs(8)")


def check_metrics(src):
    want, have, table = set(), set(), set()
    for path, text in sources(src):
        if not path.endswith("/metric_table.c"):
            want |= set(re.findall(r'"(earmark_[a-z_]+)', text))
            continue
        for name, kind in re.findall(r'\{ "(earmark_[a-z_]+)", "(\w+)"', text):
            table |= {name + part for part in PARTS.get(kind, ("",))}
    yield from differ("counter", table, want, "metric_table.c")
    for name in glob.glob(f"{src}/man/*.[1-8]"):
        have |= {item for item in items(read(name))
                 if item.startswith("earmark_")}
    yield from differ("counter", have, want, "the pages")


def labels_of(src):
    """Returns each metric of the pages with its labels."""
    labels = {}
    for name in glob.glob(f"{src}/man/*.8"):
        for line in re.findall(r"^\.It Cm (earmark_.*)", read(name), re.M):
            for metric, words in re.findall(
                    r"(?:^|, )(\w+)(?: Ns Brq (\S+))?", line):
                labels[metric] = set(filter(None, words.split(",")))
    return labels


def check_expression(expr, known, code):
    """Finds unknown metrics, labels and values in an expression of PromQL."""
    metrics = set(re.findall(r"earmark_[a-z_]+", expr))
    for metric in sorted(metrics - set(known)):
        yield f"there is no metric {metric}"
    for metric, inner in re.findall(r"(earmark_\w+)\{(.*?)\}", expr, re.S):
        for label, words in re.findall(r'(\w+)\s*[=!]~?\s*"([^"]*)"', inner):
            if words in ("$job", "$instance") and words[1:] == label:
                continue        # of the target
            if label not in known.get(metric, ()):
                yield f"{metric} has no label {label}"
            for word in words.split("|"):
                if label != "code" and f'"{word}"' not in code:
                    yield f"nothing says {word}"


def labels_in(expr, known):
    """Returns the labels that series of this expression can have."""
    return {"instance", "job"}.union(*(
        known.get(m, ()) for m in re.findall(r"earmark_[a-z_]+", expr)))


def grouped_by(expr):
    return {w for group in re.findall(r"\bby \(([^)]*)\)", expr)
            for w in re.findall(r"\w+", group)}


def check_alerts(src):
    import yaml
    doc = yaml.safe_load(read(f"{src}/doc/alerts.yml"))
    known = labels_of(src)
    code = "".join(text for _, text in sources(src))
    used, names = set(), set()
    for rule in (r for g in doc["groups"] for r in g["rules"]):
        name, expr = rule.get("alert"), rule["expr"]
        if name in names:
            yield f"alerts.yml: {name} twice"
        names.add(name)
        if rule.get("labels", {}).get("severity") not in ("page", "warn"):
            yield f"alerts.yml: {name}: no severity"
        for part in ("summary", "description"):
            if not rule.get("annotations", {}).get(part):
                yield f"alerts.yml: {name}: no {part}"
        metrics = set(re.findall(r"earmark_[a-z_]+", expr))
        used |= metrics
        if not metrics and "up{" not in expr:
            yield f"alerts.yml: {name}: of no metric"
        for wrong in check_expression(expr, known, code):
            yield f"alerts.yml: {name}: {wrong}"
        text = " ".join(rule["annotations"].values())
        by = grouped_by(expr) | set(re.findall(r"\$labels\.(\w+)", text))
        for label in sorted(by - labels_in(expr, known)):
            yield f"alerts.yml: {name}: no label {label}"
    for part in ("backup", "drill", "outbox", "webhooks", "job_last", "http",
                 "ledger", "audit"):
        if not any(part in metric for metric in used):
            yield f"alerts.yml: nothing is told of {part}"


def check_dashboard(src):
    doc = json.loads(read(f"{src}/doc/grafana.json"))
    known, used, ids = labels_of(src), set(), set()
    code = "".join(text for _, text in sources(src))
    names = {v["name"] for v in doc["templating"]["list"]}
    for panel in doc["panels"]:
        where = f"grafana.json: {panel['title']}"
        if panel["id"] in ids:
            yield f"{where}: its id is not unique"
        ids.add(panel["id"])
        if panel["type"] == "row":
            continue
        if "unit" not in panel["fieldConfig"]["defaults"] and \
                panel["type"] != "table":
            yield f"{where}: no unit"
        for target in panel["targets"]:
            expr = target["expr"]
            used |= set(re.findall(r"earmark_[a-z_]+", expr))
            for wrong in check_expression(expr, known, code):
                yield f"{where}: {wrong}"
            # Prometheus renames the label job of a metric.
            has = labels_in(expr, known) | {"exported_job"}
            by = grouped_by(expr) | set(
                re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            for label in sorted(by - has):
                yield f"{where}: no label {label}"
            for name in re.findall(r"\$(\w+)", expr):
                if name not in names | {"__rate_interval"}:
                    yield f"{where}: no variable {name}"
            if target["datasource"]["uid"] != "${datasource}":
                yield f"{where}: a fixed data source"
    for name in sorted(set(known) - used - set(UNUSED)):
        yield f"grafana.json: no panel shows {name}"
    for name in sorted(set(UNUSED) & used):
        yield f"docs.py: {name} of UNUSED is used"


def print_expressions(src):
    """Yields a file of rules, for `promtool check rules`."""
    doc = json.loads(read(f"{src}/doc/grafana.json"))
    rules = []
    for panel in doc["panels"]:
        for target in panel.get("targets", ()):
            expr = target["expr"].replace("$__rate_interval", "5m")
            rules.append({"record": f"panel{panel['id']}:{target['refId']}",
                          "expr": re.sub(r"\$\w+", "x", expr)})
    yield json.dumps({"groups": [{"name": "panels", "rules": rules}]})


def check_series(src, dump):
    known, seen = labels_of(src), set()
    for name, inner in re.findall(r"^(\w+)(?:\{(.*)\})? \S+$", read(dump), re.M):
        labels = set(re.findall(r'(\w+)="', inner))
        if name not in known:
            yield f"earmark-pool(8): no metric {name}"
        elif labels != known[name] and (name, len(labels)) not in seen:
            yield (f"earmark-pool(8): {name} has the labels "
                   f"{', '.join(sorted(labels))}")
        seen.add((name, len(labels)))
    if not seen:
        yield f"{dump}: no series"
    kinds, helps, now = {}, set(), None
    for line in read(dump).splitlines():
        head = re.fullmatch(r"# (HELP|TYPE) (\w+) (.+)", line)
        if head and head[1] == "HELP":
            if head[2] in helps:
                yield f"{dump}: {head[2]} in two places"
            helps.add(head[2])
        elif head:
            now = head[2]
            kinds[now] = head[3]
            if now not in helps or head[3] not in ("counter", "gauge",
                                                   "histogram"):
                yield f"{dump}: {line}"
        elif re.match(r"\w+", line)[0] not in {
                f"{now}{part}" for part in PARTS.get(kinds.get(now), ("",))}:
            yield f"{dump}: {line} is not below its family"
    for name, kind in kinds.items():
        if (kind == "counter") != name.endswith("_total"):
            yield f"{dump}: {name} is a {kind}"


def operations(doc):
    for path, item in doc["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, item, method


def documented_codes(doc):
    codes = set()
    for path, item, method in operations(doc):
        for response in item[method]["responses"].values():
            if "$ref" in response:
                name = response["$ref"].rpartition("/")[2]
                response = doc["components"]["responses"][name]
            codes |= set(response.get("x-codes", []))
    return codes


def check_codes(src, openapi):
    doc = json.loads(read(openapi))
    used, nginx = set(), set()
    for name, text in sources(src):
        if re.search("/(cmd|lib/db|lib/archive)/", name):
            continue            # for operators
        # err_set(err, rc, "code", ...). rc may be any expression.
        used |= set(re.findall(
            r'err_set\(\s*[^,;]+,\s*[^,;]+,\s*"([a-z_]+)"', text))
        for table in re.findall(r"texts\[RC_MAX\] = \{(.*?)\n\};", text, re.S):
            used |= set(re.findall(
                r"\[RC_(?:BAD|INV|AUTH|FORB|NOT_FOUND|METHOD|TOO|MEDIA|LIM|"
                r'FAULT|BUSY|FULL)\w*\] = \{ "([a-z_]+)"', table))
    for code in re.findall(r'set \$earmark_error ([a-z_]+);',
                           read(f"{src}/nginx/earmark-errors.conf.in")):
        nginx.add(code)
    known = documented_codes(doc)
    table = set(re.findall(r"^\| [\d, ]+ \| `([a-z_]+)` \|",
                           doc["info"]["description"], re.M))
    page = set(re.findall(r"^\.It ([a-z_]+) Ta [\d, ]+ Ta",
                          read(f"{src}/man/earmark-api.7"), re.M))
    for code in sorted(used - known - nginx - {"method_not_allowed"}):
        yield f"openapi.json: no operation has the code {code}"
    for code in sorted(known - used - nginx):
        yield f"openapi.json: nothing sets the code {code}"
    # Clients of this API cannot cause the conditions for these codes.
    all_codes = (known | nginx) - {"precondition_failed",
                                   "range_not_satisfiable",
                                   "not_implemented",
                                   "version_not_supported"}
    yield from differ("code", table, all_codes, "openapi.json, description")
    yield from differ("code", page, all_codes, "earmark-api(7)")


def check_endpoints(src, openapi):
    want = set()
    for path, item, method in operations(json.loads(read(openapi))):
        spelling = item.get("x-alias", path)
        if spelling.startswith("/api/v1") and not path.startswith("/api/v1"):
            spelling = path
        want.add(f"{method.upper()} {spelling} {item[method]['x-role']}")
    have = {" ".join(row) for row in re.findall(
        r"^\.It ([A-Z]+) Ta (/\S*) Ta (\S+)$",
        read(f"{src}/man/earmark-api.7"), re.M)}
    yield from differ("endpoint", have, want, "earmark-api(7)")


def main():
    what = {"conf": check_conf, "jobs": check_jobs, "metrics": check_metrics,
            "codes": check_codes, "endpoints": check_endpoints,
            "alerts": check_alerts, "dashboard": check_dashboard,
            "expressions": print_expressions, "series": check_series}
    if len(sys.argv) < 3 or sys.argv[1] not in what:
        sys.exit(__doc__)
    bad = list(what[sys.argv[1]](*sys.argv[2:]))
    for line in bad:
        print(line)
    return 1 if bad and sys.argv[1] != "expressions" else 0


sys.exit(main())
