"""The outbox of webhooks: what is to be told is written in the same transaction as the arrival, and sent afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from service.store.tables import Arrival, Delivery, Webhook

WAITS: Final = (10, 30, 120, 600, 1800, 7200, 21600)
"""Seconds until the next try, by the number of tries that failed; after them it is given up (about nine hours)."""
GIVEN_UP: Final = "given up"
LONGEST: Final = 80
HELD: Final = 60
"""Seconds for which a message that is being sent is nobody else's."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message that is due, with what is needed to send it when the session is closed."""

    delivery: int
    webhook: int
    url: str
    secret: str
    body: dict[str, Any]


def queue(session: Session, arrival: Arrival, now: datetime) -> int:
    """Puts a message for each active webhook of the arrival's door into the outbox; gives how many."""
    hooks = [
        h for h in session.scalars(select(Webhook).where(Webhook.active)) if h.doors is None or arrival.door in h.doors
    ]
    session.add_all(Delivery(webhook_id=hook.id, arrival_id=arrival.id, due_at=now) for hook in hooks)
    return len(hooks)


def take_due(session: Session, now: datetime, limit: int = 20) -> list[Message]:
    """The messages that are due, oldest first; until they are settled nobody else takes them. The caller commits."""
    query = (
        select(Delivery, Webhook, Arrival)
        .join(Webhook, Webhook.id == Delivery.webhook_id)
        .join(Arrival, Arrival.id == Delivery.arrival_id)
        .where(Delivery.due_at <= now)
        .order_by(Delivery.due_at, Delivery.id)
        .limit(limit)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    taken = []
    for delivery, hook, arrival in session.execute(query):
        if not hook.active:
            delivery.due_at, delivery.status = None, "disabled"
            continue
        delivery.due_at = now + timedelta(seconds=HELD)
        taken.append(Message(delivery.id, hook.id, hook.url, hook.secret, body(arrival, delivery.id)))
    return taken


def settle(session: Session, delivery_id: int, taken: bool, said: str, now: datetime) -> None:
    """Notes what came of a try: done, or when the next one is, or given up. The caller commits."""
    delivery = session.get(Delivery, delivery_id)
    if delivery is None:  # its arrival was deleted meanwhile
        return
    delivery.tries += 1
    more = delivery.tries <= len(WAITS)
    if taken:
        delivery.due_at, delivery.status = None, said[:LONGEST]
    elif more:
        delivery.due_at, delivery.status = now + timedelta(seconds=WAITS[delivery.tries - 1]), said[:LONGEST]
    else:
        delivery.due_at, delivery.status = None, f"{GIVEN_UP}: {said}"[:LONGEST]


def body(arrival: Arrival, number: int) -> dict[str, Any]:
    """What is told: which arrival, where and what of; who it is and the pictures need a token to be asked for."""
    return {
        "type": "arrival.flagged",
        "id": f"dlv_{number}",
        "timestamp": arrival.last_at.isoformat(),
        "data": {
            "arrival": arrival.key,
            "door": arrival.door,
            "first_at": arrival.first_at.isoformat(),
            "outcome": arrival.outcome,
            "fails": arrival.fails,
            "unsures": arrival.unsures,
            "findings": [{"clause": f.clause, "outcome": f.outcome} for f in arrival.findings],
            "href": f"/api/v1/arrivals/{arrival.key}",
        },
    }
