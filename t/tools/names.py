#!/usr/bin/python3
"""Checks that the names of exported functions begin with that of their
header.

usage: names.py SRC

A function that lib/domain/catalog/flyer.h declares is called flyer() or
flyer_*(). EXCEPTIONS lists other prefixes that a header may use. Prints each
function with another name. The exit status is then 1.
"""

import glob
import os
import re
import sys

# Header: additional prefixes, with the reason.
EXCEPTIONS = {
    # All layers use the result codes. bug_() belongs to BUG().
    "base/err.h": ("rc_", "bug_"),
    # Statements are a part of the interface of the database.
    "db/db.h": ("stmt_",),
    # Private to lib/db. Contains functions of db.c and stmt.c.
    "db/internal.h": ("db_", "stmt_"),
    # One table contains all providers. Each driver is a file without a header.
    "providers/provider.h": ("webhook_",),
    # Private to the files of sessions.
    "domain/calls/session_internal.h": ("session_",),
    "providers/provider_internal.h": ("provider_", "webhook_", "stripe_",
                                      "razorpay_"),
    "providers/message_internal.h": ("message_", "fcm_", "apns_", "sms_webhook_"),
    "providers/turn_credentials.h": ("turn_credentials",),
    # One header declares all commands of the program.
    "cmd/earmark/commands.h": ("command_",),
    # The connections of earmark-realtime and their users.
    "cmd/realtime/realtime_connection.h": ("realtime_",),
    # A table row, private to the files about payments.
    "domain/money/payment_row.h": ("payment_row",),
}


def strip(text):
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    text = re.sub(r"^[ \t]*#(?:.*\\\n)*.*$", "", text, flags=re.M)
    # Declarations within braces are not exported.
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
