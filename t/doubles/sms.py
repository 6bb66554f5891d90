#!/usr/bin/python3
"""Doubles of SMS providers in India: sms.py PORTFILE LOG.

POST /msg91/api/v5/flow is MSG91 (https://docs.msg91.com), POST
/fast2sms/dev/bulkV2 is Fast2SMS (https://docs.fast2sms.com). They reject what
the vendors document: a wrong key, a number that is not digits with the country
code, an unknown template or sender, missing variables, and text that differs
from the registered template (DLT). Rejections of MSG91 have the status 200.
"""
import http.server
import json
import os
import re
import sys

KEY = "k3y-of-the-account"
# The registered templates: ID, text with {#var#}, entity, sender.
TEMPLATES = {
    "1107160000000000001": ("{#var#} is your code to sign in to {#var#}. Do not"
                            " share it.\nyY9CeQORT+t\n@example.com #{#var#}",
                            "1101000000000000001", "ERMARK"),
    "1107160000000000002": ("{#var#} {#var#} साइन इन कोड है।\n"
                            "yY9CeQORT+t\n@example.com #{#var#}",
                            "1101000000000000001", "ERMARK"),
}


def matches(template, text):
    """Returns whether the text is the template with values."""
    pattern = re.escape(template).replace(re.escape("{#var#}"), "([^\\n]{1,30})")
    return re.fullmatch(pattern, text) is not None


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        with open(sys.argv[2], "a", encoding="utf-8") as f:
            f.write(json.dumps({"path": self.path, "given": self.given,
                                "status": status, "answer": body}) + "\n")

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.given = raw.decode()
        try:
            given = json.loads(raw)
            if self.headers["Content-Type"] != "application/json":
                raise ValueError
        except ValueError:
            return self.answer(400, {"type": "error", "return": False,
                                     "message": "invalid JSON"})
        if self.path == "/msg91/api/v5/flow":
            return self.msg91(given)
        if self.path == "/fast2sms/dev/bulkV2":
            return self.fast2sms(given)
        return self.answer(404, {})

    def msg91(self, given):
        def wrong(message):
            return self.answer(200, {"type": "error", "message": message})

        if self.headers["authkey"] != KEY:
            return self.answer(401, {"type": "error",
                                     "message": "Authentication failure"})
        if given.get("template_id") not in TEMPLATES:
            return wrong("Template ID missing or invalid")
        recipients = given.get("recipients")
        if not isinstance(recipients, list) or len(recipients) != 1:
            return wrong("recipients missing")
        one = recipients[0]
        if not re.fullmatch("[1-9][0-9]{9,14}", one.get("mobiles", "")):
            return wrong("Mobile number is invalid")
        if not re.fullmatch("[0-9]{6}", one.get("code", "")):
            return wrong("Variable code missing")
        return self.answer(200, {"type": "success",
                                 "message": "33676b6b6d6f"})

    def fast2sms(self, given):
        def wrong(code, message):
            return self.answer(400, {"return": False, "status_code": code,
                                     "message": message})

        if self.headers["authorization"] != KEY:
            return self.answer(401, {"return": False, "status_code": 412,
                                     "message": "Invalid Authentication"})
        if given.get("route") != "dlt_manual":
            return wrong(402, "Invalid route")
        template = TEMPLATES.get(given.get("template_id"))
        if template is None:
            return wrong(424, "Invalid Message ID")
        text, entity, sender = template
        if given.get("sender_id") != sender:
            return wrong(406, "Invalid Sender ID")
        if given.get("entity_id") != entity:
            return wrong(425, "Invalid Entity ID")
        if not re.fullmatch("[6-9][0-9]{9}|91[6-9][0-9]{9}",
                            given.get("numbers", "")):
            return wrong(411, "Invalid Numbers")
        if not matches(text, given.get("message", "")):
            return wrong(427, "Message does not match the template")
        return self.answer(200, {"return": True, "request_id": "lwdtp7cjyqxvfe9",
                                 "message": ["SMS sent successfully."]})


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(sys.argv[1] + ".new", "w", encoding="utf-8") as out:
    out.write(str(server.server_address[1]))
os.rename(sys.argv[1] + ".new", sys.argv[1])
server.serve_forever()
