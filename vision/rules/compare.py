"""Kind ``compare``: one fact is at least as far down an order of values as another.

The two facts are taken to be independent of each other.

Parameters:

``fact``
    the fact that is read, such as the tone of the shoes
``than``
    the fact that it is compared with, such as the tone of the trousers
``order``
    lists of values of equal rank, the ones to stay ahead with first: ``[[dark], [mid], [light, bright]]``
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from vision.rules.base import Case, Decision, Reads, Rule, best, unknown, weigh
from vision.rules.conditions import Condition
from vision.texts import compose, listed, text, values_of
from vision.types import Fact, Outcome, Text

REASONS = {Outcome.PASS: "compare-holds", Outcome.FAIL: "compare-breaks", Outcome.UNSURE: "compare-unsure"}


class Compare(Rule):
    kind: ClassVar[str] = "compare"
    fact: str
    than: str
    order: tuple[tuple[str, ...], ...]

    def decide(self, case: Case) -> Decision:
        one, other = case.fact(self.fact), case.fact(self.than)
        for fact in (one, other):
            if not fact.known:
                return unknown(fact)
        fail, clear = self._shares(one, other)
        outcome = weigh(fail, clear, 0.0, case.threshold)
        confidence = clear if outcome is Outcome.PASS else fail
        values = {"value": best(one)[0], "than": other.name, "other": best(other)[0]}
        reason = text(REASONS[outcome], fact=one.name, probability=round(confidence, 3), **values)
        return Decision(outcome, confidence, reason, box=one.box)

    def _shares(self, one: Fact, other: Fact) -> tuple[float, float]:
        ones = [one.probability(values) for values in self.order]
        others = [other.probability(values) for values in self.order]
        clear = min(sum(p * q for i, p in enumerate(ones) for j, q in enumerate(others) if i <= j), 1.0)
        return max(min(sum(ones) * sum(others), 1.0) - clear, 0.0), clear  # rounded shares may add up to over 1

    def explain(self, conditions: Mapping[str, Condition]) -> Iterator[Text]:
        fact, than = (compose(f"fact.{name}") for name in (self.fact, self.than))
        ranks = [values_of(self.fact, rank) for rank in self.order]
        order = [compose("decides.rank", number=n, values=rank) for n, rank in enumerate(ranks, 1)]
        yield compose("decides.compare", fact=fact, than=than, order=listed(order))

    def reads(self) -> Reads:
        values = tuple(value for rank in self.order for value in rank)
        yield self.fact, values
        yield self.than, values
