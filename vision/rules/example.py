"""Kind ``example``: something looks like the site's own example pictures.

Without examples the clause is unsure, and the reason says that examples are missing, whatever is in view.

Parameters:

``fact``
    the fact with the values y (like the examples) and n
``mark``
    a fact with the values y and n of a sign that belongs to it, such as the company's logo; what is like the examples
    passes with the sign only, where the site has given one
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

from vision.rules.base import Case, Decision, Reads, Rule, unknown, weigh
from vision.rules.conditions import Condition
from vision.texts import compose, text
from vision.types import Cause, Outcome, Text

REASONS = {Outcome.PASS: "example-like", Outcome.FAIL: "example-unlike", Outcome.UNSURE: "example-unsure"}

MARKED = {Outcome.PASS: "example-marked", Outcome.FAIL: "example-unmarked", Outcome.UNSURE: "example-mark-unsure"}


class Example(Rule):
    kind: ClassVar[str] = "example"
    fact: str
    mark: str | None = None

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
        code = "example-doubtful" if outcome is Outcome.UNSURE and fail > clear else REASONS[outcome]
        confidence = fail if code == "example-doubtful" else confidence
        reason = text(code, fact=self.fact, probability=round(confidence, 3))
        if outcome is Outcome.PASS and self.mark in case.facts:
            return self._marked(case, self.mark or "")
        return Decision(outcome, confidence, reason, box=fact.box)

    def _marked(self, case: Case, name: str) -> Decision:
        """What the sign says of something that is like the examples."""
        mark, p = case.fact(name), case.fact(self.fact).probability(["y"])
        names = {"fact": self.fact, "than": name}
        if not mark.known:
            cause = mark.cause or Cause.NOT_RECOGNISED
            return Decision(
                Outcome.UNSURE, p, text("example-mark-unknown", cause=cause.value, **names), box=mark.box, cause=cause
            )
        fail, clear = mark.probability(["n"]), mark.probability(["y"])
        outcome = weigh(fail, clear, 0.0, case.threshold)
        confidence = fail if outcome is Outcome.FAIL else min(p, clear) if outcome is Outcome.PASS else clear
        return Decision(outcome, confidence, text(MARKED[outcome], **names), box=mark.box)

    def explain(self, conditions: Mapping[str, Condition]) -> Iterator[Text]:
        yield compose("decides.example", fact=compose(f"fact.{self.fact}"))
        if self.mark:
            yield compose("decides.example-mark", mark=compose(f"fact.{self.mark}"))

    def reads(self) -> Reads:
        yield self.fact, ("y", "n")
        if self.mark:
            yield self.mark, ("y", "n")
