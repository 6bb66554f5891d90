#!/usr/bin/python3
"""Compares a large response with the stored rows.

 large_responses.py favorites DATABASE USER FILE
 large_responses.py export DATABASE USER FILE

FILE is the array of favorite flyers of a user, or the export of a user.
Prints the number of items. Prints differences and exits with 1.
"""
import json
import sqlite3
import sys
import uuid


def favorites(db, user, got):
    want = [
        {"id": i, "flyer_id": f, "title": t, "description": d}
        for i, f, t, d in db.execute(
            "SELECT v.id, f.id, f.title, f.description FROM favorite AS v "
            "JOIN flyer AS f ON f.id = v.entity_id "
            "WHERE v.user_id = ? AND v.kind = 2 "
            "ORDER BY v.created_at DESC, v.id DESC", (user,))]
    have = [
        {"id": v["id"], "flyer_id": v["flyer_id"],
         "title": v["flyer"]["title"],
         "description": v["flyer"]["description"]} for v in got]
    return {"favorites": (want, have)}


def export(db, user, got):
    flyers = [list(row) for row in db.execute(
        "SELECT id, title, description FROM flyer WHERE publisher_id = ? "
        "ORDER BY id", (user,))]
    documents = [[str(uuid.UUID(bytes=u)), t, c] for u, t, c in db.execute(
        "SELECT uuid, title, content FROM document WHERE owner_id = ? "
        "ORDER BY is_public, id", (user,))]
    saved = db.execute("SELECT count(*) FROM favorite WHERE user_id = ?",
                       (user,)).fetchone()[0]
    return {
        "flyers": (flyers, [[f["id"], f["title"], f["description"]]
                            for f in got["flyers"]]),
        "documents": (documents, [[d["id"], d["title"], d["content"]]
                                  for d in got["documents"]]),
        "favorites": (saved, len(got["favorites"])),
        "last member": ("activity", list(got)[-1]),
    }


def main(what, database, user, file):
    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    with open(file, encoding="utf-8") as f:
        got = json.load(f)
    pairs = {"favorites": favorites, "export": export}[what](
        db, int(user), got)
    wrong = [name for name, (want, have) in pairs.items() if want != have]
    for name in wrong:
        print(f"{name} differs from the stored rows")
    if not wrong:
        print(sum(len(want) for want, _ in pairs.values()
                  if isinstance(want, list)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
