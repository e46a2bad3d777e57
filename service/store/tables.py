"""Every table. Times are UTC; `day` and `hour` are the site's own, so that a report needs no time zone.

An arrival is one person at one door (or in one uploaded picture). Its whole row, as `service.report` writes it, is kept
in `Detail`; a finding has a row of its own only where somebody may have to look at it (fail, unsure and review). Of the
sixty clauses most pass or do not apply, and a million arrivals would be sixty million rows.
"""

from __future__ import annotations

from datetime import date as Date
from datetime import datetime, timezone
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

NAMES: Final = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraints have names, so that a migration can change them on both databases."""


class Instant(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no zone, so it is added on the way out. A naive time is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value!r}")
        return value.astimezone(timezone.utc)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(timezone.utc) if value.tzinfo else value.replace(tzinfo=timezone.utc)


class Table(DeclarativeBase):
    """Base of the tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: Instant(), dict[str, Any]: JSON()}  # noqa: RUF012 - SQLAlchemy's own form


NEWEST: Final = ("last_at", "id")
"""The queue's order; the id decides between two of one moment."""
COVERED: Final = ("door", "department", "outcome", "origin", "day")
"""What the queue can be filtered by, so that a rare one is found in the index alone, without its million rows."""


def _only(column: str) -> dict[str, Any]:
    """An index of the rows where a column is true."""
    return {"sqlite_where": text(f"{column} = 1"), "postgresql_where": text(column)}


class Arrival(Table):
    """One person at one door, once.

    `outcome` is the machine's (pass, fail, unsure, visitor, error), `state` where the review stands: `open` (to be
    decided), `decided`, or `none` (nothing to decide). `revision` grows with every change, so that two people who
    review at once cannot overwrite each other unseen. `sampled` marks an arrival that is shown for its `review`
    findings alone.
    """

    __tablename__ = "arrivals"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    """Random and unguessable; stands in addresses and names the folder of the pictures."""
    door: Mapped[str] = mapped_column(String(80))
    origin: Mapped[str] = mapped_column(String(16))
    """watch, upload or import"""
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    day: Mapped[Date]
    hour: Mapped[int] = mapped_column(Integer)
    profile: Mapped[str] = mapped_column(String(40))
    policy_version: Mapped[str] = mapped_column(String(40))
    outcome: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16))
    sampled: Mapped[bool] = mapped_column(Boolean, default=False)
    contested: Mapped[bool] = mapped_column(Boolean, default=False)
    staff: Mapped[str | None] = mapped_column(String(64))
    """Staff number, or a pseudonym once the row has aged; None where nobody said who it is."""
    identified_by: Mapped[str | None] = mapped_column(String(16))
    """badge, kiosk, list or supervisor; never a face"""
    department: Mapped[str] = mapped_column(String(80), default="")
    fails: Mapped[int] = mapped_column(Integer, default=0)
    unsures: Mapped[int] = mapped_column(Integer, default=0)
    reply_code: Mapped[str | None] = mapped_column(String(16), unique=True)
    """What the kiosk shows to the person, to see their own arrival and contest a finding."""
    note: Mapped[str] = mapped_column(Text, default="")
    revision: Mapped[int] = mapped_column(Integer, default=1)
    pictures_gone: Mapped[datetime | None]
    pseudonymous: Mapped[bool] = mapped_column(Boolean, default=False)

    detail: Mapped[Detail] = relationship(cascade="all, delete-orphan", passive_deletes=True)
    findings: Mapped[list[FindingRow]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="FindingRow.id"
    )
    pictures: Mapped[list[Picture]] = relationship(cascade="all, delete-orphan", passive_deletes=True)

    __table_args__ = (
        Index("ix_arrivals_queue", "state", *NEWEST, *COVERED),
        Index("ix_arrivals_newest", *NEWEST, *COVERED),
        Index("ix_arrivals_door", "door", "state", *NEWEST),
        Index("ix_arrivals_department", "department", "state", *NEWEST),
        Index("ix_arrivals_outcome", "outcome", "state", *NEWEST),
        Index("ix_arrivals_origin", "origin", "state", *NEWEST),
        Index("ix_arrivals_staff", "staff", *NEWEST),
        Index("ix_arrivals_contested", *NEWEST, **_only("contested")),
        Index("ix_arrivals_day", "day", "outcome"),
    )


class Detail(Table):
    """An arrival's row as `service.report` has it, for one person; JSON, compressed by zlib."""

    __tablename__ = "details"

    arrival_id: Mapped[int] = mapped_column(ForeignKey("arrivals.id", ondelete="CASCADE"), primary_key=True)
    row: Mapped[bytes] = mapped_column(LargeBinary)


