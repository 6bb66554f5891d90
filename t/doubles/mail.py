#!/usr/bin/python3
"""A mail server with STARTTLS and AUTH that stores messages: mail.py PORTFILE
LOG CERT KEY [FAULTS [RATE]]. Addresses that begin with "no" get a 5xx reply, with
"later" a 4xx reply. User and password are "house" and "secret".

FAULTS is a file with the line "PHASE REPLY", or an empty or absent one. The
command of that phase gets that reply: greeting, ehlo, starttls, auth, mail,
rcpt, data, text. The reply "drop" closes the connection; "accept-drop" stores
the message and closes the connection without a reply to its final dot.

With RATE, this part of the commands leads to a fault in a random phase: a 4xx
reply, a reply that rejects our account (5xx, or 454 to STARTTLS), no reply for
HANG seconds, the end of the connection, or its end within the TLS handshake or
after the final dot. Each kind in each phase is drawn once before the next
round. Rejections of the account occur once each, at most ACCOUNT_FAULTS, because
the sender pauses after each. SEED is read from the environment. LOG then also
has a line for each fault. Connections end after some of the messages.
"""
import asyncio
import json
import os
import random
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

FAULTS = sys.argv[5] if len(sys.argv) > 5 else os.devnull
RATE = float(sys.argv[6]) if len(sys.argv) > 6 else 0
HANG = 12
ACCOUNT_FAULTS = 7 if os.environ.get("EARMARK_FAULT") == "full" else 2
dice = random.Random(int(os.environ.get("SEED", "1")))
LATER = {"greeting": "421 4.3.2 too many connections",
         "ehlo": "451 4.3.0 later", "auth": "454 4.7.0 later",
         "mail": "451 4.3.0 later", "rcpt": "450 4.2.0 greylisted",
         "data": "451 4.3.0 later", "text": "452 4.3.1 no space"}
ACCOUNT = [("greeting", "554 5.3.2 no service"), ("ehlo", "530 5.7.1 go away"),
           ("starttls", "454 4.7.0 TLS not available"),
           ("auth", "535 5.7.8 credentials invalid"),
           ("auth", "538 5.7.11 encryption required"),
           ("mail", "550 5.4.5 daily quota exceeded"),
           ("mail", "553 5.1.8 bad sender")]


def note(**line):
    with open(sys.argv[2], "a", encoding="utf-8") as f:
        f.write(json.dumps(line) + "\n")


class Chaos:
    """The next fault. It happens when its phase comes."""

    def __init__(self):
        self.account = dice.sample(ACCOUNT, ACCOUNT_FAULTS)
        self.deck, self.next = [], None

    def draw(self):
        if not self.deck:
            self.deck = list(LATER.items()) + [
                (phase, kind) for phase in [*LATER, "starttls"]
                for kind in ("hang", "drop")] + [
                    ("starttls", "drop-tls"), ("text", "accept-drop")]
            self.deck += self.account[:1]
            del self.account[:1]
            dice.shuffle(self.deck)
        return self.deck.pop()

    def take(self, phase):
        if self.next is None and dice.random() < RATE:
            self.next = self.draw()
        if self.next is None or self.next[0] != phase:
            return None
        reply, self.next = self.next[1], None
        note(what="fault", phase=phase, reply=reply,
             account=(phase, reply) in ACCOUNT)
        return reply


chaos = Chaos()


def fault(phase):
    """Returns the reply that a phase must get, or None."""
    if RATE:
        return chaos.take(phase)
    try:
        with open(FAULTS, encoding="utf-8") as f:
            name, _, reply = f.read().strip().partition(" ")
    except OSError:
        return None
    return reply if name == phase else None


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=data.login == b"house" and
                      data.password == b"secret")


class Keep:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("no"):
            return "550 no such user"
        if address.startswith("later"):
            return "451 later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        reply = fault("text")
        if reply is not None and reply != "accept-drop":
            return await server.refuse(reply)
        note(to=envelope.rcpt_tos, tls=session.ssl is not None,
             user=session.authenticated, text=envelope.content.decode(),
             **{"from": envelope.mail_from})
        if RATE and dice.random() < 0.3:
            asyncio.get_running_loop().call_later(0.05, server.transport.close)
        return await server.refuse("drop") if reply else "250 OK"


class Server(SMTP):
    async def refuse(self, reply):
        """Returns a reply, or closes the connection."""
        if reply == "hang":
            await asyncio.sleep(HANG)
        if reply == "drop-tls":
            await super().push("220 Ready to start TLS")
        if reply in ("drop", "hang", "drop-tls"):
            self.transport.abort()
            return "421 closed"
        return reply

    async def push(self, status):
        text = status if isinstance(status, str) else status.decode()
        if text.startswith("220 ") and self.session.host_name is None:
            reply = fault("greeting")
            if reply is not None and "TLS" not in text:
                text = await self.refuse(reply)
        await super().push(text)


def faulty(phase, method):
    async def run(self, arg):
        reply = fault(phase)
        if reply is None:
            return await method(self, arg)
        return await self.push(await self.refuse(reply))
    run.__auth_required__ = getattr(method, "__auth_required__", False)
    return run


for command, name in (("EHLO", "ehlo"), ("HELO", "ehlo"),
                      ("STARTTLS", "starttls"), ("AUTH", "auth"),
                      ("MAIL", "mail"), ("RCPT", "rcpt"), ("DATA", "data")):
    setattr(Server, "smtp_" + command,
            faulty(name, getattr(SMTP, "smtp_" + command)))


async def main():
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[3], sys.argv[4])
    server = await asyncio.get_running_loop().create_server(
        lambda: Server(Keep(), tls_context=tls, require_starttls=True,
                       authenticator=authenticate, auth_required=False),
        "127.0.0.1", 0)
    with open(sys.argv[1] + ".new", "w", encoding="utf-8") as f:
        f.write(str(server.sockets[0].getsockname()[1]))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    await server.serve_forever()

asyncio.run(main())
