"""The dress code as data: clauses, profiles, seasons, conditions. `load_policy` reads it from ``dress_code.yaml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date as Date
from difflib import get_close_matches
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from vision.errors import PolicyError
from vision.rules.base import Rule
from vision.rules.conditions import Condition
from vision.rules.registry import kinds
from vision.scoring import Scoring
from vision.types import Occasion, Wearer
from vision.vocabulary import SEASONS

MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]


class Severity(str, Enum):
    """How much a clause weighs; a profile says which severities make a person fail."""

    SERIOUS = "serious"
    MINOR = "minor"
    ADVISORY = "advisory"


class Section(BaseModel):
    """A part of the policy file: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Title(Section):
    """A name in both languages."""

    zh: str
    en: str


class Profile(Section):
    """An occasion that the code distinguishes, such as a visit to a customer."""

    title: Title
    failing: tuple[Severity, ...] = (Severity.SERIOUS, Severity.MINOR)


class Span(Section):
    """Days of every year, first and last included; it may run over the turn of the year."""

    first: MonthDay = Field(alias="from")
    last: MonthDay = Field(alias="to")

    def has(self, day: Date) -> bool:
        key = f"{day:%m-%d}"
        if self.first <= self.last:
            return self.first <= key <= self.last
        return key >= self.first or key <= self.last


class Seasons(Section):
    """The days of summer; the rest of the year is cold."""

    summer: Span

    def of(self, day: Date) -> str:
        """The season of a day: "summer" or "cold"."""
        return "summer" if self.summer.has(day) else "cold"


class Clause(Section):
    """One clause of the code and how it is decided.

    `binds` (``for``), `profiles`, `season` and `when` say whether it applies, `look` what must be in view, `rule` and
    `parameters` how it is decided. `covered` says what it means that the wearer's own clothes cover the place,
    `hidden_by` names conditions that together ask for an outer layer to be opened. Of a paired region, such as the
    ears, a pass needs both sides in view, with `one_side` one.
    """

    id: str = Field(pattern=r"^[a-z]+(-[a-z]+)*$")
    source: str
    zh: str
    en: str
    rule: str | None = None
    parameters: Mapping[str, Any] = Field(default_factory=dict)
    binds: Literal["all", "men", "women"] = Field(default="all", alias="for")
    season: Literal["summer", "cold"] | None = None
    when: tuple[str, ...] = ()
    hidden_by: tuple[str, ...] = ()
    profiles: tuple[str, ...] = Field(min_length=1)
    by: Literal["vision", "review", "never"]
    look: tuple[str, ...] = ()
    covered: Literal["pass", "not-applicable", "unsure"] = "unsure"
    one_side: bool = False
    severity: Severity = Severity.MINOR
    points: float = Field(default=0.0, ge=0)
    opportunistic: bool = False
    because_of: tuple[str, ...] = ()
    since: Date | None = None
    until: Date | None = None

    @model_validator(mode="after")
    def _rule_fits(self) -> Clause:
        if self.by == "never" and (self.rule or self.look):
            raise ValueError("a clause that is never assessed has no rule and no look")
        if self.by != "never" and not (self.rule and self.look):
            raise ValueError("a clause that is assessed needs a rule and a look")
        if (self.by == "review") != (self.rule == "review"):
            raise ValueError("rule review belongs to by: review, and only there")
        return self

    @cached_property
    def test(self) -> Rule:
        """The rule with its parameters."""
        if self.rule is None:
            raise PolicyError(f"clause {self.id} is never assessed")
        return kinds()[self.rule].model_validate(self.parameters)

    def in_force(self, day: Date) -> bool:
        """Whether the clause holds on a day; `since` and `until` are its first and last."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def binds_wearer(self, wearer: Wearer) -> bool | None:
        """Whether the clause addresses the wearer; None where that cannot be told."""
        if self.binds == "all":
            return True
        return None if wearer is Wearer.UNKNOWN else (self.binds == "men") == (wearer is Wearer.MAN)


class Policy(Section):
    """A dress code: what ``dress_code.yaml`` holds."""

    name: Title
    version: str
    profile: str
    wearer: Wearer = Wearer.UNKNOWN
    seasons: Seasons
    parameters: Mapping[str, float] = Field(default_factory=dict)
    scoring: Scoring = Scoring()
    profiles: Mapping[str, Profile] = Field(min_length=1)
    conditions: Mapping[str, Condition] = Field(default_factory=dict)
    clauses: tuple[Clause, ...] = Field(min_length=1)

    def occasion(self, profile: str | None, wearer: Wearer | None, date: Date, season: str | None = None) -> Occasion:
        """The occasion of a check, with the policy's defaults for a profile, wearer or season of None.

        Raises `PolicyError` for a profile or a season that the policy does not know.
        """
        name = _known("profile", profile or self.profile, self.profiles)
        season = _known("season", season or self.seasons.of(date), SEASONS)
        return Occasion(name, season, self.wearer if wearer is None else wearer, date)

    def clause(self, clause_id: str, day: Date | None = None) -> Clause:
        """The clause with this id; of several versions the one in force on the day, else the last."""
        versions = [c for c in self.clauses if c.id == clause_id]
        if not versions:
            _known("clause", clause_id, [c.id for c in self.clauses])
        return next((c for c in versions if day and c.in_force(day)), versions[-1])

    def assessed(self, day: Date) -> tuple[Clause, ...]:
        """The clauses that a finding is made of, in the policy's order, one version of each."""
        ids = dict.fromkeys(c.id for c in self.clauses)
        clauses = (self.clause(clause_id, day) for clause_id in ids)
        return tuple(c for c in clauses if c.by != "never")

    def outcome_fails(self, profile: str, clause: Clause) -> bool:
        """Whether the clause's severity counts for the outcome in this profile."""
        return clause.severity in self.profiles[profile].failing


def load_policy(path: Path) -> Policy:
    """The policy in a YAML file.

    Raises `PolicyError` with file, line, key and value for anything that is wrong in it.
    """
    from vision.policy_file import read_policy

    return read_policy(path)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like a mistyped one."""
    return next(iter(get_close_matches(name, list(known), 1, 0.6)), None)


def _known(kind: str, name: str, names: Iterable[str]) -> str:
    names = list(names)
    if name in names:
        return name
    guess = nearest(name, names)
    hint = f" (did you mean {guess}?)" if guess else ""
    raise PolicyError(f"unknown {kind} {name!r}{hint}; known: {', '.join(names)}")
