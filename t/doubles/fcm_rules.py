"""The rules of Firebase Cloud Messaging (HTTP v1) for the body of a message.

violation(message) returns None if FCM accepts the message. Otherwise it returns
a pair: whether the error is one of FCM (FcmError) or of the form (BadRequest),
and its text. Sources: firebase.google.com/docs/cloud-messaging,
setting-message-priority, error-codes, throttling-and-quotas; the answers of the
maintainers in firebase-admin-node 1224 and firebase-php 700.
"""
import json
import re

PAYLOAD_MAX = 4096
COLLAPSE_MAX = 64
MEMBERS = {
    "message": {"token", "fid", "topic", "condition", "data", "notification",
                "android", "apns", "webpush", "fcm_options", "name"},
    "android": {"collapse_key", "priority", "ttl", "restricted_package_name",
                "data", "notification", "fcm_options",
                "direct_boot_ok", "bandwidth_constrained_ok"},
    "apns": {"headers", "payload", "fcm_options", "live_activity_token"},
    "webpush": {"headers", "data", "notification", "fcm_options"},
    "notification": {"title", "body", "image"},
}
# The text does not name the cause, although the token is valid.
NOT_A_TOKEN = "The registration token is not a valid FCM registration token"


def unknown(message):
    """Returns the path of a member that FCM does not know, or None."""
    parts = [("message", message)] + [
        (name, message[name]) for name in MEMBERS if name in message]
    for name, part in parts:
        for member in part:
            if member not in MEMBERS[name]:
                return f"{name}.{member}"
    return None


def form_violation(message):
    """Returns an error of the form, which names the field, or None."""
    field = unknown(message)
    if field:
        return f"Unknown name at '{field}': Cannot find field."
    if sum(k in message for k in ("token", "fid", "topic", "condition")) != 1:
        return "Invalid value at 'message': exactly one target is required"
    data = message.get("data", {})
    for key, value in data.items():
        if not isinstance(value, str):
            return f"Invalid value at 'message.data[{key}]' (TYPE_STRING)"
        if re.match("(from|message_type)$|google|gcm", key):
            return f"Invalid data payload key: {key}"
    android = message.get("android", {})
    ttl = android.get("ttl", "0s")
    if not re.fullmatch(r"[0-9]+(\.[0-9]{1,9})?s", ttl) or \
            float(ttl[:-1]) > 2419200:
        return f"Invalid value at 'message.android.ttl': {ttl}"
    if android.get("priority", "normal").lower() not in ("normal", "high"):
        return "Invalid value at 'message.android.priority'"
    headers = message.get("apns", {}).get("headers", {})
    for key, value in headers.items():
        if not isinstance(value, str):
            return f"Invalid value at 'message.apns.headers[{key}]'"
    return None


def apns_violation(message):
    """Returns whether the part for Apple devices is inconsistent."""
    apns = message.get("apns", {})
    headers, aps = apns.get("headers", {}), apns.get("payload", {}).get(
        "aps", {})
    kind = headers.get("apns-push-type")
    priority = headers.get("apns-priority")
    alert = "notification" in message or "alert" in aps
    visible = alert or "sound" in aps or "badge" in aps
    silent = aps.get("content-available") == 1
    return (
        kind not in (None, "alert", "background") or
        priority not in (None, "10", "5", "1") or
        "content_available" in aps or
        (kind == "background" and (visible or not silent)) or
        (kind == "alert" and not alert) or
        # Data only.
        (not alert and priority == "10") or
        (not alert and bool(headers) and not silent) or
        not re.fullmatch("[0-9]+", headers.get("apns-expiration", "0")) or
        len(headers.get("apns-collapse-id", "").encode()) > COLLAPSE_MAX)


def payload_bytes(message):
    return sum(len(json.dumps(part, ensure_ascii=False).encode())
               for part in (message.get("notification", {}),
                            message.get("data", {}),
                            message.get("apns", {}).get("payload", {})))


def violation(message):
    """Returns None, or whether it is an FcmError and the text."""
    text = form_violation(message)
    if text:
        return False, text
    if payload_bytes(message) > PAYLOAD_MAX:
        return True, "Message is too big"
    return (True, NOT_A_TOKEN) if apns_violation(message) else None
