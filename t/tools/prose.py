#!/usr/bin/python3
"""Finds comments, manual paragraphs and test titles that are hard to read.

usage: prose.py SRC

Prints each block of text that contains a forbidden phrase. Doubtful phrases
are right in some sentences, so a block with one is printed only if more than
LIMIT of the blocks of its top folder contain one. Exits with 1 if anything was
printed. HACKING.md contains the writing rules.
"""
import ast
import os
import re
import subprocess
import sys

LIMIT = 0.02
SMALL = 100         # A folder with fewer blocks counts only toward the total.

# Never right in technical English, or a private idiom.
FORBIDDEN = {
    "write 'cannot'": r"\bcan not\b",
    "write 'no user', 'no client', ...": r"\b(nobody|somebody)\b",
    "write 'again' or 'new'": r"\banew\b",
    "write 'fix' or 'repair'": r"\bmend(ed|s|ing)?\b",
    "name the role: 'the user who ...'":
        r"(?:^|[.;:] )(Who|Whoever|Whom) (?!am I)[a-z]",
    "write 'maximum'": r"\b(at the most|has a most|the most of|a most)\b",
    "write 'permanently'": r"\b(for good|for ever)\b",
    "name the thing": r"\b(of theirs|of ours|oneself|the own)\b",
}

# Right in some sentences.
DOUBTFUL = {
    "'What' as a subject": r"(?:^|[.;:] )What (?!\?)[a-z]+ [^?]*?[^?]$",
    "'behind' for 'after'": r"\bbehind\b(?! nginx| a proxy| the proxy)",
    "'told' for 'notified'": r"\b(is|are|be|was|were) told\b",
    "'whatever', 'however'": r"\b(whatever|however|whoever)\b",
    "'so many', 'so much'": r"\b(so many|so much)\b",
    "'of which', 'whom'": r"\b(of which|by which|of whom|to whom|whom)\b",
    "'is none', 'is no'": r"\b(is none|are none|is no [a-z]+)\b",
    "'one's own'": r"\bone's own\b",
    "'beside' for 'in addition to'": r"\bbeside\b",
}

# Pattern of the comments of a file, by the end of its name.
BLOCK = re.compile(r"(?:^|(?<=[\s;,(){}]))/\*.*?\*/", re.S)
HASH = re.compile(r"(?:^[ \t]*#(?!!).*\n)+", re.M)
DASH = re.compile(
    r"(?:^[ \t]*--(?! (?:name|index|allow|fragment):).*\n)+", re.M)
COMMENTS = {
    (".c", ".h", ".js", ".ts", ".css"): BLOCK,
    (".sql", ".lua"): DASH,
    (".sh", ".t", ".py", ".am", ".awk", ".yml"): HASH,
}
SCRIPT = re.compile(r"#!(/bin/sh|/bin/bash|/usr/bin/python3)\b")
PARAGRAPH = re.compile(r"\n(?=\n|\.Pp|\.It|\.Ss|- |\d+\. |\| )")
# A quote within a title is '"'"' or '\''.
TITLE = re.compile(r"""
    ^[ \t]*(?:test_expect_success(?:[ ][A-Z_,]+)?[ ]|test_description=)
    (?: '((?: [^'] | '"'"' | '\\'' )*)' | "((?: [^"\\] | \\. )*)" )
    """, re.M | re.X)
# Generated files, which a folder that is not a checkout contains, and files
# without prose.
SKIPPED = re.compile(r"(^|/)(node_modules|corpus|autom4te\.cache|\.git|debian/"
                     r"build|build|[a-z]+-build)/|-lock\.json$|"
                     r"^t/tools/prose\.py$|^(?!demo$|check$)[^/.]+$")


def line_of(text, at):
    return text.count("\n", 0, at) + 1


def docstrings(text):
    """Yields (line, text) of the docstrings of a Python program."""
    try:
        program = ast.parse(text)
    except SyntaxError:
        return      # t/static/03-docs.t reports it
    for node in ast.walk(program):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef,
                             ast.AsyncFunctionDef)):
            if ast.get_docstring(node):
                yield node.body[0].lineno, ast.get_docstring(node)


def blocks(path, text):
    """Yields (line, text) of each piece of prose in a file."""
    if path.endswith(".md") or path.startswith("man/"):
        line = 1
        for part in PARAGRAPH.split(text):
            yield line, part
            line += part.count("\n") + 1
        return
    pattern = next((p for ends, p in COMMENTS.items() if path.endswith(ends)),
                   HASH if SCRIPT.match(text) else None)
    if pattern is None:
        return
    for found in pattern.finditer(text):
        yield line_of(text, found.start()), found.group(0)
    if path.endswith((".t", ".sh")):
        for found in TITLE.finditer(text):
            yield line_of(text, found.start()), found[1] or found[2] or ""
    if path.endswith(".py") or text.startswith("#!/usr/bin/python3"):
        yield from docstrings(text)


def plain(block):
    """Returns a block without comment signs, on one line."""
    text = re.sub(r"^\s*(/\*+|\*/|\*|--|#)? ?", "", block, flags=re.M)
    return " ".join(text.replace("*/", "").split())


def files(folder):
    """Returns the paths of the files of a checkout or of a folder."""
    try:
        names = subprocess.run(
            ["git", "-C", folder, "ls-files"], check=True, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        names = []
    if names:
        return names
    return [os.path.relpath(os.path.join(top, name), folder)
            for top, _, here in os.walk(folder) for name in here]


def top_of(path):
    """Returns the folder that a file counts for; lib/ has several."""
    return "/".join(path.split("/")[:2 if path.startswith("lib/") else 1])


def main(folder):
    totals, found, said = {}, {}, []
    for path in sorted(files(folder)):
        if SKIPPED.search(path):
            continue
        try:
            with open(os.path.join(folder, path), encoding="utf-8") as f:
                text = f.read()
        except (OSError, UnicodeDecodeError):
            continue
        top = top_of(path)
        for line, block in blocks(path, text):
            flat = plain(block)
            if len(flat) < 15:
                continue
            totals[top] = totals.get(top, 0) + 1
            for why, pattern in FORBIDDEN.items():
                if re.search(pattern, flat):
                    said.append(f"{path}:{line}: {why}: {flat[:100]}")
            for why, pattern in DOUBTFUL.items():
                if re.search(pattern, flat):
                    found.setdefault(top, []).append(
                        f"{path}:{line}: {why}: {flat[:100]}")
                    break
    if not totals:
        said.append("no text at all")
    for top, places in sorted(found.items()):
        if totals[top] >= SMALL and len(places) > LIMIT * totals[top]:
            said += places + [f"{top}: {len(places)} of {totals[top]} blocks"]
    everywhere = sum(len(places) for places in found.values())
    if everywhere > LIMIT * sum(totals.values()):
        said.append(f"all: {everywhere} of {sum(totals.values())} blocks")
    print("\n".join(said), end="\n" if said else "")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
