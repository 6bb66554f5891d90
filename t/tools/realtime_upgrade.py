#!/usr/bin/python3
"""What a client can send to /realtime beside the two requests that it is for.

    realtime_upgrade.py PORT STATE TOKEN

Each case sends bytes through nginx, or straight to the socket of
earmark-realtime, and looks at the first response. Prints one line a case, and
FAILED lines; the exit status is 1 if something was wrong.
"""
import base64
import json
import os
import socket
import struct
import sys

PORT, STATE, TOKEN = int(sys.argv[1]), sys.argv[2], sys.argv[3]
STREAM = "Accept: text/event-stream\r\n"
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\4" + bytes(5)
wrong = 0


def websocket(version="13", key=None):
    key = key or base64.b64encode(os.urandom(16)).decode()
    return ("Upgrade: websocket\r\nConnection: upgrade\r\n"
            f"Sec-WebSocket-Version: {version}\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Protocol: earmark.v1\r\n")


def h2c():
    return ("Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\n"
            "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n")


def frame(text):
    """A masked text frame, RFC 6455 5.2."""
    mask = os.urandom(4)
    body = bytes(b ^ mask[i % 4] for i, b in enumerate(text))
    return struct.pack("BB", 0x81, 0x80 | len(text)) + mask + body


def receive(s, seconds=2.0, until=None):
    s.settimeout(seconds)
    data = b""
    try:
        while until is None or until not in data:
            got = s.recv(65536)
            if not got:
                break
            data += got
    except (TimeoutError, ConnectionError):
        pass
    return data


def send(headers, method="GET", body=b"", path="/realtime"):
    s = socket.create_connection(("127.0.0.1", PORT), 5)
    s.sendall(f"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
              f"{TOKEN}\r\n{headers}\r\n".encode() + body)
    return s


def check(name, ok, got):
    global wrong
    if not ok:
        wrong += 1
        print("FAILED:", name, got[:300])
    else:
        print(name)


def envelope(data):
    head, _, body = data.partition(b"\r\n\r\n")
    try:
        return int(head.split()[1]), json.loads(body)["error"]
    except (ValueError, IndexError, KeyError):
        return 0, ""


def status(name, want, *args, **more):
    s = send(*args, **more)
    data = receive(s, until=b"}")
    s.close()
    check(name, envelope(data) == want, data)


def opens(name, first, *args, **more):
    """It opens; nothing but the ready event comes before `first` is sent."""
    s = send(*args, **more)
    data = receive(s, until=b'"ready"')
    check(name, data.startswith(first) and b'"ready"' in data, data)
    return s


def main():
    refused = (426, "upgrade_required")
    status("an upgrade to h2c is refused", refused, h2c())
    status("an unknown upgrade is refused", refused, "Upgrade: foo\r\n"
           "Connection: upgrade\r\n")
    status("another version is refused", refused, websocket(version="8"))
    status("a key that is none is refused", (400, "bad_request"),
           websocket(key="x" * 5000))
    for method in ("POST", "PUT", "DELETE", "OPTIONS", "HEAD"):
        for kind in STREAM, websocket():
            s = send(kind + "Content-Length: 0\r\n", method=method)
            data = receive(s, until=b"}" if method != "HEAD" else b"\r\n\r\n")
            s.close()
            check(f"{method} opens nothing", data.startswith(
                b"HTTP/1.1 405 ") and b"\r\nAllow: GET\r\n" in data, data)

    s = opens("a stream beside an upgrade to h2c is a stream",
              b"HTTP/1.1 200 ", STREAM + h2c())
    s.sendall(PREFACE)
    data = receive(s, 0.5)
    check("and what follows is no HTTP/2", data == b"", data)
    s.close()

    ping = frame(b'{"type":"ping"}')
    s = opens("a body before the frames is not read as frames",
              b"HTTP/1.1 101 ", websocket() +
              f"Content-Length: {len(ping)}\r\n", body=ping)
    data = receive(s, 0.5)
    check("and has no response", b"pong" not in data, data)
    s.sendall(ping)
    data = receive(s, until=b"pong")
    check("but a frame has", b"pong" in data, data)
    s.close()

    for kind, first in (STREAM, b"HTTP/1.1 200 "), (websocket(),
                                                    b"HTTP/1.1 101 "):
        for header in ("X-Long", "Last-Event-ID", "Cookie"):
            s = opens(f"a {header} of 5,000 bytes is no error", first,
                      kind + f"{header}: {'y' * 5000}\r\n")
            s.close()
        s = opens("nor is such a query", first, kind,
                  path="/realtime?after=" + "1" * 5000)
        s.close()

    # The program itself, without nginx.
    for name in "h2c", "foo":
        s = socket.socket(socket.AF_UNIX)
        s.connect(f"{STATE}/run/realtime-http.sock")
        s.sendall(f"GET /realtime HTTP/1.1\r\nHost: x\r\n"
                  f"X-Earmark-User: 1 0 0\r\nConnection: Upgrade\r\n"
                  f"{h2c().replace(': h2c', ': ' + name)}\r\n".encode())
        data = receive(s)
        s.close()
        check(f"earmark-realtime does not upgrade to {name}",
              b" 101 " not in data and b" 200 " not in data, data)
    return 1 if wrong else 0


sys.exit(main())
