"""Tokens that gauges sign in with: STATION.EXPIRES.SIGNATURE."""

import hashlib
import hmac

from .errors import TokenRejected


def issue(secret, station, expires):
    body = f"{station}.{int(expires.timestamp())}"
    return f"{body}.{_sign(secret, body)}"


def check(secret, token, now):
    """Return the station that a token belongs to."""
    body, _, signature = token.rpartition(".")
    if not hmac.compare_digest(_sign(secret, body), signature):
        raise TokenRejected("signature is wrong")
    station, _, expires = body.partition(".")
    if int(expires) <= now.timestamp():
        raise TokenRejected(f"token of {station} has expired")
    return station


def _sign(secret, body):
    return hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()[:32]
