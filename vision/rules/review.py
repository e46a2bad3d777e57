"""Kind ``review``: the supervisor decides from the picture; the clause never passes or fails by itself.

Parameters:

``point_out``
    a fact and values that the supervisor's attention is drawn to: ``{fact: ripped, values: [y]}``
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from vision.rules.base import Case, Decision, Reads, Rule
from vision.rules.conditions import Condition
from vision.rules.value import likeliest
from vision.texts import compose, text, values_of
from vision.types import Outcome, Text


class PointOut(BaseModel):
    """A fact worth a look."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    fact: str
    values: tuple[str, ...]


class Review(Rule):
    kind: ClassVar[str] = "review"
    point_out: PointOut | None = None

    def decide(self, case: Case) -> Decision:
        plain = Decision(Outcome.REVIEW, 1.0, text("for-review"))
        if self.point_out is None:
            return plain
        fact = case.fact(self.point_out.fact)
        p = fact.probability(self.point_out.values) if fact.known else 0.0
        if p < 0.5:
            return plain
        value = likeliest(fact, self.point_out.values)
        reason = text("review-pointed-out", fact=fact.name, value=value, probability=round(p, 3))
        return Decision(Outcome.REVIEW, 1.0, reason, box=fact.box)

    def explain(self, conditions: Mapping[str, Condition]) -> Iterator[Text]:
        yield compose("for-review")
        if self.point_out:
            yield compose("decides.point-out", values=values_of(self.point_out.fact, self.point_out.values))

    def reads(self) -> Reads:
        if self.point_out:
            yield self.point_out.fact, self.point_out.values
