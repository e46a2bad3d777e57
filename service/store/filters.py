"""What the queue is filtered by, and how it stands in an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date as Date
from typing import Any, Final, TypeAlias

Scope: TypeAlias = frozenset[str] | None
"""The doors that somebody may see; None is all of them, an empty set none."""

STATES: Final[Mapping[str, tuple[str, ...]]] = {
    "open": ("open",),
    "decided": ("decided",),
    "flagged": ("open", "decided"),
    "none": ("none",),
    "all": ("open", "decided", "none"),
}
"""By the name in the filter, the states of an arrival that it takes in."""
OUTCOMES: Final = ("fail", "unsure", "error", "pass", "visitor")
CLAUSE_OUTCOMES: Final[Mapping[str, tuple[str, ...]]] = {
    "any": ("fail", "unsure", "review"),
    "fail": ("fail",),
    "unsure": ("unsure",),
    "review": ("review",),
}
DECISIONS: Final = ("confirmed", "overturned", "pass", "fail", "none")
ORIGINS: Final = ("watch", "upload", "import")
EARLIEST: Final = Date(1970, 1, 1)
LATEST: Final = Date(9000, 1, 1)
"""Nothing is from before or after; days beyond are asked for as these, for at the calendar's ends none can be added."""
LONGEST: Final = 120
"""Characters of a name in a filter."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What to show; None takes everything. Days are the site's, both included.

    `clause_outcome` and `decision` go with `clause`: arrivals whose finding of that clause is so; a decision "none"
    is one that nobody has made. `state` is one of `STATES`.
    """

    first_day: Date | None = None
    last_day: Date | None = None
    door: str | None = None
    clause: str | None = None
    clause_outcome: str = "any"
    decision: str | None = None
    outcome: str | None = None
    department: str | None = None
    staff: str | None = None
    state: str = "open"
    contested: bool | None = None
    origin: str | None = None

    @property
    def states(self) -> tuple[str, ...]:
        return STATES[self.state]

    @property
    def clause_outcomes(self) -> tuple[str, ...]:
        return CLAUSE_OUTCOMES[self.clause_outcome]

    @property
    def counted(self) -> bool:
        """Whether the tallies know all that is asked for; they know no people and no contests."""
        return self.staff is None and self.contested is None

    def as_query(self) -> dict[str, str]:
        """The values that are not the defaults, as `read_filters` reads them."""
        plain = Filters()
        held = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: _word(value) for name, value in held.items() if value != getattr(plain, name)}


def known(day: Date) -> Date:
    """The same day, or the nearest one from which a year can be counted either way."""
    return min(max(day, EARLIEST), LATEST)


def read_filters(query: Mapping[str, str]) -> Filters:
    """The filters in an address; other names in it are passed over, and so are empty values.

    Raises `ValueError`, with the name, for a value that is none of those known.
    """
    held = {field.name: query[field.name].strip() for field in fields(Filters) if query.get(field.name, "").strip()}
    values: dict[str, Any] = {name: _value(name, word) for name, word in held.items()}
    return Filters(**values)


CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "state": tuple(STATES), "outcome": OUTCOMES, "clause_outcome": tuple(CLAUSE_OUTCOMES), "decision": DECISIONS,
    "origin": ORIGINS,
}  # fmt: skip


def _value(name: str, word: str) -> Date | str | bool:
    if name in ("first_day", "last_day"):
        try:
            return Date.fromisoformat(word)
        except ValueError:
            raise ValueError(f"{name}: a day such as 2026-05-01 is expected, got {word[:40]!r}") from None
    if name == "contested":
        if word not in ("yes", "no"):
            raise ValueError(f"{name}: yes or no is expected, got {word[:40]!r}")
        return word == "yes"
    if name in CHOICES and word not in CHOICES[name]:
        raise ValueError(f"{name}: one of {', '.join(CHOICES[name])} is expected, got {word[:40]!r}")
    if len(word) > LONGEST or "\0" in word:
        raise ValueError(f"{name}: too long")
    return word


def _word(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
