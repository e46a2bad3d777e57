"""Fills an empty store with made-up arrivals, as many as a large site has in a year: to measure and to try out.

Thirteen months, thirty doors, two dozen departments, six thousand people; most arrivals in the morning of a weekday;
a tenth is flagged, and of that all but the last days is decided. The same seed gives the same data.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as Date
from datetime import datetime, timedelta, timezone
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Table, func, insert, select, text

from service.store.made_people import MadePerson, make_people
from service.store.made_pictures import Placeholders
from service.store.made_rows import MadeRow
from service.store.opening import Store
from service.store.rebuild import rebuild
from service.store.tables import (
    Arrival,
    Contest,
    Decision,
    Detail,
    FindingRow,
    Person,
    Picture,
    User,
)
from vision.errors import StoreError

MONTHS: Final = 13
SHARES: Final = {"pass": 0.88, "fail": 0.075, "unsure": 0.034, "visitor": 0.01, "error": 0.001}
HOURS: Final = {7: 18, 8: 30, 9: 10, 10: 4, 11: 4, 12: 7, 13: 12, 14: 5, 15: 3, 16: 2, 17: 2, 18: 1, 20: 1, 22: 1}
"""Arrivals by hour, in percent."""
WEEKEND: Final = 0.25
"""Arrivals on a day of the weekend, of those on another."""
OPEN_DAYS: Final = 4
"""Flagged arrivals so young are not decided yet."""
PICTURE_DAYS: Final = 30
NAMED, UPLOADED, SAMPLED, CONTESTED, OVERTURNED, LEFT_OPEN = 0.85, 0.02, 0.005, 0.01, 0.18, 0.004
"""Shares: of arrivals with a staff number, from uploads, sampled (of those that passed); of flagged ones contested,
left open although old; of fails overturned."""
NOBODY: Final = "!"
"""No password fits it."""


@dataclass(slots=True)
class Batch:
    """Rows of one day, by table."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, table: type[Any], **values: Any) -> None:
        self.rows.setdefault(table.__tablename__, []).append(values)

    def write(self, connection: Connection) -> None:
        for table in TABLES:
            if rows := self.rows.get(table.name):
                connection.execute(insert(table), rows)


TABLES: Final[Sequence[Table]] = [
    table.__table__  # type: ignore[misc]
    for table in (Arrival, Detail, FindingRow, Picture, Decision, Contest)
]


def generate(
    store: Store,
    rows: Mapping[str, Sequence[MadeRow]],
    arrivals: int,
    seed: int,
    last_day: Date,
    advance: Callable[[int], None] = lambda count: None,
) -> dict[str, int]:
    """Makes the arrivals and their tallies; gives the numbers of rows by table. `advance` hears of arrivals made.

    Raises `StoreError` where there are arrivals or people already.
    """
    refuse_filled(store)
    if store.engine.dialect.name == "sqlite":
        with store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_autocheckpoint=20000")
    make = _Maker(store, rows, seed, last_day)
    with store.engine.begin() as connection:
        make.beginnings(connection)
        indexes = [index for table in TABLES for index in table.indexes]
        for index in indexes:
            index.drop(connection)
    for day, count in days(arrivals, last_day):
        with store.engine.begin() as connection:
            make.day(day, count).write(connection)
        advance(count)
    with store.engine.begin() as connection:
        for index in indexes:
            index.create(connection)
        _set_sequences(connection)
    with store.sessions.begin() as session:
        made = rebuild(session)
    _finish(store)
    return {"arrivals": make.arrival, "findings": make.finding} | made


def days(arrivals: int, last_day: Date) -> Iterator[tuple[Date, int]]:
    """The days of the thirteen months with their number of arrivals, which add up."""
    first = (last_day.replace(day=1) - timedelta(days=31 * (MONTHS - 1) - 12)).replace(day=1)
    every = [first + timedelta(days=n) for n in range((last_day - first).days + 1)]
    weights = np.array([WEEKEND if day.weekday() >= 5 else 1.0 for day in every])
    ends = np.round(np.cumsum(weights) / weights.sum() * arrivals).astype(int)
    for day, end, before in zip(every, ends, [0, *ends], strict=False):
        yield day, int(end - before)


