"""Access tokens of the benchmark users. Line n is the token of user n."""
import base64
import hashlib
import hmac
import json
import time

TOKENS = 10000
PEER_SECRET = b"earmark-bench-secret-0123456789abcdef"


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def sign(key, claims):
    text = b64(b'{"alg":"HS256","typ":"JWT"}') + b"." + b64(
        json.dumps(claims, separators=(",", ":")).encode())
    return text + b"." + b64(hmac.new(key, text, hashlib.sha256).digest())


def project_key(state):
    """Derives the token key as lib/base/conf.c does (HKDF-Expand)."""
    with open(state + "/key") as f:
        key = bytes.fromhex(f.read().strip())
    return hmac.new(key, b"earmark jwt\x01", hashlib.sha256).digest()


def project(state, ttl=86400):
    """Returns tokens of sessions 1.. of users 1.., whose rows gen.py inserts.
    """
    key, now = project_key(state), int(time.time())
    return [sign(key, {"iss": "earmark", "aud": "earmark", "use": "access",
                       "sub": str(user), "sid": user, "iat": now, "nbf": now,
                       "exp": now + ttl}) for user in range(1, TOKENS + 1)]


def peers():
    """Returns tokens that simplejwt and @fastify/jwt accept."""
    now = int(time.time())
    return [sign(PEER_SECRET, {"token_type": "access", "exp": now + 86400,
                               "iat": now, "jti": "%032x" % user,
                               "user_id": user})
            for user in range(1, TOKENS + 1)]


def write(path, tokens):
    with open(path, "wb") as f:
        f.write(b"\n".join(tokens) + b"\n")
