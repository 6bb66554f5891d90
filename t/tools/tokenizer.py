#!/usr/bin/python3
"""Loads the tokenizer of the full-text indexes into a connection.

Statements that change an indexed text need it. EM_BUILD or EARMARK_BUILD is the
build folder; the default is build/.
"""
import os


def load(db):
    build = (os.environ.get("EM_BUILD") or os.environ.get("EARMARK_BUILD") or
             os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                          "..", "build"))
    db.enable_load_extension(True)
    db.load_extension(os.path.join(build, "lib", "db", "tokenizer"))
    db.enable_load_extension(False)
    return db
