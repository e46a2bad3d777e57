"""The dress code as data: clauses, profiles, seasons, conditions. `load_policy` reads it from ``dress_code.yaml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date as Date
from difflib import get_close_matches
from pathlib import Path

from pydantic import Field, PrivateAttr

from vision.clauses import Clause, Section, Severity, Title
from vision.errors import PolicyError
from vision.profiles import Effect, Override, Profile
from vision.rules.conditions import Condition
from vision.scoring import Scoring
from vision.seasons import Seasons, Span, Version, version_on
from vision.types import Occasion, Wearer
from vision.vocabulary import SEASONS

__all__ = [
    "Clause", "Override", "Policy", "Profile", "Seasons", "Section", "Severity", "Span", "Title", "Version",
    "load_policy", "nearest",
]  # fmt: skip


DAYS = 64
"""How many days' clauses are remembered: each finding asks for them."""


class Policy(Section):
    """A dress code: what ``dress_code.yaml`` holds.

    `clauses` are as the file has them; what is judged by are the clauses of `effective`, `clause` and `assessed`, in
    which a profile's overrides and the numbers of named limits are put in. `version` is the current one, `versions`
    are the earlier ones with their days. `review_sample` is the share (0..1) of passed arrivals that the supervisor is
    shown for their `review` findings, which alone queue nothing.
    """

    name: Title
    version: str
    versions: tuple[Version, ...] = ()
    profile: str
    wearer: Wearer = Wearer.UNKNOWN
    seasons: Seasons
    parameters: Mapping[str, float] = Field(default_factory=dict)
    scoring: Scoring = Scoring()
    review_sample: float = Field(default=0.0, ge=0, le=1)
    profiles: Mapping[str, Profile] = Field(min_length=1)
    conditions: Mapping[str, Condition] = Field(default_factory=dict)
    clauses: tuple[Clause, ...] = Field(min_length=1)
    _made: dict[str | None, tuple[Clause, ...]] = PrivateAttr(default_factory=dict)
    _days: dict[tuple[str | None, Date | None], Mapping[str, Clause]] = PrivateAttr(default_factory=dict)

    def __copy__(self) -> Policy:
        copied = super().__copy__()
        copied._made, copied._days = {}, {}  # a copy may get other clauses
        return copied

    def occasion(self, profile: str | None, wearer: Wearer | None, date: Date, season: str | None = None) -> Occasion:
        """The occasion of a check, with the policy's defaults for a profile, wearer or season of None.

        Raises `PolicyError` for a profile or a season that the policy does not know.
        """
        name = _known("profile", profile or self.profile, self.profiles)
        season = _known("season", season or self.seasons_of(name).of(date), SEASONS)
        return Occasion(name, season, self.wearer if wearer is None else wearer, date)

    def seasons_of(self, profile: str) -> Seasons:
        """The seasons of a profile: its own, those of the one it extends, or the policy's."""
        return Effect.of(profile, self.profiles).seasons(self.seasons)

    def version_on(self, day: Date) -> str:
        """The version in force on a day."""
        return version_on(day, self.version, self.versions)

    def every_version(self, profile: str | None = None) -> tuple[Clause, ...]:
        """The clauses of all dates as a profile has them (None: as they stand), in the policy's order.

        Raises `PolicyError` for a profile that the policy does not know.
        """
        if profile not in self._made:
            self._made[profile] = tuple(self._make(profile))
        return self._made[profile]

    def effective(self, profile: str | None, day: Date | None) -> tuple[Clause, ...]:
        """One version of each clause: the one in force on the day, else the last. As `every_version`."""
        return tuple(self._by_id(profile, day).values())

    def _by_id(self, profile: str | None, day: Date | None) -> Mapping[str, Clause]:
        if (profile, day) not in self._days:
            found: dict[str, Clause] = {}
            for clause in self.every_version(profile):
                before = found.get(clause.id)
                if before is None or day is None or not before.in_force(day):
                    found[clause.id] = clause
            if len(self._days) >= DAYS:
                self._days.clear()
            self._days[profile, day] = found
        return self._days[profile, day]

    def clause(self, clause_id: str, day: Date | None = None, profile: str | None = None) -> Clause:
        """The clause with this id, as `effective` has it."""
        found = self._by_id(profile, day).get(clause_id)
        if found is None:
            _known("clause", clause_id, dict.fromkeys(c.id for c in self.clauses))
            raise AssertionError  # a known clause is always effective
        return found

    def assessed(self, day: Date, profile: str | None = None) -> tuple[Clause, ...]:
        """The clauses that a finding is made of, in the policy's order, one version of each."""
        return tuple(c for c in self.effective(profile, day) if c.by != "never")

    def outcome_fails(self, profile: str, clause: Clause) -> bool:
        """Whether the clause's severity counts for the outcome in this profile."""
        return clause.severity in self.profiles[profile].failing

    def profiles_of(self, clause: Clause) -> tuple[str, ...]:
        """The profiles that have a clause, in the policy's order."""
        return tuple(name for name in self.profiles if Effect.of(name, self.profiles).has(clause))

    def _make(self, profile: str | None) -> Iterable[Clause]:
        effect = Effect.of(_known("profile", profile, self.profiles), self.profiles) if profile else Effect(())
        for clause in self.clauses:
            made, names = effect.clause(clause, self.parameters), self.profiles_of(clause)
            yield made if set(names) == set(made.profiles) else made.changed(profiles=names)


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
