"""Kind ``example``: something looks like the site's own example pictures.

Without examples the clause is unsure, and the reason says that examples are missing, whatever is in view.

Parameters:

``fact``
    the fact with the values y (like the examples) and n
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from vision.rules.base import Case, Decision, Reads, Rule, unknown, weigh
from vision.rules.conditions import Condition
from vision.texts import compose, text
from vision.types import Cause, Outcome, Text

REASONS = {Outcome.PASS: "example-like", Outcome.FAIL: "example-unlike", Outcome.UNSURE: "example-unsure"}


class Example(Rule):
    kind: ClassVar[str] = "example"
    fact: str

    def lacks(self, case: Case) -> Decision | None:
        if self.fact in case.facts and case.fact(self.fact).cause is not Cause.NO_EXAMPLES:
            return None
        action = text("action.add-examples")
        return Decision(Outcome.UNSURE, 0.0, text("no-examples", fact=self.fact), action, cause=Cause.NO_EXAMPLES)

    def decide(self, case: Case) -> Decision:
        fact = case.fact(self.fact)
        if not fact.known:
            return unknown(fact)
        fail, clear = fact.probability(["n"]), fact.probability(["y"])
        outcome = weigh(fail, clear, 0.0, case.threshold)
        confidence = fail if outcome is Outcome.FAIL else clear
        reason = text(REASONS[outcome], fact=self.fact, probability=round(confidence, 3))
        return Decision(outcome, confidence, reason, box=fact.box)

    def explain(self, conditions: Mapping[str, Condition]) -> Iterator[Text]:
        yield compose("decides.example", fact=compose(f"fact.{self.fact}"))

    def reads(self) -> Reads:
        yield self.fact, ("y", "n")
