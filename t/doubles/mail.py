#!/usr/bin/python3
"""A mail server with STARTTLS that stores messages: mail.py PORTFILE LOG CERT
KEY. Addresses that begin with "no" get a 5xx reply, with "later" a 4xx reply.
"""
import asyncio
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP


class Keep:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("no"):
            return "550 no such user"
        if address.startswith("later"):
            return "451 later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        with open(sys.argv[2], "a", encoding="utf-8") as f:
            f.write(json.dumps({"from": envelope.mail_from,
                                "to": envelope.rcpt_tos,
                                "tls": session.ssl is not None,
                                "text": envelope.content.decode()}) + "\n")
        return "250 OK"


async def main():
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[3], sys.argv[4])
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(Keep(), tls_context=tls, require_starttls=True),
        "127.0.0.1", 0)
    with open(sys.argv[1] + ".new", "w", encoding="utf-8") as f:
        f.write(str(server.sockets[0].getsockname()[1]))
    os.rename(sys.argv[1] + ".new", sys.argv[1])
    await server.serve_forever()

asyncio.run(main())
