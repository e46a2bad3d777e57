"""The webhooks that an administrator has named, and what became of their messages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from service.store.outbox import GIVEN_UP
from service.store.tables import Delivery, Webhook


@dataclass(frozen=True, slots=True)
class Standing:
    """A webhook and its messages: sent, waiting for a next try, given up; and what the last one said."""

    hook: Webhook
    sent: int
    waiting: int
    given_up: int
    last: str


def add_hook(session: Session, url: str, secret: str, doors: Iterable[str] | None, now: datetime) -> Webhook:
    """A new webhook; its address was checked by the caller, who commits. `doors` None is all of them."""
    hook = Webhook(url=url, secret=secret, doors=None if doors is None else sorted(doors), active=True, created_at=now)
    session.add(hook)
    session.flush()
    return hook


def standings(session: Session) -> list[Standing]:
    """All webhooks, oldest first."""
    return [_standing(session, hook) for hook in session.scalars(select(Webhook).order_by(Webhook.id))]


def set_active(session: Session, hook_id: int, active: bool) -> bool:
    """Enables or disables one; tells whether there is such a one. The caller commits."""
    hook = session.get(Webhook, hook_id)
    if hook is not None:
        hook.active = active
    return hook is not None


def remove_hook(session: Session, hook_id: int) -> bool:
    """Removes one with its messages; tells whether there was such a one. The caller commits."""
    hook = session.get(Webhook, hook_id)
    if hook is not None:
        session.delete(hook)
    return hook is not None


def _standing(session: Session, hook: Webhook) -> Standing:
    mine = Delivery.webhook_id == hook.id
    waiting = session.scalar(select(func.count()).where(mine, Delivery.due_at.is_not(None))) or 0
    gave_up = session.scalar(select(func.count()).where(mine, Delivery.status.startswith(GIVEN_UP))) or 0
    done = session.scalar(select(func.count()).where(mine, Delivery.due_at.is_(None))) or 0
    last = session.scalar(select(Delivery.status).where(mine, Delivery.tries > 0).order_by(Delivery.id.desc()).limit(1))
    return Standing(hook, done - gave_up, waiting, gave_up, last or "")
