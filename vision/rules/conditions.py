"""Named conditions of the policy: when a clause applies at all, such as "a skirt is worn"."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import Literal

from pydantic import BaseModel, ConfigDict, model_validator

from vision.texts import compose, values_of
from vision.types import Facts, Text

DOUBT = (0.35, 0.65)
"""A condition whose probability lies between these is neither met nor unmet."""


class Met(Enum):
    """Whether a condition holds."""

    YES = "yes"
    NO = "no"
    DOUBTFUL = "doubtful"


class Condition(BaseModel):
    """One fact with a value among `any`, or with none of the values `none`.

    `in_doubt` says what an unknown or doubtful fact means: "unsure" (the clause is then unsure) or "holds".
    `under_layer` marks what an outer layer hides: where a clause's `hidden_by` holds, such a condition is not asked.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    fact: str
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    in_doubt: Literal["unsure", "holds"] = "unsure"
    under_layer: bool = False

    @model_validator(mode="after")
    def _one_list(self) -> Condition:
        if bool(self.any) == bool(self.none):
            raise ValueError("give either any or none, a list of values")
        return self

    @property
    def values(self) -> Sequence[str]:
        return self.any or self.none

    @property
    def words(self) -> Text:
        """The condition in words."""
        code = "condition.any" if self.any else "condition.none"
        return compose(code, values=values_of(self.fact, self.values, "list.or"))

    def probability(self, facts: Facts) -> float | None:
        """The probability, 0..1, that the condition holds; None where its fact is unknown."""
        fact = facts.get(self.fact)
        if fact is None or not fact.known:
            return None
        share = fact.probability(self.values)
        return share if self.any else 1.0 - share

    def met(self, facts: Facts) -> Met:
        """Whether it holds, with `in_doubt` applied."""
        p = self.probability(facts)
        if p is not None and p > DOUBT[1]:
            return Met.YES
        if p is not None and p < DOUBT[0]:
            return Met.NO
        return Met.YES if self.in_doubt == "holds" else Met.DOUBTFUL

    def possible(self, facts: Facts) -> bool:
        """Whether the fact is known and does not rule the condition out."""
        p = self.probability(facts)
        return p is not None and not p < DOUBT[0]
