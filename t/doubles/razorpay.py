#!/usr/bin/python3
"""A double of Razorpay: orders, payments, refunds.

usage: razorpay.py [--port N] [--key-id ID] [--key SECRET] [--hook-secret S]
                   [--hook-url URL]

Implements https://razorpay.com/docs/api. See double.py for its control
requests. Its own verbs are pay, fail, refund (made at the provider),
refund_state, dispute, dispute_close and price, each with {"ref": "order_..."}.
"""

import json
import re
import sys
import threading
import urllib.parse

sys.dont_write_bytecode = True
import double  # noqa: E402
from double import Answer, new_id, now

# The exponents of the table "Supported Currencies" in
# https://razorpay.com/docs/payments/international-payments.
EXPONENTS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD OMR TND",
    2: "AED ALL AMD AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP"
       " BZD CAD CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ETB EUR FJD GBP"
       " GHS GIP GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR JMD KES KGS KHR"
       " KYD KZT LAK LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MUR MVR MWK MXN"
       " MYR MZN NAD NGN NIO NOK NPR NZD PEN PGK PHP PKR PLN QAR RON RSD RUB"
       " SAR SCR SEK SGD SLL SOS SVC SZL THB TRY TTD TWD TZS UAH USD UYU UZS"
       " XCD YER ZAR ZMW"}
EXPONENT = {code: n for n, codes in EXPONENTS.items()
            for code in codes.split()}

CREATE = {"amount", "currency", "receipt", "notes", "partial_payment",
          "first_payment_min_amount", "payment", "payment_capture"}
REFUND = {"amount", "speed", "notes", "receipt"}
PAGING = {"from", "to", "count", "skip"}
ORDERS = PAGING | {"authorized", "receipt", "expand", "expand[]"}


def refuse(status, code, description, field=None, reason="NA", source="NA",
           step="NA"):
    error = {"code": code, "description": description, "source": source,
             "step": step, "reason": reason, "metadata": {}}
    if field:
        error["field"] = field
    raise Answer(status, {"error": error})


def invalid(description, field=None, status=400):
    refuse(status, "BAD_REQUEST_ERROR", description, field,
           "input_validation_failed", "business", "payment_initiation")


def no_duplicates(pairs):
    out = {}
    for name, value in pairs:
        if name in out:
            invalid(f"{name} is there twice", name)
        out[name] = value
    return out


def known(given, names):
    for name in given:
        if name not in names:
            invalid(f"{name} is/are not required and should not be sent", name)


def amount_of(given, currency):
    value = given.get("amount")
    # The libraries of Razorpay sometimes send "100" as a string.
    if isinstance(value, str) and re.fullmatch(r"[1-9]\d*", value):
        value = int(value)
    if value is None:
        invalid("The amount field is required.", "amount")
    if not isinstance(value, int) or isinstance(value, bool):
        invalid("The amount must be an integer.", "amount")
    if value < (1 if EXPONENT[currency] == 0 else 100):
        invalid(f"The amount must be at least {currency} 1.00", "amount")
    if EXPONENT[currency] == 3 and value % 10:
        invalid("The last digit of an amount in a three-decimal currency must "
                "be 0.", "amount")
    if value > 50000000:
        invalid("Amount exceeds maximum amount allowed.", "amount")
    return value


def notes_of(given):
    """Returns notes. Razorpay returns empty notes as a list."""
    notes = given.get("notes")
    if notes is None or notes in ([], {}):
        return []
    if not isinstance(notes, dict):
        invalid("notes must be an object", "notes")
    if len(notes) > 15:
        invalid("The notes should not have more than 15 keys.", "notes")
    for name, value in notes.items():
        if not isinstance(value, (str, int)) or len(str(value)) > 256 or \
                len(name) > 256:
            invalid("Notes have at most 256 characters.", "notes")
    return {name: str(value) for name, value in notes.items()}


def collection(items):
    return {"entity": "collection", "count": len(items), "items": items}