class FindingRow(Table):
    """What a clause said, where it failed, was unsure or is for review; and what the supervisor made of it.

    What is unsure has a row only where somebody has to look at the arrival, what is for review only in a sampled one;
    any other gets one when it is decided. Every arrival has a dozen of them.
    `door`, `day`, `last_at` and `state` are the arrival's, so that the queue can be filtered by clause.
    `decision` is None, `confirmed` or `overturned` (of a fail), `pass` or `fail` (of one unsure or for review).
    """

    __tablename__ = "findings"

    id: Mapped[int] = mapped_column(primary_key=True)
    arrival_id: Mapped[int] = mapped_column(ForeignKey("arrivals.id", ondelete="CASCADE"), index=True)
    clause: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(16))
    day: Mapped[Date]
    door: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(16))
    last_at: Mapped[datetime]
    confidence: Mapped[float] = mapped_column(Float)
    because_of: Mapped[str | None] = mapped_column(String(64))
    decision: Mapped[str | None] = mapped_column(String(16))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was overturned, in the supervisor's words."""

    __table_args__ = (
        Index("ix_findings_clause", "clause", "outcome", "state", "last_at", "arrival_id", "door", "decision"),
        Index("ix_findings_day", "day", "outcome", "clause", "arrival_id"),
    )


class Decision(Table):
    """The history of decisions; nothing in it is changed. An undo is a line of its own."""

    __tablename__ = "decisions"

    id: Mapped[int] = mapped_column(primary_key=True)
    arrival_id: Mapped[int] = mapped_column(ForeignKey("arrivals.id", ondelete="CASCADE"), index=True)
    finding_id: Mapped[int | None] = mapped_column(ForeignKey("findings.id", ondelete="SET NULL"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime]
    what: Mapped[str] = mapped_column(String(24))
    """decision, note, identity, exemption, state, contest, answer"""
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    """What has changed, as it was and as it became; see `service.store.history`."""
    batch: Mapped[str | None] = mapped_column(String(32), index=True)
    """What was done to several arrivals at once, and is undone at once."""
    undo_of: Mapped[int | None] = mapped_column(ForeignKey("decisions.id", ondelete="SET NULL"))


class Contest(Table):
    """What a person said against a finding of their own arrival (right of reply)."""

    __tablename__ = "contests"

    id: Mapped[int] = mapped_column(primary_key=True)
    arrival_id: Mapped[int] = mapped_column(ForeignKey("arrivals.id", ondelete="CASCADE"), index=True)
    clause: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    answer: Mapped[str] = mapped_column(Text, default="")
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    answered_at: Mapped[datetime | None]


class Picture(Table):
    """A stored picture: the overview (`clause` empty) or a clause's crop at its best frame.

    `path` is relative to the folder of pictures; `box` is the finding's place in this picture, xyxy pixels.
    """

    __tablename__ = "pictures"

    id: Mapped[int] = mapped_column(primary_key=True)
    arrival_id: Mapped[int] = mapped_column(ForeignKey("arrivals.id", ondelete="CASCADE"), index=True)
    clause: Mapped[str] = mapped_column(String(64), default="")
    path: Mapped[str] = mapped_column(String(200))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    size: Mapped[int] = mapped_column(Integer)
    """bytes"""
    box: Mapped[list[float] | None] = mapped_column(JSON)
    blurred: Mapped[bool] = mapped_column(Boolean, default=True)


class Person(Table):
    """The staff directory, where it is kept in the database rather than in a CSV file."""

    __tablename__ = "people"

    staff: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    department: Mapped[str] = mapped_column(String(80), default="", index=True)
    wearer: Mapped[str | None] = mapped_column(String(16))
    badge: Mapped[str | None] = mapped_column(String(120), unique=True)
    visitor: Mapped[bool] = mapped_column(Boolean, default=False)
    left_at: Mapped[datetime | None]


class ExemptionRow(Table):
    """A clause that somebody need not keep until a day. `reason` is a category and stands here alone."""

    __tablename__ = "exemptions"

    id: Mapped[int] = mapped_column(primary_key=True)
    staff: Mapped[str] = mapped_column(ForeignKey("people.staff", ondelete="CASCADE"), index=True)
    clause: Mapped[str] = mapped_column(String(64))
    first: Mapped[Date | None]
    last: Mapped[Date]
    reason: Mapped[str] = mapped_column(String(40))


class User(Table):
    """Who may look and decide. `role` is viewer, supervisor or administrator; `doors` None means all of them."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    password: Mapped[str] = mapped_column(String(200))
    """argon2's encoded hash"""
    doors: Mapped[list[str] | None] = mapped_column(JSON)
    language: Mapped[str | None] = mapped_column(String(8))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    must_change: Mapped[bool] = mapped_column(Boolean, default=False)
    session_stamp: Mapped[str] = mapped_column(String(32))
    """Stands in every session of the user; a new one ends them all."""
    failures: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Token(Table):
    """A secret of a machine: `api` (read the data), or `device` (one kiosk, one door). Only its SHA-256 is kept."""

    __tablename__ = "tokens"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(80))
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[str] = mapped_column(String(16), default="viewer")
    doors: Mapped[list[str] | None] = mapped_column(JSON)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class SavedView(Table):
    """A named filter of the queue."""

    __tablename__ = "views"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    query: Mapped[str] = mapped_column(String(1000))

    __table_args__ = (UniqueConstraint("user_id", "name"),)


