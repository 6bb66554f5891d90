#!/usr/bin/python3
"""Sends one request with several access tokens at the same time.

usage: at_once.py URL JSON <TOKENS

TOKENS has one token on each line. Prints the status and the body of each
response on one line.
"""

import http.client
import sys
import threading
import urllib.parse


def main():
    to = urllib.parse.urlsplit(sys.argv[1])
    tokens = sys.stdin.read().split()
    barrier = threading.Barrier(len(tokens))
    lines = [""] * len(tokens)

    def send(i):
        link = http.client.HTTPConnection(to.hostname, to.port, timeout=30)
        link.connect()
        barrier.wait()
        link.request("POST", to.path, sys.argv[2],
                     {"Content-Type": "application/json",
                      "Authorization": "Bearer " + tokens[i]})
        answer = link.getresponse()
        lines[i] = f"{answer.status} {answer.read().decode()}"

    threads = [threading.Thread(target=send, args=(i,))
               for i in range(len(tokens))]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    print("\n".join(lines))


main()
