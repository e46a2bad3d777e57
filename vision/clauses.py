"""One clause of the dress code, as an entry of ``dress_code.yaml`` writes it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date as Date
from enum import Enum
from functools import cached_property
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from vision.errors import PolicyError
from vision.rules.base import Rule
from vision.rules.registry import kinds
from vision.types import Wearer

LIMIT: Final = "{limit}"
"""In a clause's text: where the rule's limit stands."""


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


class Clause(Section):
    """One clause of the code and how it is decided.

    `binds` (``for``), `profiles`, `season` and `when` say whether it applies, `look` what must be in view, `rule` and
    `parameters` how it is decided. `covered` says what it means that the wearer's own clothes cover the place,
    `hidden_by` names conditions that together ask for an outer layer to be opened. Of a paired region, such as the
    ears, a pass needs both sides in view, with `one_side` one. Where the picture's edge cuts off what must be in view,
    the sight of all of `glimpse` suffices for a fail. ``{limit}`` in the texts stands for the rule's limit.
    """

    id: str = Field(pattern=r"^[a-z]+(-[a-z]+)*$")
    source: str
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    rule: str | None = None
    parameters: Mapping[str, Any] = Field(default_factory=dict)
    binds: Literal["all", "men", "women"] = Field(default="all", alias="for")
    season: Literal["summer", "cold"] | None = None
    when: tuple[str, ...] = ()
    hidden_by: tuple[str, ...] = ()
    profiles: tuple[str, ...] = Field(min_length=1)
    by: Literal["vision", "review", "never"]
    look: tuple[str, ...] = ()
    glimpse: tuple[str, ...] = ()
    covered: Literal["pass", "not-applicable", "unsure"] = "unsure"
    one_side: bool = False
    severity: Severity = Severity.MINOR
    points: float = Field(default=0.0, ge=0)
    opportunistic: bool = False
    because_of: tuple[str, ...] = ()
    since: Date | None = None
    until: Date | None = None
    _texts: tuple[str, str] | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _rule_fits(self) -> Clause:
        if self.by == "never" and (self.rule or self.look or self.glimpse):
            raise ValueError("a clause that is never assessed has no rule and no look")
        if self.by != "never" and not (self.rule and self.look):
            raise ValueError("a clause that is assessed needs a rule and a look")
        if (self.by == "review") != (self.rule == "review"):
            raise ValueError("rule review belongs to by: review, and only there")
        return self

    @cached_property
    def test(self) -> Rule:
        """The rule with its parameters; a limit that is a name must have been `resolved`."""
        if self.rule is None:
            raise PolicyError(f"clause {self.id} is never assessed")
        return kinds()[self.rule].model_validate(self.parameters)

    @property
    def limit_name(self) -> str | None:
        """The policy's parameter that the limit names; None where it is a number or there is none."""
        limit = self.parameters.get("limit")
        return limit if isinstance(limit, str) else None

    @property
    def written(self) -> tuple[str, str]:
        """The Chinese and the English text as the file has them, with ``{limit}`` where a limit is put in."""
        return self._texts or (self.zh, self.en)

    def resolved(self, numbers: Mapping[str, float]) -> Clause:
        """The clause with a number in place of a limit's name, in its parameters and its texts."""
        limit = numbers[self.limit_name] if self.limit_name else self.parameters.get("limit")
        found = self.changed(parameters={**self.parameters, "limit": limit}) if self.limit_name else self
        if LIMIT not in self.zh + self.en or not isinstance(limit, (int, float)):
            return found
        found = found.changed(**{name: getattr(self, name).replace(LIMIT, f"{limit:g}") for name in ("zh", "en")})
        found._texts = (self.zh, self.en)
        return found

    def changed(self, **changes: Any) -> Clause:
        """The clause with some fields changed; nothing is validated."""
        copied = self.model_copy(update=changes)
        copied.__dict__.pop("test", None)  # a copy takes along what was cached of the original
        return copied

    def not_assessed(self) -> Clause:
        """The clause as one that is listed only."""
        return self.changed(by="never", rule=None, look=(), parameters={})

    def in_force(self, day: Date) -> bool:
        """Whether the clause holds on a day; `since` and `until` are its first and last."""
        return holds(day, self.since, self.until)

    def binds_wearer(self, wearer: Wearer) -> bool | None:
        """Whether the clause addresses the wearer; None where that cannot be told."""
        if self.binds == "all":
            return True
        return None if wearer is Wearer.UNKNOWN else (self.binds == "men") == (wearer is Wearer.MAN)


def holds(day: Date, since: Date | None, until: Date | None) -> bool:
    """Whether a day lies between two others, both included; None is an open end."""
    return (since is None or since <= day) and (until is None or day <= until)