class Audit(Table):
    """Who saw, decided, exported or changed what, by ids and not names. Append-only: triggers refuse anything else."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str] = mapped_column(String(40), index=True)
    """user:ID, token:ID, person:reply, job:NAME"""
    action: Mapped[str] = mapped_column(String(40), index=True)
    """such as arrival.seen, picture.seen, finding.decided, report.exported, login.failed"""
    target: Mapped[str] = mapped_column(String(80), default="")
    """such as arrival:123"""
    more: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


CLUSTERED: Final = {"sqlite_with_rowid": False}
"""Tallies lie in the order of their key, without a second copy of it."""


class Tally(Table):
    """Arrivals by day, hour, door, department, origin, outcome and state: kept up to date with every write.

    A count may be 0, where what was counted has changed.
    """

    __tablename__ = "tallies"

    day: Mapped[Date] = mapped_column(primary_key=True)
    hour: Mapped[int] = mapped_column(Integer, primary_key=True)
    door: Mapped[str] = mapped_column(String(80), primary_key=True)
    department: Mapped[str] = mapped_column(String(80), primary_key=True)
    origin: Mapped[str] = mapped_column(String(16), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(16), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)

    __table_args__ = (
        Index("ix_tallies_state", "state", "day", "door", "department", "origin", "outcome", "count"),
        CLUSTERED,
    )


class MonthTally(Table):
    """As `Tally` by month (its first day), without the hour: a year is summed in a few milliseconds."""

    __tablename__ = "month_tallies"

    month: Mapped[Date] = mapped_column(primary_key=True)
    door: Mapped[str] = mapped_column(String(80), primary_key=True)
    department: Mapped[str] = mapped_column(String(80), primary_key=True)
    origin: Mapped[str] = mapped_column(String(16), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(16), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)

    __table_args__ = (CLUSTERED,)


class ClauseTally(Table):
    """Findings by day, door, department, origin, clause, outcome, decision ("" for none), and the arrival's outcome
    and state."""

    __tablename__ = "clause_tallies"

    day: Mapped[Date] = mapped_column(primary_key=True)
    door: Mapped[str] = mapped_column(String(80), primary_key=True)
    department: Mapped[str] = mapped_column(String(80), primary_key=True)
    origin: Mapped[str] = mapped_column(String(16), primary_key=True)
    clause: Mapped[str] = mapped_column(String(64), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(16), primary_key=True)
    decision: Mapped[str] = mapped_column(String(16), primary_key=True)
    arrival_outcome: Mapped[str] = mapped_column(String(16), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)

    __table_args__ = (
        Index("ix_clause_tallies_department", "department", "state", "day"),
        Index("ix_clause_tallies_clause", "clause", "state", "day"),
        CLUSTERED,
    )


class MonthClauseTally(Table):
    """As `ClauseTally` by month (its first day), without the department, which would make it as long."""

    __tablename__ = "month_clause_tallies"

    state: Mapped[str] = mapped_column(String(16), primary_key=True)
    clause: Mapped[str] = mapped_column(String(64), primary_key=True)
    month: Mapped[Date] = mapped_column(primary_key=True)
    door: Mapped[str] = mapped_column(String(80), primary_key=True)
    origin: Mapped[str] = mapped_column(String(16), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(16), primary_key=True)
    decision: Mapped[str] = mapped_column(String(16), primary_key=True)
    arrival_outcome: Mapped[str] = mapped_column(String(16), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)

    __table_args__ = (CLUSTERED,)


class Webhook(Table):
    """Where new flagged arrivals are told. `secret` signs the body (HMAC-SHA256)."""

    __tablename__ = "webhooks"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(500))
    secret: Mapped[str] = mapped_column(String(80))
    doors: Mapped[list[str] | None] = mapped_column(JSON)
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime]


class Delivery(Table):
    """One message to one webhook, tried until it is taken or given up."""

    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    arrival_id: Mapped[int] = mapped_column(ForeignKey("arrivals.id", ondelete="CASCADE"))
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    """None once it is done with."""
    tries: Mapped[int] = mapped_column(Integer, default=0)
    status: Mapped[str] = mapped_column(String(80), default="")
