"""The log of who saw, decided, exported and changed what. It holds ids and no names, and is only ever added to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.tables import Audit


def write(session: Session, actor: str, action: str, target: str = "", **more: Any) -> None:
    """Adds a line, in the caller's transaction: a change that is rolled back leaves none.

    `actor` is ``user:ID``, ``token:ID``, ``person:reply`` or ``job:NAME``; `action` is such as ``finding.decided``;
    `target` such as ``arrival:123``; `more` is JSON, without names, staff numbers or free text.
    """
    session.add(Audit(at=datetime.now(timezone.utc), actor=actor, action=action, target=target, more=more))


def user(user_id: int | None) -> str:
    """A user as `Audit.actor` has it; None is nobody who logged in."""
    return "user:none" if user_id is None else f"user:{user_id}"


def lines(
    session: Session,
    before: int | None = None,
    limit: int = 100,
    actor: str | None = None,
    action: str | None = None,
    target: str | None = None,
) -> Sequence[Audit]:
    """The newest lines, or those before an id; of one actor, action (or its first part) and target."""
    asked = select(Audit).order_by(Audit.id.desc()).limit(limit)
    if before is not None:
        asked = asked.where(Audit.id < before)
    if actor:
        asked = asked.where(Audit.actor == actor)
    if action:
        asked = asked.where((Audit.action == action) | Audit.action.startswith(f"{action}.", autoescape=True))
    if target:
        asked = asked.where(Audit.target == target)
    return session.scalars(asked).all()
