#!/usr/bin/python3
"""Checks that every exported function carries the name of its header.

usage: names.py SRC

A function that lib/domain/catalog/flyer.h declares is called flyer() or
flyer_*(). EXCEPTIONS lists the other prefixes that a header may use. Prints
each function that has neither; the exit status is 1 if there is one.
"""

import glob
import os
import re
import sys

# Header: prefixes that it uses besides its own name, with the reason.
EXCEPTIONS = {
    # The result codes are the vocabulary of all layers; bug_() is BUG().
    "base/err.h": ("rc_", "bug_"),
    # Statements are a part of the database's interface.
    "db/db.h": ("stmt_",),
    # Private to lib/db: the halves of db.c and stmt.c.
    "db/internal.h": ("db_", "stmt_"),
    # One table of providers: each driver has its own file, without a header.
    "providers/provider.h": ("webhook_",),
    "providers/provider_internal.h": ("provider_", "webhook_", "stripe_",
                                      "razorpay_"),
    "providers/message_internal.h": ("message_", "fcm_", "sms_webhook_"),
    "providers/turn_credentials.h": ("turn_credentials",),
    # One header for all commands of the program.
    "cmd/earmark/commands.h": ("command_",),
    # The connections of earmark-realtime and who they belong to.
    "cmd/realtime/realtime_connection.h": ("realtime_",),
    # A row of a table, private to the files about payments.
    "domain/money/payment_row.h": ("payment_row",),
}


def strip(text):
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"^[ \t]*#(?:.*\\\n)*.*$", "", text, flags=re.M)
    # What is inside of braces declares nothing that is exported.
    while re.search(r"\{[^{}]*\}", text):
        text = re.sub(r"\{[^{}]*\}", ";", text)
    return text


def functions(text):
    for part in strip(text).split(";"):
        if re.match(r"\s*typedef\b", part):
            continue
        found = re.search(r"(?:^|[\s*])([a-z_]\w*)\s*\(", part)
        if found and found[1] not in ("__attribute__", "sizeof"):
            yield found[1]


def wrong(name, header):
    stem = os.path.basename(header).removesuffix(".h")
    prefixes = (stem + "_", *EXCEPTIONS.get(header, ()))
    return name != stem and not name.startswith(prefixes)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    src, bad, seen = sys.argv[1].rstrip("/"), 0, 0
    for top in ("lib", "fcgi", "cmd"):
        for path in sorted(glob.glob(f"{src}/{top}/**/*.h", recursive=True)):
            header = path[len(src) + 1:].removeprefix("lib/")
            with open(path, encoding="utf-8") as file:
                for name in functions(file.read()):
                    seen += 1
                    if wrong(name, header):
                        print(f"{path[len(src) + 1:]}: {name}")
                        bad += 1
    if seen == 0:
        print("no functions at all")
    return 1 if bad or seen == 0 else 0


sys.exit(main())
