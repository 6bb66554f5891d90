#!/usr/bin/python3
"""A double of Stripe: payment intents, charges, refunds, events.

usage: stripe.py [--port N] [--key SECRET] [--hook-secret S] [--hook-url URL]

Implements https://docs.stripe.com/api. See double.py for its control
requests. Its own verbs are pay, fail, cancel, refund (made at the provider),
refund_state, dispute, dispute_close and price, each with {"ref": "pi_..."}.
"""

import re
import sys
import threading
import urllib.parse

sys.dont_write_bytecode = True
import double  # noqa: E402
from double import Answer, new_id, now

VERSION = "2026-10-28.endive"
FORM = "application/x-www-form-urlencoded"
# Currencies and rules of https://docs.stripe.com/currencies: two decimals, if
# no other list names the currency.
CURRENCIES = set(
    "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd"
    " bob brl bsd bwp byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop"
    " dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr"
    " ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd"
    " lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok"
    " npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr"
    " sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah ugx"
    " usd uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw".split())
ZERO_DECIMAL = set("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof"
                   " xpf".split())
THREE_DECIMAL = set("bhd jod kwd omr tnd".split())
# "Represent it as a two-decimal value, where the decimal amount is always 00."
WHOLE = {"isk", "ugx"}
AMOUNT_MIN = {"usd": 50, "eur": 50, "gbp": 30, "inr": 50, "jpy": 50}
AMOUNT_MAX = 99999999

CREATE = {"amount", "currency", "automatic_payment_methods[enabled]",
          "automatic_payment_methods[allow_redirects]", "capture_method",
          "confirm", "confirmation_method", "customer", "description",
          "payment_method", "payment_method_types[]", "receipt_email",
          "return_url", "statement_descriptor", "statement_descriptor_suffix",
          "setup_future_usage", "transfer_group"}
CONFIRM = {"payment_method", "return_url", "off_session", "receipt_email"}
REFUND = {"amount", "charge", "payment_intent", "reason"}
LIST = {"limit", "starting_after", "ending_before", "payment_intent",
        "charge", "created"}
REASONS = {"duplicate", "fraudulent", "requested_by_customer"}


def refuse(status, kind, message, **more):
    error = {"message": message, "type": kind}
    error.update(more)
    raise Answer(status, {"error": error})


def invalid(message, status=400, **more):
    refuse(status, "invalid_request_error", message, **more)


def decode(text):
    """Decodes one percent-encoded name or value strictly."""
    if re.search(r"%(?![0-9A-Fa-f]{2})", text) or \
            re.search(r"[^!-~]", text) or '"' in text:
        invalid("Invalid form encoding.")
    try:
        return urllib.parse.unquote_to_bytes(text.replace("+", "%20")).decode()
    except UnicodeDecodeError:
        return invalid("Invalid UTF-8 in the form.")


def form(text):
    """Decodes a form in order. Only lists may be repeated."""
    given = {}
    for pair in text.split("&") if text else []:
        name, equals, value = pair.partition("=")
        name = decode(name)
        if not equals or name == "":
            invalid("Invalid form encoding.")
        name = re.sub(r"\[\d+\]$", "[]", name)
        if name in given and not name.endswith("[]"):
            invalid(f"Received {name} twice.", param=name)
        given[name] = decode(value)
    return given


def known(given, names):
    for name in given:
        if name in names or name in ("expand[]",):
            continue
        if name == "metadata" or re.fullmatch(r"metadata\[[^][]+\]", name):
            continue
        invalid(f"Received unknown parameter: {name}",
                code="parameter_unknown", param=name.split("[")[0])


def metadata(given):
    out = {}
    for name, value in given.items():
        found = re.fullmatch(r"metadata\[([^][]+)\]", name)
        if not found:
            continue
        if len(found[1]) > 40:
            invalid("Metadata keys can have up to 40 characters.",
                    param="metadata")
        if len(value) > 500:
            invalid("Metadata values can have up to 500 characters, but you "
                    f"passed in a value that is {len(value)} characters.",
                    param=f"metadata[{found[1]}]")
        if value != "":
            out[found[1]] = value
    if len(out) > 50:
        invalid("You can only have up to 50 metadata keys.", param="metadata")
    return out


