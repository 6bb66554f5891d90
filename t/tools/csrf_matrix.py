#!/usr/bin/python3
"""Sends forged requests with a cookie to all writes that need a caller.

csrf_matrix.py URL BUILD COOKIES.json

COOKIES contains, for "user" and "staff": the cookie, its CSRF token, the CSRF
token of another session, and a cookie whose session has ended, with its CSRF
token. Prints TAP: one test for each route. The request with the ended session
is the control: it passes the checks of this test, and changes nothing.
"""
import http.client
import json
import re
import subprocess
import sys
import urllib.parse

URL, BUILD, COOKIES = sys.argv[1:]
HOST = urllib.parse.urlsplit(URL)
POOLS = ("auth user listeners favorites catalog calls wallet payments admin "
         "system").split()


def routes():
    for pool in POOLS:
        out = subprocess.run([f"{BUILD}/earmark-{pool}", "--routes"],
                             check=True, capture_output=True, text=True).stdout
        for line in out.splitlines():
            method, path, role = line.split()
            if method != "GET" and role not in ("open", "maybe"):
                yield method, re.sub(r"\{[^}]*\}", "1", path)


def send(conn, method, path, headers):
    conn.request(method, path, headers=headers)
    response = conn.getresponse()
    body = response.read()
    return response.status, json.loads(body)["error"] if body else None


def problems(conn, method, path, cookie, name):
    good = {"Cookie": f"{name}={cookie['cookie']}", "Origin": URL,
            "X-CSRF-Token": cookie["csrf"]}
    forged = {
        "no token": {"X-CSRF-Token": None},
        "an empty token": {"X-CSRF-Token": ""},
        "a wrong token": {"X-CSRF-Token": "A" * 43},
        "the token of another session": {"X-CSRF-Token": cookie["other"]},
        "the cookie as token": {"X-CSRF-Token": cookie["cookie"]},
        "no origin": {"Origin": None},
        "the origin null": {"Origin": "null"},
        "another origin": {"Origin": "https://evil.example"},
        "another port": {"Origin": f"http://{HOST.hostname}:1234"},
        "a longer origin": {"Origin": URL + ".evil.example"},
        "another scheme": {"Origin": URL.replace("http:", "https:")},
    }
    for what, change in forged.items():
        headers = {k: v for k, v in {**good, **change}.items()
                   if v is not None}
        got = send(conn, method, path, headers)
        if got != (403, "csrf"):
            yield f"{what}: {got}"
    got = send(conn, method, path, {
        **good, "Cookie": f"{name}={cookie['ended']}",
        "X-CSRF-Token": cookie["ended_csrf"]})
    if got != (401, "token_invalid"):
        yield f"the control: {got}"


def main():
    with open(COOKIES, encoding="utf-8") as f:
        cookies = json.load(f)
    conn = http.client.HTTPConnection(HOST.hostname, HOST.port, timeout=30)
    n = 0
    for n, (method, path) in enumerate(sorted(set(routes())), 1):
        staff = re.match(r"(/api/v1)?/admin/", path) is not None
        bad = list(problems(conn, method, path,
                            cookies["staff" if staff else "user"],
                            "__Host-earmark-staff" if staff else
                            "__Host-earmark"))
        print("not ok" if bad else "ok", n, "-", method, path)
        for line in bad:
            print("#", line)
    print(f"1..{n}")


main()
