#!/usr/bin/python3
"""A mail server with STARTTLS and AUTH that stores messages: mail.py PORTFILE
LOG CERT KEY [FAULTS]. Addresses that begin with "no" get a 5xx reply, with
"later" a 4xx reply. User and password are "house" and "secret".

FAULTS is a file with the line "PHASE REPLY", or an empty or absent one. The
command of that phase gets that reply: greeting, ehlo, starttls, auth, mail,
rcpt, data, text. The reply "drop" closes the connection; "accept-drop" stores
the message and closes the connection without a reply to its final dot.
"""
import asyncio
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

FAULTS = sys.argv[5] if len(sys.argv) > 5 else os.devnull


def fault(phase):
    """Returns the reply that a phase must get, or None."""
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
            return server.refuse(reply)
        with open(sys.argv[2], "a", encoding="utf-8") as f:
            f.write(json.dumps({"from": envelope.mail_from,
                                "to": envelope.rcpt_tos,
                                "tls": session.ssl is not None,
                                "user": session.authenticated,
                                "text": envelope.content.decode()}) + "\n")
        return server.refuse("drop") if reply else "250 OK"


class Server(SMTP):
    def refuse(self, reply):
        """Returns a reply, or closes the connection."""
        if reply == "drop":
            self.transport.abort()
            return "421 closed"
        return reply

    async def push(self, status):
        text = status if isinstance(status, str) else status.decode()
        if text.startswith("220 ") and self.session.host_name is None:
            reply = fault("greeting")
            if reply is not None and "TLS" not in text:
                text = self.refuse(reply)
        await super().push(text)


def faulty(phase, method):
    async def run(self, arg):
        reply = fault(phase)
        if reply is None:
            return await method(self, arg)
        return await self.push(self.refuse(reply))
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
