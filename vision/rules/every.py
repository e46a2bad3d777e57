"""Kind ``every``: several value tests that must all hold.

It fails if any of them fails, passes if all pass, and otherwise is unsure or goes to review.

Parameters:

``parts``
    a list of value tests (see ``value``), each optionally with ``when``, the name of a condition: the test counts
    only if the condition holds; in doubt, it counts unless it passes anyway
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Annotated, ClassVar

from pydantic import Field

from vision.rules.base import Case, Decision, Reads, Rule
from vision.rules.conditions import Condition, Met
from vision.rules.value import ValueTest
from vision.texts import compose, text
from vision.types import Outcome, Text

WORST_FIRST = (Outcome.FAIL, Outcome.UNSURE, Outcome.REVIEW, Outcome.PASS)


class Part(ValueTest):
    """A value test that may depend on a condition."""

    when: str | None = None

    def counts(self, case: Case) -> Met:
        return Met.YES if self.when is None else case.conditions[self.when].met(case.facts)

    def decide(self, case: Case) -> Decision:
        decision = super().decide(case)
        if decision.outcome is Outcome.PASS or self.counts(case) is Met.YES:
            return decision
        reason = text("condition-unclear", condition=self.when or "", fact=self._condition_fact(case))
        return Decision(Outcome.UNSURE, decision.confidence, reason, box=decision.box)

    def explain(self, conditions: Mapping[str, Condition]) -> Iterator[Text]:
        for said in super().explain(conditions):
            yield compose("decides.where", condition=conditions[self.when].words, rest=said) if self.when else said

    def _condition_fact(self, case: Case) -> str:
        return case.conditions[self.when].fact if self.when else self.fact


class Every(Rule):
    kind: ClassVar[str] = "every"
    parts: Annotated[tuple[Part, ...], Field(min_length=1)]

    def decide(self, case: Case) -> Decision:
        decisions = [part.decide(case) for part in self.parts if part.counts(case) is not Met.NO]
        worst = min(decisions, key=_rank)
        return worst if worst.outcome is not Outcome.FAIL else max(_fails(decisions), key=lambda d: d.confidence)

    def forbids(self) -> Reads:
        return chain.from_iterable(part.forbids() for part in self.parts)

    def explain(self, conditions: Mapping[str, Condition]) -> Iterator[Text]:
        yield compose("decides.every")
        for part in self.parts:
            yield from part.explain(conditions)

    def reads(self) -> Reads:
        return chain.from_iterable(part.reads() for part in self.parts)

    def uses(self) -> Iterator[str]:
        return (part.when for part in self.parts if part.when)


def _rank(decision: Decision) -> tuple[int, float]:
    return WORST_FIRST.index(decision.outcome), decision.confidence


def _fails(decisions: list[Decision]) -> Iterator[Decision]:
    return (d for d in decisions if d.outcome is Outcome.FAIL)
