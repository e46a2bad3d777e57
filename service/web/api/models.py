"""What the API takes and gives, as pydantic models; the OpenAPI document is made of them."""

from __future__ import annotations

from datetime import date as Date
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Outcome = Literal["fail", "unsure", "pass", "visitor", "error"]
FindingOutcome = Literal["fail", "unsure", "review", "pass", "not-applicable"]
Decision = Literal["confirmed", "overturned", "pass", "fail"]
State = Literal["open", "decided", "flagged", "none", "all"]
Origin = Literal["watch", "upload", "import"]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\u0000]*$")]
Key = Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^[A-Za-z0-9_-]+$")]
Cursor = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,16}-[0-9]{1,15}$")]
Day = Annotated[Date, Field(description="A day of the site's, as 2026-05-01.")]


class Model(BaseModel):
    """Unknown names are refused, so that a typing error is no filter that filters nothing."""

    model_config = ConfigDict(extra="forbid")


class Words(Model):
    """A sentence in both languages."""

    zh: str
    en: str


class Finding(Model):
    """What a clause said, and what a supervisor made of it. `id` is null where nobody has to look at it."""

    id: int | None
    clause: str
    outcome: FindingOutcome
    confidence: float = Field(ge=0, le=1)
    reason: Words
    action: Words | None
    because_of: str | None
    box: list[float] | None = Field(description="xyxy, pixels of the picture that was checked")
    decision: Decision | None
    decided_at: datetime | None
    overturned_because: str


class Picture(Model):
    """A stored picture: the overview (`clause` empty) or a clause's crop."""

    id: int
    clause: str
    width: int
    height: int
    box: list[float] | None
    blurred: bool
    href: str


class Contest(Model):
    """What the person said against a finding, and the answer."""

    id: int
    clause: str
    text: str
    at: datetime
    answer: str
    answered_at: datetime | None


class Arrival(Model):
    """One person at one door, once."""

    key: str
    href: str
    door: str
    origin: Origin
    first_at: datetime
    last_at: datetime
    day: Date
    hour: int = Field(ge=0, le=23)
    profile: str
    policy_version: str
    outcome: Outcome
    state: Literal["open", "decided", "none"]
    sampled: bool
    contested: bool
    staff: str | None
    department: str
    fails: int
    unsures: int
    revision: int


class ArrivalPage(Model):
    """Some arrivals, newest first. `next` is the address of those that follow; null on the last page."""

    arrivals: list[Arrival]
    next: str | None


class ArrivalDetail(Arrival):
    """An arrival with all that is known of it. Its revision is also the header ETag."""

    note: str
    findings: list[Finding]
    pictures: list[Picture]
    contests: list[Contest]


def _whole(value: object) -> object:
    """JSON Schema has it that 3.0 is an integer."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class DecisionIn(Model):
    """A decision on one finding. `revision` is that of the arrival as it was read."""

    revision: Annotated[int, BeforeValidator(_whole)] = Field(ge=1, le=2**31 - 1)
    clause: Name
    decision: Decision | None = Field(
        description="confirmed or overturned of a fail, pass or fail of another; null takes a decision back"
    )
    reason: Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\u0000]*$")] = Field(
        default="", description="required to overturn"
    )


class DecisionOut(Model):
    """The arrival after a decision."""

    key: str
    revision: int
    state: Literal["open", "decided", "none"]


class Clause(Model):
    """A clause of the dress code in force today."""

    id: str
    text: Words
    source: str
    severity: str
    points: float


class Clauses(Model):
    """The dress code that is in force today, under its usual profile."""

    name: Words
    version: str
    profile: str
    clauses: list[Clause]


class Counted(Model):
    """Arrivals by outcome."""

    key: str
    counts: dict[str, int]
    total: int


class ClauseCount(Model):
    """Findings of a clause; `precision` is the share of the decided fails that were confirmed, with its interval."""

    clause: str
    fail: int
    unsure: int
    review: int
    confirmed: int
    overturned: int
    precision: float | None
    low: float | None
    high: float | None


class Report(Model):
    """What the reports page shows, for some days."""

    first: Date
    last: Date
    days: list[Counted]
    weeks: list[Counted]
    hours: list[Counted]
    doors: list[Counted]
    departments: list[Counted]
    clauses: list[ClauseCount]


class PointsWarning(Model):
    """A limit that is reached."""

    points: float
    limit: float
    months: int


class PointsAccount(Model):
    """A person's proposed points of a month."""

    staff: str
    points: float
    clauses: dict[str, float]
    warnings: list[PointsWarning]


class Points(Model):
    """The points sheet of a month: proposals, nothing is deducted."""

    month: str
    proposal: Words
    people: list[PointsAccount]
    without_person: int


class Health(Model):
    """Whether the API and its database answer."""

    status: Literal["ok"]


class Problem(Model):
    """An error, as RFC 9457 has it; `errors` names what was wrong about a request."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    errors: list[str] = Field(default_factory=list)
    revision: int | None = Field(default=None, description="the arrival's present revision, after a conflict")


class ArrivalQuery(Model):
    """Which arrivals."""

    first_day: Day | None = None
    last_day: Day | None = None
    door: Name | None = None
    clause: Name | None = None
    outcome: Outcome | None = None
    department: Name | None = None
    staff: Name | None = None
    state: State = "open"
    contested: Literal["yes", "no"] | None = None
    origin: Origin | None = None
    before: Cursor | None = Field(default=None, description="from `next`: what follows")
    limit: int = Field(default=50, ge=1, le=200)


class ReportQuery(Model):
    """Which days (both included; at most 400), and of what."""

    first: Day
    last: Day
    door: Name | None = None
    department: Name | None = None
    clause: Name | None = None


class PointsQuery(Model):
    """Which month."""

    month: Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]


class Nothing(Model):
    """No query at all."""
