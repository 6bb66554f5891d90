#!/usr/bin/python3
"""Runs searches of flyers and compares the results with a table.

searches.py rows FILE...             prints flyers to import, as JSON lines
searches.py run URL BUILD FILE...    searches and prints TAP

A FILE is search.tsv (see its first lines), or naughty_strings.json, a list of
texts. Each text must find itself unless it has no letters or digits; then
BUILD/t/tools/words finds no words in it. Each document is a flyer with a
category of its own, so a search for a document asks for this category.
"""
import http.client
import json
import os
import subprocess
import sys
import unicodedata
import urllib.parse

QUERY_MAX = 200         # bytes


def acceptable(text):
    """Returns the part that a text can have: no control characters."""
    return "".join(c for c in text if c >= " " and c != "\x7f")


def documents(files):
    """Yields (category, script, text, hits, misses); None: find itself."""
    for file in files:
        name = "zzqx" + os.path.basename(file)[0]
        with open(file, encoding="utf-8") as f:
            if file.endswith(".json"):
                rows = [("naughty", acceptable(text), None, [])
                        for text in json.load(f)]
            else:
                rows = [line.rstrip("\n").split("\t") for line in f
                        if not line.startswith("#")]
                rows = [(r[0], r[1], r[2].split("|"), r[3].split("|"))
                        for r in rows]
        for n, row in enumerate(rows):
            yield (f"{name}{n}", *row)


def print_rows(files):
    for name, _, text, _, _ in documents(files):
        print(json.dumps({"publisher": "ana", "title": name,
                          "category": name, "description": text}))


def parts(text):
    """Returns parts of the text that are not longer than a query can be."""
    out, part = [], ""
    for word in text.split(" "):
        if part and len((part + word).encode()) >= QUERY_MAX:
            out.append(part)
            part = ""
        part += word + " "
    return [p[:QUERY_MAX // 4] if len(p.encode()) > QUERY_MAX else p
            for p in [*out, part]]


def without_words(build, texts):
    """Returns the texts in which the program finds no words."""
    out = subprocess.run([build + "/t/tools/words"], check=True, text=True,
                         input="".join(t + "\n" for t in texts),
                         capture_output=True).stdout.split("\n")
    return {t for t, words in zip(texts, out) if not words.strip()}


class Searches:
    def __init__(self, url):
        self.http = http.client.HTTPConnection(
            urllib.parse.urlsplit(url).netloc, timeout=60)
        self.wrong, self.n = [], 0

    def found(self, name, query):
        args = urllib.parse.urlencode({"q": query, "category": name,
                                       "page": 1})
        self.http.request("GET", "/api/flyers/?" + args)
        answer = self.http.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"searches: {query!r}: {answer.status} {body}")
        return json.loads(body)["count"] == 1

    def check(self, script, name, text, query, want):
        self.n += 1
        if self.found(name, query) != want:
            self.wrong.append(f"{script}: {query!r} " +
                              ("does not find " if want else "finds ") +
                              repr(text))


def run(url, build, files):
    searches = Searches(url)
    scripts, empty = set(), set()
    rows = list(documents(files))
    selves = [q for r in rows if r[3] is None for q in parts(r[2])]
    exempt = without_words(build, selves)
    for name, script, text, hits, misses in rows:
        scripts.add(script)
        if hits is None:
            hits = [q for q in parts(text) if q not in exempt]
            if not hits:
                empty.add(text)
                misses = [text] if text.strip() else []
        for query in hits:
            searches.check(script, name, text, query, True)
        for query in misses:
            searches.check(script, name, text, query, False)
    searches.wrong += [
        f"{text!r} has letters or digits, but no words" for text in empty
        if any(unicodedata.category(c)[0] in "LN" for c in text)]
    for line in searches.wrong:
        print(f"# {line}")
    print(f"{'not ' * bool(searches.wrong)}ok - {searches.n} searches of "
          f"{len(scripts)} scripts, {len(empty)} texts without words")
    return bool(searches.wrong)


if __name__ == "__main__":
    if sys.argv[1] == "rows":
        sys.exit(print_rows(sys.argv[2:]))
    sys.exit(run(sys.argv[2], sys.argv[3], sys.argv[4:]))
