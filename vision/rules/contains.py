"""Kind ``contains``: one part of a fact that lists several is forbidden.

The fact's value joins its parts with ``+`` ("midriff+back"); its scores are one probability a part, each by itself.

Parameters:

``fact``
    the fact that is read
``part``
    the forbidden part
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from vision.rules.base import Case, Decision, Reads, Rule, unknown, weigh
from vision.rules.conditions import Condition
from vision.texts import compose, text, values_of
from vision.types import Fact, Outcome, Text


class Contains(Rule):
    kind: ClassVar[str] = "contains"
    fact: str
    part: str

    def decide(self, case: Case) -> Decision:
        fact = case.fact(self.fact)
        if not fact.known:
            return unknown(fact)
        p = part_probability(fact, self.part)
        outcome = weigh(p, 1.0 - p, 0.0, case.threshold)
        code = {Outcome.FAIL: "value-forbidden", Outcome.PASS: "part-absent"}.get(outcome, "not-sure-enough")
        confidence = 1.0 - p if outcome is Outcome.PASS else p
        reason = text(code, fact=fact.name, value=self.part, probability=round(confidence, 3))
        return Decision(outcome, confidence, reason, box=fact.box)

    def forbids(self) -> Reads:
        yield self.fact, (self.part,)

    def explain(self, conditions: Mapping[str, Condition]) -> Iterator[Text]:
        yield compose("decides.fail", values=values_of(self.fact, [self.part]))

    def reads(self) -> Reads:
        yield self.fact, (self.part,)


def part_probability(fact: Fact, part: str) -> float:
    """The probability, 0..1, that a fact of several parts has this one."""
    if fact.scores:
        return fact.scores.get(part, 0.0)
    return fact.confidence if part in str(fact.value).split("+") else 1.0 - fact.confidence