class _Maker:
    """Makes the days one after another; ids count up."""

    def __init__(self, store: Store, rows: Mapping[str, Sequence[MadeRow]], seed: int, last_day: Date) -> None:
        self._rows, self._zone, self._last = rows, store.zone, last_day
        self._choose = np.random.default_rng(seed)
        self._seed = seed
        self._people = make_people(self._choose)
        self._placeholders = Placeholders(store.pictures)
        self.arrival = self.finding = 0

    def beginnings(self, connection: Connection) -> None:
        """People, and the users who decided."""
        self._placeholders.write()
        staff = [
            {"staff": p.staff, "name": p.name, "department": p.department, "wearer": p.wearer, "visitor": False}
            for p in self._people
        ]
        connection.execute(insert(Person), staff)
        now = datetime.now(timezone.utc)
        users = [
            {"name": f"made-up-{n}", "role": "supervisor", "password": NOBODY, "active": False, "must_change": False,
             "session_stamp": NOBODY, "failures": 0, "created_at": now}
            for n in range(1, 5)
        ]  # fmt: skip
        connection.execute(insert(User), users)
        self._users = list(connection.scalars(select(User.id).order_by(User.id)))

    def day(self, day: Date, count: int) -> Batch:
        """A day's arrivals, in the order of their time."""
        choose, batch = self._choose, Batch()
        hours = np.array(list(HOURS))
        weights = np.array(list(HOURS.values()), float)
        seconds = choose.choice(hours, count, p=weights / weights.sum()) * 3600 + choose.integers(0, 3600, count)
        outcomes = choose.choice(list(SHARES), count, p=list(SHARES.values()))
        midnight = datetime.combine(day, datetime.min.time(), self._zone).astimezone(timezone.utc)
        for second, outcome in zip(np.sort(seconds), outcomes, strict=True):
            self._arrive(batch, day, midnight + timedelta(seconds=int(second)), str(outcome))
        return batch

    def _arrive(self, batch: Batch, day: Date, at: datetime, outcome: str) -> None:
        choose = self._choose
        self.arrival += 1
        chance = choose.random(6)
        person = self._people[int(chance[0] * len(self._people))]
        row = self._rows[outcome][int(chance[1] * len(self._rows[outcome]))]
        flagged, sampled = outcome in ("fail", "unsure", "error"), outcome == "pass" and chance[2] < SAMPLED
        young = (self._last - day).days < OPEN_DAYS
        open_ = (flagged or sampled) and (young or chance[3] < LEFT_OPEN)
        state = ("open" if open_ else "decided") if flagged or sampled else "none"
        known = outcome != "visitor" and chance[4] < NAMED
        listed = (*row.listed, *(row.reviews if sampled else ()))
        contested = bool(flagged and chance[5] < CONTESTED)
        recent = (self._last - day).days < PICTURE_DAYS
        local = at.astimezone(self._zone)
        batch.add(
            Arrival,
            id=self.arrival, key=self._key(self.arrival), door=person.door, sampled=bool(sampled),
            origin="upload" if chance[5] > 1 - UPLOADED else "watch", first_at=at,
            last_at=at + timedelta(seconds=5 + int(chance[2] * 40)), day=day, hour=local.hour, profile="hall",
            policy_version="2026.1", outcome=outcome, state=state, contested=contested,
            staff=person.staff if known else None, identified_by="badge" if known else None,
            department=person.department if known else "", note="", revision=1 + (state == "decided"),
            fails=sum(kind[1] == "fail" for kind in listed), unsures=sum(kind[1] == "unsure" for kind in listed),
            reply_code=None, pictures_gone=None if recent else at + timedelta(days=PICTURE_DAYS),
            pseudonymous=False,
        )  # fmt: skip
        batch.add(Detail, arrival_id=self.arrival, row=row.detail)
        self._find(batch, day, at, person, state, listed)
        if flagged and recent:
            self._placeholders.add(batch.add, self.arrival, [kind[0] for kind in row.listed if kind[1] == "fail"])
        if contested and row.listed:
            batch.add(
                Contest, arrival_id=self.arrival, clause=row.listed[0][0], text="made-up", at=at, answer="",
                answered_by=None, answered_at=None,
            )  # fmt: skip

    def _find(
        self,
        batch: Batch,
        day: Date,
        at: datetime,
        person: MadePerson,
        state: str,
        listed: Sequence[tuple[str, str, float]],
    ) -> None:
        last_at = batch.rows["arrivals"][-1]["last_at"]
        user = self._users[int(self._choose.random() * len(self._users))]
        made: dict[str, Any] = {}
        for clause, outcome, confidence in listed:
            self.finding += 1
            decision = self._decision(outcome) if state == "decided" else None
            batch.add(
                FindingRow,
                id=self.finding, arrival_id=self.arrival, clause=clause, outcome=outcome, day=day, door=person.door,
                state=state, last_at=last_at, confidence=confidence, because_of=None, decision=decision,
                decided_by=user if decision else None, decided_at=at + timedelta(hours=9) if decision else None,
                reason="made-up" if decision == "overturned" else "",
            )  # fmt: skip
            made[clause] = {"decision": decision}
        if state == "decided":
            batch.add(
                Decision, arrival_id=self.arrival, finding_id=None, user_id=user, at=at + timedelta(hours=9),
                what="decision", before={"state": "open"}, after={"state": "decided", "findings": made}, undo_of=None,
                batch=None,
            )  # fmt: skip

    def _decision(self, outcome: str) -> str:
        turned = self._choose.random() < OVERTURNED
        return ("overturned" if turned else "confirmed") if outcome == "fail" else ("fail" if turned else "pass")

    def _key(self, number: int) -> str:
        """As `record.new_key`, but the same again for the same seed."""
        digest = hashlib.sha256(f"{self._seed}:{number}".encode()).digest()[:16]
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def refuse_filled(store: Store) -> None:
    """Raises `StoreError` where there is anybody's data."""
    with store.sessions() as session:
        for table in (Arrival, Person, User):
            if session.scalar(select(func.count()).select_from(table)):
                raise StoreError(
                    f"the store is not empty ({table.__tablename__}); made-up arrivals go into one of their own: "
                    "name another folder or database in the config"
                )


def _set_sequences(connection: Connection) -> None:
    """PostgreSQL counts on from where we stopped."""
    if connection.dialect.name == "postgresql":
        for table in ("arrivals", "findings"):
            connection.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
            )


def _finish(store: Store) -> None:
    """Statistics for the planner, and SQLite's log back into its file."""
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")
    if store.engine.dialect.name == "sqlite":
        raw = store.engine.raw_connection()
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        raw.close()
