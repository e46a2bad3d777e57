"""Profiles: occasions that the code distinguishes, and what each makes of the clauses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from vision.clauses import Clause, Section, Severity, Title


class Override(Section):
    """What a profile says of one clause in place of the clause's own words; None leaves it as it is.

    `parameters` are laid over the rule's: a mapping key by key, anything else as a whole. `assessed` false lists the
    clause without judging it.
    """

    severity: Severity | None = None
    points: float | None = Field(default=None, ge=0)
    parameters: Mapping[str, Any] = Field(default_factory=dict)
    assessed: bool | None = None

    def over(self, base: Override) -> Override:
        """This override laid over that of the profile which is extended."""
        own = {name: value for name in Override.model_fields if (value := getattr(self, name)) is not None}
        return base.model_copy(update=own | {"parameters": _laid_over(base.parameters, self.parameters)})

    def of(self, clause: Clause) -> Clause:
        """The clause as the override has it."""
        if self.assessed is False:
            return clause.not_assessed()
        changes: dict[str, Any] = {
            name: value for name in ("severity", "points") if (value := getattr(self, name)) is not None
        }
        if self.parameters:
            changes["parameters"] = _laid_over(clause.parameters, self.parameters)
        return clause.changed(**changes) if changes else clause


class Profile(Section):
    """An occasion that the code distinguishes, such as a visit to a customer.

    One that `extends` another has its clauses, title, failing severities, numbers and overrides, except where it says
    otherwise: `add` and `remove` name clauses, `parameters` give numbers of the policy anew, `clauses` override single
    clauses. The file's reader puts in `title` and `failing` where they are inherited.
    """

    title: Title
    extends: str | None = None
    failing: tuple[Severity, ...] = (Severity.SERIOUS, Severity.MINOR)
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
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
