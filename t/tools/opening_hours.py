#!/usr/bin/python3
"""opening_hours.py PROGRAM COUNT: compares t/tools/opening_hours with an
implementation in terms of Python's zoneinfo, for random hours, zones and
times. Many of the times are near changes of the clock. SEED repeats a run."""
import datetime as dt
import os
import random
import subprocess
import sys
import zoneinfo

UTC = dt.timezone.utc
EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)
# Half-hour and quarter-hour offsets, both hemispheres, both sides of the date
# line, changes of half an hour, negative daylight time, changes around Ramadan.
ZONES = """Europe/Berlin Europe/London Europe/Dublin America/New_York
America/St_Johns America/Santiago America/Nuuk Asia/Kolkata Asia/Kathmandu
Asia/Tehran Asia/Gaza Australia/Adelaide Australia/Sydney Australia/Lord_Howe
Pacific/Auckland Pacific/Chatham Pacific/Kiritimati Pacific/Apia
Pacific/Pago_Pago Africa/Casablanca UTC""".split()
# The day that Samoa skipped, changes of several zones, and other days.
DAYS = [dt.date(2011, 12, 30), dt.date(2027, 3, 14), dt.date(2027, 3, 28),
        dt.date(2027, 4, 4), dt.date(2027, 9, 26), dt.date(2027, 10, 3),
        dt.date(2027, 10, 31), dt.date(2027, 11, 7), dt.date(2031, 3, 30),
        dt.date(2060, 10, 31)]
HORIZON = 390


def text_time(minutes):
    return f"{minutes // 60:02}:{minutes % 60:02}"


def text_window(window):
    start, end = window
    return f"{text_time(start)}-{text_time(end if end <= 1440 else end - 1440)}"


def random_windows(rng, most):
    windows = []
    for _ in range(rng.randint(0, most)):
        start = rng.choice([0, 60, 90, 120, 150, 180, rng.randrange(1440)])
        end = rng.choice([1440, start + rng.randint(1, 1439), start + 15])
        if end > start and end - start < 1440 or (start, end) == (0, 1440):
            windows.append((start, end))
    return windows


def instant(zone, day, minutes):
    day += dt.timedelta(days=minutes // 1440)
    local = dt.datetime.combine(day, dt.time(minutes % 1440 // 60, minutes % 60),
                                zoneinfo.ZoneInfo(zone))
    return (local.astimezone(UTC) - EPOCH) // dt.timedelta(milliseconds=1)


def openings(zone, weekly, exceptions, first, days):
    """All windows as merged times."""
    spans = []
    for n in range(days):
        day = first + dt.timedelta(days=n)
        windows = [w for d, w in weekly if d == day.isoweekday()]
        for start, end, special in exceptions:
            if start <= day <= end:
                windows = special
                break
        for start, end in windows:
            span = instant(zone, day, start), instant(zone, day, end)
            if span[0] < span[1]:
                spans.append(span)
    merged = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return merged


def expect(zone, weekly, exceptions, now, not_before):
    local = (EPOCH + dt.timedelta(milliseconds=now)).astimezone(
        zoneinfo.ZoneInfo(zone)).date()
    # The hours repeat after the last exception, so a few days are enough.
    end = max([local] + [e[1] for e in exceptions]) + dt.timedelta(days=12)
    days = min((end - local).days, HORIZON)
    first = local - dt.timedelta(days=9)
    found = None
    spans = openings(zone, weekly, exceptions, first, days + 9)
    for start, end in spans:
        for at in (start, not_before):
            if found is None and now < at and not_before <= at and \
                    start <= at < end:
                found = at
    inside = any(start <= now < end for start, end in spans)
    return f"{'-' if found is None else found} {int(inside)}"


def random_case(rng):
    zone = rng.choice(ZONES)
    day = rng.choice(DAYS + [dt.date(2026, 1, 1) + dt.timedelta(
        days=rng.randrange(1500))])
    now = instant("UTC", day + dt.timedelta(days=rng.randint(-3, 2)), 0) + \
        rng.choice([rng.randrange(24 * 60) * 60000, rng.randrange(86400000)])
    not_before = rng.choice([0, 0, now + rng.randrange(86400000)])
    weekly = [(d, w) for d in range(1, 8) for w in random_windows(rng, 2)]
    if rng.random() < 0.1:
        weekly = [(d, (0, 1440)) for d in range(1, 8)]
    elif rng.random() < 0.1:
        weekly = weekly[:1]
    exceptions = []
    start = day - dt.timedelta(days=rng.randint(0, 20))
    for _ in range(rng.randint(0, 3)):
        start += dt.timedelta(days=rng.randint(1, 10))
        end = start + dt.timedelta(days=rng.choice([0, 0, 2, 30]))
        exceptions.append((start, end, random_windows(rng, 2)))
        start = end
    return zone, weekly, exceptions, now, not_before


def main():
    seed = int(os.environ.get("SEED") or random.randrange(1 << 31))
    print(f"SEED={seed}", flush=True)
    rng = random.Random(seed)
    cases = [random_case(rng) for _ in range(int(sys.argv[2]))]
    lines = ["|".join([
        zone, "".join(f"{d} {text_window(w)};" for d, w in weekly),
        "".join(f"{a} {b}" + "".join(f" {text_window(w)}" for w in windows) +
                ";" for a, b, windows in exceptions),
        str(now), str(not_before)])
        for zone, weekly, exceptions, now, not_before in cases]
    run = subprocess.run([sys.argv[1]], input="\n".join(lines) + "\n",
                         capture_output=True, text=True, check=True)
    got = run.stdout.splitlines()
    assert len(got) == len(cases), f"{len(got)} results"
    wrong = 0
    for line, case, result in zip(lines, cases, got):
        want = expect(*case)
        if result != want:
            wrong += 1
            if wrong <= 10:
                print(f"{line}\n  returned {result}, expected {want}")
    print(f"{len(cases)} schedules, {wrong} wrong, "
          f"{sum(r[0] != '-' for r in got)} with an opening, "
          f"{sum(r[-1] == '1' for r in got)} open")
    sys.exit(wrong > 0)


main()
