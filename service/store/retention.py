"""How long pictures and rows are kept, by outcome; `purge` deletes what is over and says what it deleted."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from sqlalchemy import func, select

from service.store import audit
from service.store.dropping import Dropped, drop_pictures
from service.store.engine import writing
from service.store.opening import Store
from service.store.orphans import Swept, sweep, sweep_damaged
from service.store.pseudonym import load_key, make_pseudonymous
from service.store.spool import Spool
from service.store.tables import Arrival, Picture
from vision.config import StoreSection

BATCH: Final = 200
"""Arrivals in one transaction: the door must not wait for long."""
OUTCOMES: Final = ("pass", "fail", "unsure", "visitor", "error")


@dataclass(frozen=True, slots=True)
class Terms:
    """Days until pictures go, months until rows are pseudonymous, by outcome."""

    days: dict[str, int]
    months: dict[str, int]

    @staticmethod
    def of(section: StoreSection) -> Terms:
        days = {o: section.picture_days_by_outcome.get(o, section.picture_days) for o in OUTCOMES}
        return Terms(days, {o: section.row_months_by_outcome.get(o, section.row_months) for o in OUTCOMES})


@dataclass(slots=True)
class Purged:
    """What was deleted, or with `dry_run` would be: pictures and pseudonymous rows by outcome, orphans."""

    dry_run: bool
    pictures: dict[str, Dropped] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    orphans: Swept = field(default_factory=Swept)

    @property
    def anything(self) -> bool:
        """Whether anything went."""
        return bool(self.pictures or self.rows or self.orphans != Swept())

    def as_json(self) -> dict[str, Any]:
        """For machines and the audit log."""
        pictures = {outcome: asdict(dropped) for outcome, dropped in self.pictures.items()}
        return {
            "dry_run": self.dry_run, "pictures": pictures, "rows": self.rows, "orphans": asdict(self.orphans),
        }  # fmt: skip


def purge(
    store: Store, terms: Terms, *, dry_run: bool = False, actor: str = "job:purge", now: datetime | None = None
) -> Purged:
    """Deletes pictures that are over, makes rows pseudonymous that are over, and sweeps orphans.

    It can be stopped at any moment and goes on where it was. What went is written into the audit log, by numbers.
    """
    now = now or datetime.now(timezone.utc)
    done = Purged(dry_run)
    for outcome in OUTCOMES:
        _pictures(store, outcome, now - timedelta(days=terms.days[outcome]), done)
        _rows(store, outcome, months_before(now, terms.months[outcome]), done)
    spool = Spool(store)
    swept = sweep(store, spool, dry_run)
    damaged = sweep_damaged(spool, now - timedelta(days=max(terms.days.values())), dry_run)
    done.orphans = replace(swept, folders=swept.folders + damaged)
    if done.anything and not dry_run:
        with writing(store.sessions) as session:
            audit.write(session, actor, "store.purged", **done.as_json())
    return done


def months_before(now: datetime, months: int) -> datetime:
    """The same day and time so many months ago; the month's last day where it has no such day."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return now.replace(year=year, month=month + 1, day=min(now.day, last))


def _pictures(store: Store, outcome: str, before: datetime, done: Purged) -> None:
    over = (Arrival.outcome == outcome) & (Arrival.last_at < before)
    joined = select(Arrival.id).join(Picture, Picture.arrival_id == Arrival.id).where(over)
    if done.dry_run:
        counted = select(func.count(func.distinct(Arrival.id)), func.count(Picture.id), func.sum(Picture.size))
        with store.sessions() as session:
            row = session.execute(counted.join(Picture, Picture.arrival_id == Arrival.id).where(over)).one()
        dropped = Dropped(row[0], row[1], int(row[2] or 0))
    else:
        dropped = Dropped()
        for arrivals in _batches(store, lambda: joined.distinct().limit(BATCH)):
            dropped += drop_pictures(store, arrivals)
    if dropped.arrivals:
        done.pictures[outcome] = dropped


def _rows(store: Store, outcome: str, before: datetime, done: Purged) -> None:
    # the day narrows it down by an index; the time decides
    over = (
        (Arrival.outcome == outcome)
        & (Arrival.day <= before.date() + timedelta(days=1))
        & (Arrival.last_at < before)
        & Arrival.pseudonymous.is_(False)
    )
    if done.dry_run:
        with store.sessions() as session:
            count = session.scalar(select(func.count(Arrival.id)).where(over)) or 0
    else:
        key, count = load_key(store.pictures.parent), 0
        for arrivals in _batches(store, lambda: select(Arrival.id).where(over).limit(BATCH)):
            count += _pseudonymise(store, arrivals, key)
    if count:
        done.rows[outcome] = count


def _pseudonymise(store: Store, arrivals: Iterable[int], key: bytes) -> int:
    with writing(store.sessions) as session:
        asked = select(Arrival).where(Arrival.id.in_(arrivals), Arrival.pseudonymous.is_(False)).with_for_update()
        found = session.scalars(asked).all()
        for arrival in found:
            make_pseudonymous(session, arrival, key)
    return len(found)


def _batches(store: Store, asked: Callable[[], Any]) -> Iterator[list[int]]:
    """Ids until there are none left; what was given must be dealt with before the next."""
    while True:
        with store.sessions() as session:
            ids = list(session.scalars(asked()))
        if not ids:
            return
        yield ids
