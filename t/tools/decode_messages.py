#!/usr/bin/python3
"""Prints the messages that the doubles received, decoded with Python's standard
library: push messages by json, SMS of Twilio by urllib.parse, e-mail by email.

decode_messages.py SENDERS.LOG MAILS.LOG

Each message is a line: the channel, the recipient, the sender's name (e-mail),
the title or subject, and the text, separated by "|". Line ends within a text
are spaces.
"""
import email
import email.policy
import json
import sys
import urllib.parse


def show(*fields):
    print("|".join(" ".join(field.split()) for field in fields))


def push(raw):
    message = json.loads(raw)["message"]
    text = message["notification"]
    show("push", message["token"], "", text["title"], text["body"])


def sms(raw):
    form = dict(urllib.parse.parse_qsl(raw, strict_parsing=True,
                                       errors="strict"))
    show("sms", form["To"], "", "", form["Body"])


def mail(text):
    assert text.isascii()
    m = email.message_from_string(text, policy=email.policy.default)
    assert not m.defects and m.get_content_charset() == "utf-8", m.defects
    show("email", m["To"].addresses[0].addr_spec,
         m["From"].addresses[0].display_name, m["Subject"], m.get_content())


for line in open(sys.argv[1], encoding="utf-8"):
    seen = json.loads(line)
    if seen["what"] == "fcm":
        push(seen["raw"])
    elif seen["what"] == "twilio":
        sms(seen["raw"])
for line in open(sys.argv[2], encoding="utf-8"):
    mail(json.loads(line)["text"])
