"""Profiles: occasions that the code distinguishes, and what each makes of the clauses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import Field, model_validator

from vision.clauses import Clause, Section, Severity, Title
from vision.seasons import Seasons

ALL_YEAR: Final = "all-year"
"""What a profile says for a clause's season to take it away."""

AS_THEY_ARE: Final = (
    "zh", "en", "severity", "points", "binds", "when", "hidden_by", "look", "glimpse", "covered", "one_side",
    "opportunistic",
)  # fmt: skip
"""What a profile says of a clause in the clause's own words."""


class Override(Section):
    """What a profile says of one clause in place of the clause's own words; None leaves it as it is.

    `parameters` are laid over the rule's: a mapping key by key, anything else as a whole. `assessed` false lists the
    clause without judging it, `season` ``all-year`` takes the clause's season away; a list, such as `when`, stands in
    place of the clause's list, an empty one for none. The other keys are as in `Clause`.
    """

    zh: str | None = Field(default=None, min_length=1)
    en: str | None = Field(default=None, min_length=1)
    severity: Severity | None = None
    points: float | None = Field(default=None, ge=0)
    binds: Literal["all", "men", "women"] | None = Field(default=None, alias="for")
    season: Literal["summer", "cold", "all-year"] | None = None
    when: tuple[str, ...] | None = None
    hidden_by: tuple[str, ...] | None = None
    look: tuple[str, ...] | None = Field(default=None, min_length=1)
    glimpse: tuple[str, ...] | None = None
    covered: Literal["pass", "not-applicable", "unsure"] | None = None
    one_side: bool | None = None
    opportunistic: bool | None = None
    parameters: Mapping[str, Any] = Field(default_factory=dict)
    assessed: bool | None = None

    @model_validator(mode="after")
    def _both_languages(self) -> Override:
        if (self.zh is None) != (self.en is None):
            raise ValueError("a text of a profile's own stands in both languages, zh and en")
        return self

    def over(self, base: Override) -> Override:
        """This override laid over that of the profile which is extended."""
        own = {name: value for name in Override.model_fields if (value := getattr(self, name)) is not None}
        return base.model_copy(update=own | {"parameters": _laid_over(base.parameters, self.parameters)})

    def of(self, clause: Clause) -> Clause:
        """The clause as the override has it."""
        changes: dict[str, Any] = {name: value for name in AS_THEY_ARE if (value := getattr(self, name)) is not None}
        if self.season is not None:
            changes["season"] = None if self.season == ALL_YEAR else self.season
        if self.parameters:
            changes["parameters"] = _laid_over(clause.parameters, self.parameters)
        changed = clause.changed(**changes) if changes else clause
        return changed.not_assessed() if self.assessed is False else changed


class Profile(Section):
    """An occasion that the code distinguishes, such as a visit to a customer.

    One that `extends` another has its clauses, title, failing severities, seasons, numbers and overrides, except where
    it says otherwise: `add` and `remove` name clauses, `parameters` give numbers of the policy anew, `seasons` its own
    days of summer, `clauses` override single clauses. The file's reader puts in `title` and `failing` where they are
    inherited.
    """

    title: Title
    extends: str | None = None
    failing: tuple[Severity, ...] = (Severity.SERIOUS, Severity.MINOR)
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    seasons: Seasons | None = None
    parameters: Mapping[str, float] = Field(default_factory=dict)
    clauses: Mapping[str, Override] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a profile, with all that it extends, makes of the clauses. `chain` begins with what extends nothing."""

    chain: tuple[tuple[str, Profile], ...]

    @staticmethod
    def of(name: str, profiles: Mapping[str, Profile]) -> Effect:
        """The effect of a profile; none of `profiles` extends itself."""
        return Effect(tuple(reversed(list(_chain(name, profiles)))))

    def has(self, clause: Clause) -> bool:
        """Whether the clause belongs to the profile."""
        found = False
        for name, profile in self.chain:
            found = found or name in clause.profiles or clause.id in profile.add
            found = found and clause.id not in profile.remove
        return found

    def numbers(self, base: Mapping[str, float]) -> Mapping[str, float]:
        """The policy's parameters as the profile has them."""
        found = dict(base)
        for _, profile in self.chain:
            found |= profile.parameters
        return found

    def seasons(self, base: Seasons) -> Seasons:
        """The policy's seasons, or the profile's own."""
        return next((p.seasons for _, p in reversed(self.chain) if p.seasons), base)

    def override(self, clause_id: str) -> Override:
        """What the profile says of a clause."""
        found = Override()
        for _, profile in self.chain:
            if clause_id in profile.clauses:
                found = profile.clauses[clause_id].over(found)
        return found

    def clause(self, clause: Clause, base: Mapping[str, float]) -> Clause:
        """The clause as the profile has it, with numbers for the names of limits."""
        return self.override(clause.id).of(clause).resolved(self.numbers(base))


def _chain(name: str, profiles: Mapping[str, Profile]) -> Iterator[tuple[str, Profile]]:
    at: str | None = name
    while at is not None:
        yield at, profiles[at]
        at = profiles[at].extends


def _laid_over(base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    laid = dict(base)
    for key, value in own.items():
        both = isinstance(value, Mapping) and isinstance(laid.get(key), Mapping)
        laid[key] = _laid_over(laid[key], value) if both else value
    return laid
