#!/usr/bin/python3
"""Compares responses to uploads whose body nginx does not read with responses
of the worker.

refused_uploads.py PORT SOCKETS FILE

Each line of FILE has a credential: headers separated by tabs, or nothing. Sends
requests with all combinations of credential, path, method, Accept and Origin:
to nginx with the headers only, although they declare a body of 12 MiB, and to
the worker without a body. Both responses must have the same status, headers and
body. Prints each difference and the number of each status. Exits with 1 if
there is a difference.
"""
import collections
import http.client
import itertools
import sys

from fastcgi import PARAMS, STDIN, Stream, begin, pair, record

PATHS = ["/user/profile/image", "/api/v1/user/profile/image/",
         "/user/profile/image?x=%41", "/api/flyers/1/image",
         "/api/flyers/1/image/", "/api/flyers/x%41/image",
         "/api/flyers/a,b/image"]
METHODS = ["PUT", "POST", "GET", "HEAD", "OPTIONS"]
ACCEPTS = ["*/*", "application/problem+json"]
ORIGINS = [None, "https://app.example.com", "https://evil.example"]
ID = "compared-request"
# Headers that nginx adds or that concern the transfer, and one that browsers do
# not read in responses to preflight requests (Fetch standard, section 4.8).
IGNORED = {"date", "server", "connection", "content-length"}
PREFLIGHT_IGNORED = {"access-control-expose-headers"}


def plain(status, headers, body):
    ignored = IGNORED | (PREFLIGHT_IGNORED if status == 204 else set())
    return (status, body, sorted(
        (k.lower(), v) for k, v in headers if k.lower() not in ignored))


def by_nginx(port, method, path, headers):
    conn = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    conn.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers + [("Content-Length", str(12 << 20))]:
        conn.putheader(name, value)
    conn.endheaders()
    got = conn.getresponse()
    body = got.read()
    conn.close()
    return plain(got.status, got.getheaders(), body.decode())


def by_worker(sockets, port, method, path, headers):
    pool = "catalog" if "flyers" in path else "user"
    params = {"REQUEST_METHOD": method, "REQUEST_URI": path,
              "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": f"127.0.0.1:{port}"}
    for name, value in headers:
        params["HTTP_" + name.upper().replace("-", "_")] = value
    stream = Stream(f"{sockets}/{pool}.sock")
    stream.send(begin(0) + record(PARAMS, b"".join(
        pair(*p) for p in params.items())) + record(PARAMS) + record(STDIN))
    head, _, body = stream.answer().partition("\r\n\r\n")
    lines = [line.split(": ", 1) for line in head.split("\r\n")]
    status = int(lines.pop(0)[1].split()[0])
    return plain(status, lines, body.encode("latin-1").decode())


def main():
    port, sockets = int(sys.argv[1]), sys.argv[2]
    with open(sys.argv[3], encoding="utf-8") as f:
        credentials = [[tuple(header.split(": ", 1)) for header in
                        line.rstrip("\n").split("\t") if header] for line in f]
    seen, bad = collections.Counter(), 0
    for credential, path, method, accept, origin in itertools.product(
            credentials, PATHS, METHODS, ACCEPTS, ORIGINS):
        headers = credential + [("Accept", accept), ("X-Request-Id", ID)]
        if origin and not any(name == "Origin" for name, _ in headers):
            headers.append(("Origin", origin))
        want = by_worker(sockets, port, method, path, headers)
        got = by_nginx(port, method, path, headers)
        if method == "HEAD":            # nginx removes bodies
            want = want[0], "", want[2]
        # nginx answers preflight requests to unknown paths too.
        if method == "OPTIONS" and want[0] == 404 and got[0] == 204:
            continue
        seen[got[0]] += 1
        if got != want:
            bad += 1
            if bad < 9:
                print(method, path, headers, "worker:", want, "nginx:", got,
                      sep="\n  ")
    print(dict(seen), bad, "differences")
    return 1 if bad else 0


sys.exit(main())