def integer(given, name):
    if name not in given:
        invalid(f"Missing required param: {name}.", code="parameter_missing",
                param=name)
    if not re.fullmatch(r"-?(0|[1-9]\d*)", given[name]):
        invalid(f"Invalid integer: {given[name]}",
                code="parameter_invalid_integer", param=name)
    value = int(given[name])
    if value < 1:
        invalid("This value must be greater than or equal to 1.",
                code="parameter_invalid_integer", param=name)
    return value


class Stripe(double.Double):
    """A double of Stripe."""

    name = "Stripe"

    def __init__(self, options):
        super().__init__(options)
        self.intents, self.charges = {}, {}
        self.refunds, self.disputes = {}, {}
        self.keys, self.running = {}, set()
        self.key_lock = threading.Lock()

    def state(self):
        return {"intents": self.intents, "charges": self.charges,
                "refunds": self.refunds, "disputes": self.disputes}

    def trouble(self, status):
        return {"error": {"type": "invalid_request_error" if status < 500
                          else "api_error", "code": "rate_limit"
                          if status == 429 else None,
                          "message": f"Told to answer {status}."}}

    # Requests.

    def answer(self, request):
        headers = {"Request-Id": new_id("req"), "Stripe-Version": VERSION}
        try:
            self.check_key(request)
            version = request.header("Stripe-Version")
            if version is not None:
                if not isinstance(version, str) or not re.fullmatch(
                        r"20\d\d-\d\d-\d\d(\.[a-z]+)?", version):
                    invalid(f"Invalid Stripe API version: {version}.")
                headers["Stripe-Version"] = version
            done = self.once(request, headers)
        except Answer as refusal:
            done = refusal
        done.headers = {**headers, **done.headers}
        return done

    def check_key(self, request):
        value = request.header("Authorization")
        if value is None:
            invalid("You did not provide an API key. You need to provide your "
                    "API key in the Authorization header, using Bearer auth.",
                    401)
        pair = double.basic(value)
        key = pair[0] if pair else value[len("Bearer "):] if isinstance(
            value, str) and value.startswith("Bearer ") else ""
        if key != self.options.key:
            invalid("Invalid API Key provided: "
                    f"{key[:7]}{'*' * max(0, len(key) - 11)}{key[-4:]}", 401)

    def once(self, request, headers):
        """Returns the same response for a repeated Idempotency-Key."""
        key = request.header("Idempotency-Key")
        if request.method != "POST" or key is None:
            return self.route(request)
        if not isinstance(key, str) or not 1 <= len(key) <= 255:
            invalid("Idempotency keys have 1 to 255 characters.")
        headers["Idempotency-Key"] = key
        same = (request.path, sorted(self.read_form(request).items()))
        with self.key_lock:
            if key in self.running:
                refuse(409, "idempotency_error", "There is currently another "
                       "in-progress request using this Idempotent Key.",
                       code="idempotency_key_in_use")
            if key in self.keys:
                before, kept = self.keys[key]
                if before != same:
                    refuse(400, "idempotency_error",
                           "Keys for idempotent requests can only be used "
                           "with the same parameters they were first used "
                           f"with. Try using a key other than '{key}' if you "
                           "meant to execute a different request.")
                return Answer(kept.status, kept.body,
                              {"Idempotent-Replayed": "true"})
            self.running.add(key)
        try:
            self.take_time()
            done = self.route(request)
            self.keys[key] = (same, done)
            return done
        except Answer as refusal:
            # Only responses of requests that passed validation are stored.
            if refusal.status == 402 or refusal.status >= 500:
                self.keys[key] = (same, refusal)
            raise
        finally:
            with self.key_lock:
                self.running.discard(key)

    def read_form(self, request):
        if request.method == "GET":
            if request.body:
                invalid("A GET has no body.")
            return form(request.query)
        kind = request.header("Content-Type")
        if request.body and (not isinstance(kind, str) or
                             kind.split(";")[0].strip().lower() != FORM):
            invalid(f"Invalid request content type: {kind}. Use {FORM}.")
        if request.query:
            invalid("Parameters of a POST belong into its body.")
        try:
            return form(request.body.decode("ascii"))
        except UnicodeDecodeError:
            return invalid("Invalid form encoding.")

    def route(self, request):
        given = self.read_form(request)
        parts = request.parts
        rows = {
            ("POST", "payment_intents", 2): self.create,
            ("GET", "payment_intents", 3): self.get_intent,
            ("POST", "payment_intents/confirm", 4): self.confirm,
            ("POST", "payment_intents/cancel", 4): self.cancel,
            ("GET", "charges", 3): self.get_charge,
            ("POST", "refunds", 2): self.refund,
            ("GET", "refunds", 2): self.list_refunds,
            ("GET", "refunds", 3): self.get_refund,
            ("GET", "events", 3): self.get_event,
        }
        name = parts[1] if len(parts) in (2, 3) else \
            f"{parts[1]}/{parts[3]}" if len(parts) == 4 else ""
        row = rows.get((request.method, name, len(parts)))
        if parts[0] != "v1" or row is None:
            invalid(f"Unrecognized request URL ({request.method}: "
                    f"{request.path}). If you are trying to list objects, "
                    "remove the trailing slash.", 404)
        with self.lock:
            return Answer(200, row(given, *parts[2:3]))

    # Payment intents.

    def check_decimals(self, currency, amount):
        """Rejects fractions that the currency does not have."""
        if currency in THREE_DECIMAL and amount % 10:
            invalid("Amounts in three-decimal currencies must be a multiple of"
                    " 10.", code="parameter_invalid_integer", param="amount")
        if currency in WHOLE and amount % 100:
            invalid(f"Amounts in {currency} must be a multiple of 100.",
                    code="parameter_invalid_integer", param="amount")

    def create(self, given):
        known(given, CREATE)
        amount = integer(given, "amount")
        currency = given.get("currency")
        if currency is None:
            invalid("Missing required param: currency.",
                    code="parameter_missing", param="currency")
        if currency not in CURRENCIES:
            invalid(f"Invalid currency: {currency}. Stripe currently supports "
                    "these currencies: " +
                    ", ".join(sorted(CURRENCIES)), param="currency")
        if amount < AMOUNT_MIN.get(currency, 1):
            invalid("The Checkout Session's total amount must convert to at "
                    "least 50 cents.", code="amount_too_small", param="amount")
        if amount > AMOUNT_MAX:
            invalid("Amount must be no more than 999,999.99",
                    code="amount_too_large", param="amount")
        self.check_decimals(currency, amount)
        name = "automatic_payment_methods[enabled]"
        if given.get(name, "false") not in ("true", "false"):
            invalid(f"Invalid boolean: {given[name]}", param=name)
        ref = new_id("pi", 24)
        self.intents[ref] = {
            "id": ref, "object": "payment_intent", "amount": amount,
            "amount_capturable": 0, "amount_details": {"tip": {}},
            "amount_received": 0, "application": None,
            "application_fee_amount": None,
            "automatic_payment_methods": {
                "allow_redirects": "always", "enabled": True}
            if given.get(name) == "true" else None,
            "canceled_at": None, "cancellation_reason": None,
            "capture_method": given.get("capture_method", "automatic_async"),
            "client_secret": f"{ref}_secret_{new_id('x', 25)[2:]}",
            "confirmation_method": "automatic", "created": now(),
            "currency": currency, "customer": given.get("customer"),
            "description": given.get("description"),
            "last_payment_error": None, "latest_charge": None,
            "livemode": False, "metadata": metadata(given),
            "next_action": None, "on_behalf_of": None,
            "payment_method": None, "payment_method_types": ["card"],
            "processing": None, "receipt_email": None, "review": None,
            "setup_future_usage": None, "shipping": None, "source": None,
            "statement_descriptor": None, "status":
            "requires_payment_method", "transfer_data": None,
            "transfer_group": None}
        if given.get("confirm") == "true":
            return self.confirm({"payment_method":
                                 given.get("payment_method")}, ref)
        return self.intents[ref]

    def intent(self, ref):
        if ref not in self.intents:
            invalid(f"No such payment_intent: '{ref}'", 404,
                    code="resource_missing", param="intent")
        return self.intents[ref]

    def get_intent(self, given, ref):
        known(given, {"client_secret"})
        return self.intent(ref)

    def confirm(self, given, ref):
        known({k: v for k, v in given.items() if v is not None}, CONFIRM)
        intent = self.intent(ref)
        method = given.get("payment_method")
        if intent["status"] not in ("requires_payment_method",
                                    "requires_confirmation"):
            invalid("You cannot confirm this PaymentIntent because it has a "
                    f"status of {intent['status']}.",
                    code="payment_intent_unexpected_state",
                    payment_intent=intent)
        if method == "pm_card_chargeDeclined":
            self.do_fail({"ref": ref})
            refuse(402, "card_error", "Your card was declined.",
                   code="card_declined", decline_code="generic_decline",
                   payment_intent=intent)
        if method != "pm_card_visa":
            invalid(f"No such PaymentMethod: '{method}'",
                    code="resource_missing", param="payment_method")
        self.do_pay({"ref": ref})
        return intent

    def cancel(self, given, ref):
        known(given, {"cancellation_reason"})
        intent = self.intent(ref)
        if intent["status"] in ("succeeded", "canceled"):
            invalid("You cannot cancel this PaymentIntent because it has a "
                    f"status of {intent['status']}.",
                    code="payment_intent_unexpected_state",
                    payment_intent=intent)
        return self.do_cancel({"ref": ref})

    def get_charge(self, given, ref):
        known(given, set())
        if ref not in self.charges:
            invalid(f"No such charge: '{ref}'", 404, code="resource_missing",
                    param="id")
        return self.charges[ref]

    # Refunds.

    def refund(self, given):
        known(given, REFUND)
        if "payment_intent" in given:
            ref = self.intent(given["payment_intent"])["latest_charge"]
            if ref is None:
                invalid("This PaymentIntent "
                        f"({given['payment_intent']}) does not have a "
                        "successful charge to refund.",
                        code="payment_intent_unexpected_state")
        elif "charge" in given:
            ref = given["charge"]
        else:
            invalid("One of the following params should be provided for this "
                    "request: payment_intent or charge.")
        if given.get("reason", "duplicate") not in REASONS:
            invalid("Invalid reason: must be one of duplicate, fraudulent, or "
                    "requested_by_customer", param="reason")
        charge = self.get_charge({}, ref)
        left = charge["amount"] - charge["amount_refunded"]
        amount = integer(given, "amount") if "amount" in given else left
        if left == 0:
            invalid(f"Charge {ref} has already been refunded.",
                    code="charge_already_refunded")
        if amount > left:
            invalid(f"Refund amount ({amount}) is greater than unrefunded "
                    f"amount on charge ({left})", param="amount")
        self.check_decimals(charge["currency"], amount)
        return self.add_refund(charge, amount, metadata(given),
                               given.get("reason"))

    def add_refund(self, charge, amount, notes, reason):
        refund = {
            "id": new_id("re", 24), "object": "refund", "amount": amount,
            "balance_transaction": new_id("txn", 24), "charge": charge["id"],
            "created": now(), "currency": charge["currency"],
            "destination_details": {"card": {"type": "refund"},
                                    "type": "card"},
            "metadata": notes, "payment_intent": charge["payment_intent"],
            "reason": reason, "receipt_number": None,
            "source_transfer_reversal": None,
            "status": self.options.refund_status, "transfer_reversal": None}
        self.refunds[refund["id"]] = refund
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
        self.add_event("refund.created", refund)
        self.add_event("charge.refunded", charge)
        return refund

    def get_refund(self, given, ref):
        known(given, set())
        if ref not in self.refunds:
            invalid(f"No such refund: '{ref}'", 404, code="resource_missing",
                    param="id")
        return self.refunds[ref]

    def list_refunds(self, given):
        known(given, LIST)
        limit = integer(given, "limit") if "limit" in given else 10
        if limit > 100:
            invalid("This value must be less than or equal to 100.",
                    code="parameter_invalid_integer", param="limit")
        fit = [r for r in reversed(self.refunds.values())
               if all(r[k] == given[k] for k in ("payment_intent", "charge")
                      if k in given)]
        return {"object": "list", "url": "/v1/refunds",
                "has_more": len(fit) > limit, "data": fit[:limit]}

    # Events.

    def get_event(self, given, ref):
        known(given, set())
        for event in self.events:
            if event["id"] == ref:
                return event["body"]
        return invalid(f"No such event: '{ref}'", 404,
                       code="resource_missing", param="id")

    def add_event(self, kind, thing):
        ref = new_id("evt", 24)
        self.events.append({"id": ref, "type": kind, "body": {
            "id": ref, "object": "event", "api_version": VERSION,
            "created": now(), "data": {"object": dict(thing)},
            "livemode": False, "pending_webhooks": 1,
            "request": {"id": None, "idempotency_key": None}, "type": kind}})
        return ref

    def sign(self, event, body, at):
        mac = double.hmac_hex(self.options.hook_secret,
                              str(at).encode() + b"." + body)
        return {"Stripe-Signature": f"t={at},v1={mac},v0={'0' * 64}"}

    # Control requests.

    def do_pay(self, told):
        intent = self.intent(told["ref"])
        charge = {
            "id": new_id("ch", 24), "object": "charge",
            "amount": told.get("amount", intent["amount"]),
            "amount_captured": intent["amount"], "amount_refunded": 0,
            "captured": True, "created": now(),
            "currency": told.get("currency", intent["currency"]),
            "disputed": False, "livemode": False,
            "metadata": intent["metadata"], "paid": True,
            "payment_intent": intent["id"], "refunded": False,
            "status": "succeeded"}
        self.charges[charge["id"]] = charge
        intent.update(status="succeeded", latest_charge=charge["id"],
                      amount_received=charge["amount"],
                      currency=charge["currency"])
        return {"charge": charge["id"], "event":
                self.add_event("payment_intent.succeeded", intent)}

    def do_fail(self, told):
        intent = self.intent(told["ref"])
        intent.update(status="requires_payment_method", last_payment_error={
            "type": "card_error", "code": "card_declined", "decline_code":
            "generic_decline", "message": "Your card was declined."})
        return {"event": self.add_event("payment_intent.payment_failed",
                                        intent)}

    def do_cancel(self, told):
        intent = self.intent(told["ref"])
        intent.update(status="canceled", canceled_at=now())
        self.add_event("payment_intent.canceled", intent)
        return intent

    def do_price(self, told):
        """Returns the amount in whole units, as the provider shows it."""
        intent = self.intent(told["ref"])
        low = intent["currency"]
        decimals = 0 if low in ZERO_DECIMAL else 3 if low in THREE_DECIMAL \
            else 2
        return {"price": intent["amount"] / 10 ** decimals}

    def do_refund(self, told):
        charge = self.charges[self.intent(told["ref"])["latest_charge"]]
        return self.add_refund(charge, told["amount"], {}, None)

    def do_refund_state(self, told):
        refund = self.refunds[told["refund"]]
        refund["status"] = told["status"]
        if told["status"] in ("failed", "canceled"):
            charge = self.charges[refund["charge"]]
            charge["amount_refunded"] -= refund["amount"]
            charge["refunded"] = False
        return {"event": self.add_event(
            "refund.failed" if told["status"] == "failed" else
            "refund.updated", refund)}

    def do_dispute(self, told):
        charge = self.charges[self.intent(told["ref"])["latest_charge"]]
        dispute = {
            "id": new_id("dp", 24), "object": "dispute",
            "amount": told.get("amount", charge["amount"]),
            "charge": charge["id"], "created": now(),
            "currency": charge["currency"], "metadata": {},
            "payment_intent": charge["payment_intent"],
            "reason": "fraudulent", "status": "needs_response"}
        self.disputes[dispute["id"]] = dispute
        charge["disputed"] = True
        self.add_event("charge.dispute.created", dispute)
        return {"dispute": dispute["id"], "event": self.add_event(
            "charge.dispute.funds_withdrawn", dispute)}

    def do_dispute_close(self, told):
        dispute = self.disputes[told["dispute"]]
        dispute["status"] = told["status"]
        if told["status"] == "won":
            self.add_event("charge.dispute.funds_reinstated", dispute)
        return {"event": self.add_event("charge.dispute.closed", dispute)}


if __name__ == "__main__":
    sys.exit(double.main(Stripe, {"key": "sk_test_double",
                                  "refund_status": "succeeded"}))
