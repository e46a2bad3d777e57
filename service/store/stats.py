"""How much is kept, and since when."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from service.store.opening import Store
from service.store.room import free_bytes
from service.store.spool import Spool
from service.store.tables import Arrival, Picture, Tally


@dataclass(frozen=True, slots=True)
class Stats:
    """`arrivals` by outcome; `pictures` and their bytes; what waits in the spool, and what of it is damaged."""

    arrivals: dict[str, int]
    pseudonymous: int
    first_at: datetime | None
    last_at: datetime | None
    pictures: int
    picture_bytes: int
    oldest_picture_at: datetime | None
    unblurred: int
    spooled: int
    damaged: int
    free_bytes: int

    def as_json(self) -> dict[str, Any]:
        """For machines; times in ISO 8601."""
        return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in asdict(self).items()}


def stats(store: Store) -> Stats:
    """Counts what is kept."""
    spool = Spool(store)
    with store.sessions() as session:
        outcomes = session.execute(select(Tally.outcome, func.sum(Tally.count)).group_by(Tally.outcome)).all()
        first, last = session.execute(select(func.min(Arrival.first_at), func.max(Arrival.last_at))).one()
        aged = session.scalar(select(func.count()).select_from(Arrival).where(Arrival.pseudonymous)) or 0
        count, size = session.execute(select(func.count(Picture.id), func.sum(Picture.size))).one()
        oldest = session.scalar(select(func.min(Arrival.last_at)).join(Picture, Picture.arrival_id == Arrival.id))
        bare = session.scalar(select(func.count()).select_from(Picture).where(Picture.blurred.is_(False))) or 0
    return Stats(
        {outcome: int(total) for outcome, total in outcomes if total}, aged, first, last, count, int(size or 0), oldest,
        bare, len(spool.waiting()), spool.damaged(), free_bytes(store.pictures),
    )  # fmt: skip
