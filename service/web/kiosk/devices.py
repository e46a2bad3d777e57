"""Device tokens: a secret opens the kiosk of one camera. Only its SHA-256 is kept; it can be revoked."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.tables import Token

KIND: Final = "device"
USED_AGAIN: Final = timedelta(minutes=10)
"""`last_used_at` is written at most so often."""


@dataclass(frozen=True, slots=True)
class Device:
    """A kiosk that may look: the token's id, its camera and that camera's door."""

    id: int
    camera: str
    door: str


def add_device(session: Session, camera: str, door: str, now: datetime | None = None) -> tuple[Device, str]:
    """A new device and its secret, which is told this once; the caller commits. A token's name is its camera's."""
    secret = secrets.token_urlsafe(32)
    token = Token(
        kind=KIND,
        name=camera,
        digest=digest(secret),
        role="viewer",
        doors=[door],
        created_at=now or datetime.now(timezone.utc),
    )
    session.add(token)
    session.flush()
    return Device(token.id, camera, door), secret


def device_of(session: Session, secret: str, now: datetime | None = None) -> Device | None:
    """Whose secret it is; None for a wrong, revoked or expired one. Notes its last use; the caller commits."""
    now = now or datetime.now(timezone.utc)
    token = session.scalar(select(Token).where(Token.digest == digest(secret), Token.kind == KIND))
    if token is None or token.revoked_at is not None or (token.expires_at and token.expires_at <= now):
        return None
    if token.last_used_at is None or now - token.last_used_at > USED_AGAIN:
        token.last_used_at = now
    return Device(token.id, token.name, (token.doors or [token.name])[0])


def devices(session: Session) -> Sequence[Token]:
    """All device tokens, revoked ones too, oldest first."""
    return session.scalars(select(Token).where(Token.kind == KIND).order_by(Token.id)).all()


def revoke_device(session: Session, number: int, now: datetime | None = None) -> bool:
    """Ends a device's token for good; False where there is none of this number. The caller commits."""
    token = session.get(Token, number)
    if token is None or token.kind != KIND:
        return False
    token.revoked_at = token.revoked_at or now or datetime.now(timezone.utc)
    return True


def digest(secret: str) -> str:
    """What is kept of a secret. It has 256 random bits: a slow hash would protect nothing more."""
    return hashlib.sha256(secret.encode()).hexdigest()
