"""The targets of the results. Each row: (what, value, sign, target, met).

The value of a ratio is Earmark's divided by the peer's. `best` uses the
better of two configurations of the peer (one process, a cluster of two), so
that the configuration is no disadvantage. Rows without results are omitted.
"""


def judge(med, extra):
    rows = []

    def row(name, value, sign, target):
        if value is not None:
            ok = value >= target if sign == ">=" else value <= target
            rows.append((name, value, sign, target, ok))

    def over(a, b):
        return a / b if a is not None and b else None

    def us(load, key="rps"):
        return med("earmark", load, key)

    def best(load):
        both = [x for x in (med("fastify1", load), med("fastify2", load)) if x]
        return max(both, default=None)

    hello = med("hello", "list")
    row("destinations, one user, over hello", over(us("destinations"), hello),
        ">=", 1.0)
    row("flyers, one user, over hello", over(us("flyers"), hello), ">=", 1.0)
    row("100 listeners over hello", over(us("listeners"), hello), ">=", 0.5)
    for load in ("destinations", "flyers"):
        row(f"p99 of {load} over hello's",
            over(us(load, "p99"), med("hello", "list", "p99")), "<=", 2.5)
    users = med("hello", "users")
    row("destinations, 10,000 users, over hello",
        over(us("users_destinations"), users), ">=", 0.85)
    row("flyers, 10,000 users, over hello",
        over(us("users_flyers"), users), ">=", 0.6)
    for load, most in (("users_destinations", 28), ("users_flyers", 45)):
        row(f"p99 of {load} over hello's",
            over(us(load, "p99"), med("hello", "users", "p99")), "<=", 3)
        row(f"us of CPU time of a worker for {load}", us(load, "us_app"),
            "<=", most)
    row("destinations, 10,000 users, over Fastify",
        over(us("users_destinations"), best("users_destinations")), ">=", 3)
    row("check of 10,000 users over hello",
        over(us("check_users"), med("hello", "check_users")), ">=", 1.4)
    for load, target in (("check", 1.4), ("count", 1.4), ("cached", 1.5)):
        row(f"{load} over hello", over(us(load), med("hello", load)),
            ">=", target)
    row("save and unsave over bare SQLite's commits",
        over(us("mix"), med("bare", "mix")), ">=", 2.0)
    row("p99 of save and unsave over its p50",
        over(us("mix", "p99"), us("mix", "p50")), "<=", 5)
    row("destinations over Django REST framework",
        over(us("destinations"), med("drf", "destinations")), ">=", 40)
    for load, target in (("destinations", 4.5), ("check", 1.6), ("count", 1.4),
                         ("mix", 3.2), ("rw", 2.4)):
        row(f"{load} over Fastify", over(us(load), best(load)), ">=", target)
    row("memory of the workers over Fastify's, one process",
        over(extra.get("rss_earmark"), extra.get("rss_fastify1")),
        "<=", 0.25)
    for conns in (32, 128):
        rps, p50 = us(f"crowd{conns}"), us(f"crowd{conns}", "p50")
        row(f"rate x median latency over {conns} connections",
            rps and rps * p50 / 1e6 / conns, ">=", 0.8)
        row(f"new clients lost during {conns} connections",
            extra.get(f"lost_{conns}"), "<=", 0)
    row("median latency in a storm of logins over calm",
        over(us("storm", "p50"), us("calm", "p50")), "<=", 1.2)
    row("requests calm over in a storm of logins",
        over(us("calm"), us("storm")), "<=", 1.2)
    for load, what in (("session", "sessions"), ("webhook", "webhooks")):
        row(f"{what} over save and unsave", over(us(load), us(load + "_mix")),
            ">=", 0.4)
        row(f"share of {what} that failed", over(us(load, "bad"),
            us(load, "n")), "<=", 0.01)
        row(f"p99 of {what} over their p50",
            over(us(load, "p99"), us(load, "p50")), "<=", 5)
        row(f"{what} during ledger verify over without",
            over(us(load + "_verify"), us(load)), ">=", 0.5)
    row("seconds of ledger verify over a million entries",
        extra.get("verify_seconds"), "<=", 10)
    row("share of a core to store the presence in 10,000 live sessions",
        extra.get("presence_core"), "<=", 0.05)
    row("ms from a commit to the client, median, 1,000 connections",
        extra.get("commit_p50"), "<=", 5)
    row("ms from a commit to the client, p99, 1,000 connections",
        extra.get("commit_p99"), "<=", 50)
    row("backups made during save and unsave", extra.get("backup_made"),
        ">=", 1)
    row("p99 of searches over those by unicode61", extra.get("search_p99"),
        "<=", 1.5)
    row("p99 of save and unsave during a backup over without",
        over(us("backup", "p99"), us("unbacked", "p99")), "<=", 5)
    row("ms that the slowest write is slower during a backup",
        extra.get("backup_slower_ms"), "<=", 100)
    row("save and unsave with the archive over without",
        over(us("archived"), us("unarchived")), ">=", 0.9)
    row("p99 of save and unsave with the archive over without",
        over(us("archived", "p99"), us("unarchived", "p99")), "<=", 1.2)
    row("segments in the archive after save and unsave",
        extra.get("archive_segments"), ">=", 1)
    row("administrators' far pages over their first, the worst",
        extra.get("admin_ratio"), "<=", 1.5)
    row("ms of the slowest page of administrators", extra.get("admin_ms"),
        "<=", 25)
    row("ms of analytics over a year, the slowest", extra.get("year_ms"),
        "<=", 100)
    row("MiB of the write-ahead log after a run, the most",
        extra.get("wal_mib"), "<=", 16)
    row("MiB of a worker, the most", extra.get("rss_worker"), "<=", 16)
    return rows
