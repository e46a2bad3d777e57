"""The codes of the right of reply: one opens somebody's own arrival, for a while and for nobody who guesses."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.tables import Arrival

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without 0 O, 1 I L, and U, which is read as V."""
LENGTH: Final = 12
"""30 to the twelfth is 5e17: with a million codes in use one guess in 5e11 is right."""


def new_code() -> str:
    """A code: `LENGTH` random signs of `ALPHABET`."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def tidy(typed: str) -> str | None:
    """A code as it is stored, of what somebody typed (small letters, blanks and dashes are fine); None if it is none."""
    plain = "".join(typed.split()).replace("-", "").upper().replace("U", "V")
    return plain if len(plain) == LENGTH and set(plain) <= set(ALPHABET) else None


def shown(code: str) -> str:
    """A code in groups of four, as it is read aloud: ABCD-EFGH-JKMN."""
    return "-".join(code[n : n + 4] for n in range(0, len(code), 4))


def opened(session: Session, typed: str, now: datetime, days: int) -> str | None:
    """The code as stored, if it opens an arrival: one that is there, not older than `days`, and still somebody's."""
    code = tidy(typed)
    if code is None:
        return None
    young = Arrival.last_at >= now - timedelta(days=days)
    return session.scalar(
        select(Arrival.reply_code).where(Arrival.reply_code == code, young, Arrival.pseudonymous.is_(False))
    )