class Razorpay(double.Double):
    """A double of Razorpay."""

    name = "Razorpay"

    def __init__(self, options):
        super().__init__(options)
        self.orders, self.payments = {}, {}
        self.refunds, self.disputes = {}, {}
        self.keys, self.running = {}, set()
        self.key_lock = threading.Lock()

    def state(self):
        return {"orders": self.orders, "payments": self.payments,
                "refunds": self.refunds, "disputes": self.disputes}

    def trouble(self, status):
        return {"error": {"code": "SERVER_ERROR" if status >= 500 else
                          "BAD_REQUEST_ERROR", "description":
                          f"Told to answer {status}.", "source": "NA",
                          "step": "NA", "reason": "NA", "metadata": {}}}

    # Requests.

    def answer(self, request):
        pair = double.basic(request.header("Authorization"))
        if pair != (self.options.key_id, self.options.key):
            raise Answer(401, {"error": {
                "code": "BAD_REQUEST_ERROR", "description":
                "Authentication failed"}}, {"WWW-Authenticate": "Basic"})
        key = request.header("X-Refund-Idempotency")
        if key is None:
            return self.route(request)
        return self.once(request, key)

    def once(self, request, key):
        """Validates the idempotency key of a refund."""
        if not isinstance(key, str) or len(key) < 10:
            invalid("The idempotency key must be at least 10 characters long.")
        if not re.fullmatch(r"[A-Za-z0-9_-]+", key):
            invalid("The idempotency key must only contain alphanumeric "
                    "characters, underscores, and hyphens")
        same = (request.path, request.body)
        with self.key_lock:
            if key in self.running:
                refuse(409, "BAD_REQUEST_ERROR", "Another request with the "
                       "same idempotency key is still in progress.")
            if key in self.keys:
                before, kept = self.keys[key]
                if before != same:
                    refuse(400, "BAD_REQUEST_ERROR", "Different request with "
                           "the same idempotency key has already been "
                           "processed.")
                return kept
            self.running.add(key)
        try:
            self.take_time()
            self.keys[key] = (same, self.route(request))
            return self.keys[key][1]
        finally:
            with self.key_lock:
                self.running.discard(key)

    def read_json(self, request):
        kind = request.header("Content-Type")
        if not isinstance(kind, str) or \
                kind.split(";")[0].strip().lower() != "application/json":
            invalid("The content type must be application/json.")
        try:
            given = json.loads(request.body.decode(),
                               object_pairs_hook=no_duplicates)
        except ValueError:
            return invalid("The request body is not valid JSON.")
        if not isinstance(given, dict):
            invalid("The request body must be an object.")
        return given

    def route(self, request):
        parts = request.parts
        if parts[0] != "v1" or len(parts) < 2:
            self.nowhere()
        shape = "/".join([request.method, parts[1]] + [
            "*" if i % 2 == 0 else part
            for i, part in enumerate(parts[2:])])
        rows = {
            "POST/orders": self.create, "GET/orders": self.list_orders,
            "GET/orders/*": self.get_order,
            "GET/orders/*/payments": self.order_payments,
            "GET/payments/*": self.get_payment,
            "POST/payments/*/refund": self.refund,
            "GET/payments/*/refunds": self.payment_refunds,
            "GET/payments/*/refunds/*": self.get_refund,
            "GET/refunds/*": self.get_refund,
        }
        if shape not in rows:
            self.nowhere()
        if request.method == "POST":
            given = self.read_json(request)
        else:
            if request.body:
                invalid("A GET has no body.")
            given = dict(urllib.parse.parse_qsl(
                request.query, keep_blank_values=True, strict_parsing=True)) \
                if request.query else {}
        with self.lock:
            return Answer(200, rows[shape](given, *parts[2::2]))

    def nowhere(self):
        refuse(400, "BAD_REQUEST_ERROR",
               "The requested URL was not found on the server.")

    # Orders.

    def create(self, given):
        known(given, CREATE)
        currency = given.get("currency")
        if currency is None:
            invalid("The currency field is required.", "currency")
        if not isinstance(currency, str) or currency not in EXPONENT:
            invalid("The currency should be an ISO 4217 code.", "currency")
        amount = amount_of(given, currency)
        receipt = given.get("receipt")
        if receipt is not None:
            if not isinstance(receipt, str) or len(receipt) > 40:
                invalid("The receipt may not be greater than 40 characters.",
                        "receipt")
            if any(o["receipt"] == receipt for o in self.orders.values()):
                invalid("Order with the given receipt already exists.",
                        "receipt")
        order = {"amount": amount, "amount_due": amount, "amount_paid": 0,
                 "attempts": 0, "created_at": now(), "currency": currency,
                 "entity": "order", "id": new_id("order"), "notes":
                 notes_of(given), "offer_id": None, "receipt": receipt,
                 "status": "created"}
        self.orders[order["id"]] = order
        return order

    def list_orders(self, given):
        known(given, ORDERS)
        fit = [o for o in reversed(self.orders.values())
               if given.get("receipt") in (None, o["receipt"])]
        return collection(self.page(fit, given))

    def page(self, items, given):
        for name in ("count", "skip"):
            if not re.fullmatch(r"\d{1,9}", given.get(name, "0")):
                invalid(f"The {name} must be an integer.", name)
        count, skip = int(given.get("count", 10)), int(given.get("skip", 0))
        if count > 100:
            invalid("The count may not be greater than 100.", "count")
        return items[skip:skip + count]

    def order(self, ref):
        if ref not in self.orders:
            refuse(400, "BAD_REQUEST_ERROR", "The id provided does not exist",
                   reason="input_validation_failed", source="business",
                   step="payment_initiation")
        return self.orders[ref]

    def get_order(self, given, ref):
        known(given, {"expand", "expand[]"})
        return self.order(ref)

    def order_payments(self, given, ref):
        known(given, PAGING)
        self.order(ref)
        return collection([p for p in reversed(self.payments.values())
                           if p["order_id"] == ref])

    # Payments and refunds.

    def payment(self, ref):
        if ref not in self.payments:
            refuse(400, "BAD_REQUEST_ERROR", f"{ref} is not a valid id",
                   reason="input_validation_failed", source="business",
                   step="payment_initiation")
        return self.payments[ref]

    def get_payment(self, given, ref):
        known(given, {"expand", "expand[]"})
        return self.payment(ref)

    def refund(self, given, ref):
        known(given, REFUND)
        payment = self.payment(ref)
        left = payment["amount"] - payment["amount_refunded"]
        amount = amount_of(given, payment["currency"]) \
            if "amount" in given else left
        if not payment["captured"]:
            invalid("The payment status should be captured for action to be "
                    "taken")
        if given.get("speed", "normal") not in ("normal", "optimum"):
            invalid("The speed is invalid.", "speed")
        if left == 0:
            invalid("The payment has been fully refunded already.")
        if amount > left:
            invalid("The refund amount provided is greater than amount "
                    "captured")
        return self.add_refund(payment, amount, notes_of(given),
                               given.get("receipt"))

    def add_refund(self, payment, amount, notes, receipt):
        refund = {"id": new_id("rfnd"), "entity": "refund", "amount": amount,
                  "currency": payment["currency"], "payment_id":
                  payment["id"], "notes": notes, "receipt": receipt,
                  "acquirer_data": {"arn": None}, "created_at": now(),
                  "batch_id": None, "status": self.options.refund_status,
                  "speed_processed": "normal", "speed_requested": "normal"}
        self.refunds[refund["id"]] = refund
        payment["amount_refunded"] += amount
        full = payment["amount_refunded"] == payment["amount"]
        payment["refund_status"] = "full" if full else "partial"
        if full:
            payment["status"] = "refunded"
        self.add_event("refund.created", payment=payment, refund=refund)
        if refund["status"] == "processed":
            self.add_event("refund.processed", payment=payment, refund=refund)
        # The response of Razorpay to this request has no currency.
        return {**refund, "currency": ""}

    def payment_refunds(self, given, ref):
        known(given, PAGING)
        self.payment(ref)
        return collection(self.page([
            r for r in reversed(self.refunds.values())
            if r["payment_id"] == ref], given))

    def get_refund(self, given, *refs):
        known(given, set())
        if refs[-1] not in self.refunds or \
                refs[0] not in (self.refunds[refs[-1]]["payment_id"],
                                refs[-1]):
            refuse(400, "BAD_REQUEST_ERROR", "The id provided does not exist")
        return self.refunds[refs[-1]]

    # Events.

    def add_event(self, kind, **things):
        ref = new_id("ev")[3:]
        self.events.append({"id": ref, "type": kind, "body": {
            "entity": "event", "account_id": "acc_EarmarkDouble",
            "event": kind, "contains": list(things), "payload":
            {name: {"entity": dict(thing)} for name, thing in things.items()},
            "created_at": now()}})
        return ref

    def sign(self, event, body, at):
        return {"X-Razorpay-Signature":
                double.hmac_hex(self.options.hook_secret, body),
                "X-Razorpay-Event-Id": event["id"]}

    # Control requests.

    def attempt(self, told, status):
        order = self.order(told["ref"])
        if order["status"] == "paid":
            invalid("Order is already paid.")
        payment = {
            "id": new_id("pay"), "entity": "payment",
            "amount": told.get("amount", order["amount"]),
            "currency": told.get("currency", order["currency"]),
            "status": status, "order_id": order["id"], "invoice_id": None,
            "international": False, "method": "upi", "amount_refunded": 0,
            "refund_status": None, "captured": status == "captured",
            "description": None, "card_id": None, "bank": None,
            "wallet": None, "vpa": "success@razorpay", "email":
            "void@razorpay.com", "contact": "+919999999999", "notes": [],
            "fee": 2, "tax": 0, "error_code": None,
            "error_description": None, "error_source": None,
            "error_step": None, "error_reason": None, "acquirer_data":
            {"rrn": None}, "created_at": now()}
        self.payments[payment["id"]] = payment
        order["attempts"] += 1
        order["status"] = "attempted"
        return order, payment

    def do_pay(self, told):
        order, payment = self.attempt(told, "captured")
        order.update(status="paid", amount_due=0,
                     amount_paid=payment["amount"])
        self.add_event("payment.authorized", payment={
            **payment, "status": "authorized", "captured": False})
        captured = self.add_event("payment.captured", payment=payment)
        paid = self.add_event("order.paid", payment=payment, order=order)
        signature = double.hmac_hex(
            self.options.key, f"{order['id']}|{payment['id']}".encode())
        return {"payment": payment["id"], "captured": captured, "paid": paid,
                "signature": signature}

    def do_fail(self, told):
        _, payment = self.attempt(told, "failed")
        payment.update(error_code="BAD_REQUEST_ERROR", error_description=
                       "Payment failed", error_source="bank", error_step=
                       "payment_authorization", error_reason="payment_failed")
        return {"payment": payment["id"], "event":
                self.add_event("payment.failed", payment=payment)}

    def captured_of(self, told):
        return next(p for p in self.payments.values()
                    if p["order_id"] == told["ref"] and p["captured"])

    def do_price(self, told):
        """Returns the amount in whole units, as the provider shows it."""
        order = self.orders[told["ref"]]
        return {"price":
                order["amount"] / 10 ** EXPONENT[order["currency"]]}

    def do_refund(self, told):
        return self.add_refund(self.captured_of(told), told["amount"], [],
                               None)

    def do_refund_state(self, told):
        refund = self.refunds[told["refund"]]
        payment = self.payments[refund["payment_id"]]
        refund["status"] = told["status"]
        if told["status"] == "failed":
            payment["amount_refunded"] -= refund["amount"]
            payment["status"] = "captured"
        return {"event": self.add_event("refund." + told["status"],
                                        payment=payment, refund=refund)}

    def do_dispute(self, told):
        payment = self.captured_of(told)
        dispute = {"id": new_id("disp"), "entity": "dispute", "payment_id":
                   payment["id"], "amount":
                   told.get("amount", payment["amount"]), "currency":
                   payment["currency"], "amount_deducted":
                   told.get("deducted", payment["amount"]), "reason_code":
                   "fraud", "respond_by": now() + 86400, "status": "open",
                   "phase": "chargeback", "created_at": now()}
        self.disputes[dispute["id"]] = dispute
        return {"dispute": dispute["id"], "event": self.add_event(
            "payment.dispute.created", payment=payment, dispute=dispute)}

    def do_dispute_close(self, told):
        dispute = self.disputes[told["dispute"]]
        dispute["status"] = told["status"]
        if told["status"] == "won":
            dispute["amount_deducted"] = 0
        return {"event": self.add_event(
            "payment.dispute." + told["status"], payment=self.payments[
                dispute["payment_id"]], dispute=dispute)}


if __name__ == "__main__":
    sys.exit(double.main(Razorpay, {"key_id": "rzp_test_double",
                                    "key": "secret_double",
                                    "refund_status": "processed"}))
