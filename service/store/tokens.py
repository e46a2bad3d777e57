"""Secrets of machines that read or decide through the API. They are shown once, and only their SHA-256 is kept."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.tables import Token

API: Final = "api"
PREFIX: Final = "dct_"
"""By it a scanner for secrets knows one that was committed by mistake."""
ROLES: Final = ("viewer", "supervisor")
SEEN: Final = timedelta(minutes=1)
"""How old `last_used_at` may be: not every reading needs a write."""


def make_token(
    session: Session, name: str, role: str, doors: Iterable[str] | None, now: datetime, days: int | None = None
) -> tuple[Token, str]:
    """A new token and its secret, which nobody can read again. `doors` None is all of them; the caller commits."""
    secret = PREFIX + secrets.token_urlsafe(32)
    token = Token(
        kind=API, name=name, digest=digest(secret), role=role, doors=None if doors is None else sorted(doors),
        created_at=now, expires_at=now + timedelta(days=days) if days else None,
    )  # fmt: skip
    session.add(token)
    session.flush()
    return token, secret


def find_token(session: Session, secret: str, now: datetime) -> Token | None:
    """The token of a secret, if it is of this kind, not revoked and not expired.

    The digest is looked up, so no comparison can tell by its time how much of a guess was right.
    """
    found = session.scalar(select(Token).where(Token.digest == digest(secret), Token.kind == API))
    if found is None or found.revoked_at is not None or (found.expires_at is not None and found.expires_at <= now):
        return None
    return found


def digest(secret: str) -> str:
    """What is kept of a secret. It is random, so it needs no slow hash."""
    return sha256(secret.encode()).hexdigest()


def list_tokens(session: Session) -> list[Token]:
    """The tokens of the API, oldest first."""
    return list(session.scalars(select(Token).where(Token.kind == API).order_by(Token.id)))


def revoke_token(session: Session, token_id: int, now: datetime) -> bool:
    """Ends a token; tells whether there was one to end. The caller commits."""
    token = session.get(Token, token_id)
    if token is None or token.kind != API or token.revoked_at is not None:
        return False
    token.revoked_at = now
    return True
