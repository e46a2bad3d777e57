"""Signatures of webhooks, as https://www.standardwebhooks.com has them: libraries for many languages check them.

The headers are ``webhook-id`` (the same for every try of a message), ``webhook-timestamp`` (seconds since 1970, of
this try) and ``webhook-signature``: ``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body``. A receiver
refuses what is older or newer than `TOLERANCE`, and an id that it has seen: then nothing can be sent to it twice.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

PREFIX: Final = "whsec_"
TOLERANCE: Final = 300
"""Seconds."""


def new_secret() -> str:
    """A secret of 32 random bytes, in the form that libraries for it expect."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signed(secret: str, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a message."""
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{_signature(secret, message_id, timestamp, body)}",
    }


def holds(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether a message is genuine and fresh: what a receiver has to ask, besides whether it has seen the id."""
    try:
        message_id, timestamp = headers["webhook-id"], int(headers["webhook-timestamp"])
        given = headers["webhook-signature"].split()
    except (KeyError, ValueError):
        return False
    wanted = f"v1,{_signature(secret, message_id, timestamp, body)}"
    return abs(now - timestamp) <= TOLERANCE and any(hmac.compare_digest(one, wanted) for one in given)


def _signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, sha256).digest()).decode()
