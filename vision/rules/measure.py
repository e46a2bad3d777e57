"""Kind ``measure``: a number has a limit, with the number's uncertainty; a coded fact may say the same.

The number counts if its confidence reaches the clause's threshold. It breaks the clause if it lies above the limit by
more than its uncertainty, and keeps it if it lies below by more than that. A coded fact beside it decides together with
the number: where one of the two says nothing, the other decides; where they contradict each other, the clause is
unsure.

Parameters:

``fact``
    the measured fact
``limit``
    the largest allowed number, or the name of one of the policy's ``parameters``
``absolute``
    whether the number's sign does not matter (default false)
``spread``
    how many standard deviations the number must lie off the limit (default 1)
``inside``
    what a number inside its uncertainty means: ``unsure`` (default), or ``coded``: the coded fact decides
``coded``
    a value test (see ``value``) of the coded fact
``coded_limit``
    the limit that the coded fact's values stand for; under another limit, such as a profile's own, the number decides
    and the coded fact only says what ``always_fail`` and ``always_unsure`` name
``always_fail``
    values of the coded fact that break the clause whatever the number is
``always_unsure``
    values of the coded fact with which the number says nothing; already a likely one stops the number

While the values of ``always_fail`` and ``always_unsure`` together are in doubt, the clause does not pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import isfinite
from typing import ClassVar, Literal

from pydantic import Field

from vision.rules.base import Case, Decision, Reads, Rule, best, unknown
from vision.rules.conditions import DOUBT, Condition
from vision.rules.value import ValueTest, likeliest, named
from vision.texts import compose, known, quantity, text, values_of
from vision.types import Fact, Outcome, Text, Threshold

DECIDED = (Outcome.PASS, Outcome.FAIL)
WITH_NUMBER = {
    "value-forbidden": "value-forbidden.measured",
    "value-allowed": "value-allowed.measured",
    "not-sure-enough": "not-sure-enough.measured",
}
"""A coded fact's reasons, and the same with the number in them."""


class Measure(Rule):
    kind: ClassVar[str] = "measure"
    fact: str
    limit: float
    absolute: bool = False
    spread: float = Field(default=1.0, ge=0)
    inside: Literal["unsure", "coded"] = "unsure"
    coded: ValueTest | None = None
    coded_limit: float | None = None
    always_fail: tuple[str, ...] = ()
    always_unsure: tuple[str, ...] = ()

    def decide(self, case: Case) -> Decision:
        number = self.number(case.fact(self.fact), case.threshold)
        if self.coded is None:
            return number
        coded = self.coded.decide(case)
        if case.fact(self.coded.fact).probability(self.always_unsure) >= DOUBT[0]:
            return self._guarded(coded, case)
        other_limit = self.coded_limit not in (None, self.limit)
        return self._guarded(
            self._always(case) or (number if other_limit else self._together(number, coded, case)), case
        )

    def number(self, fact: Fact, threshold: Threshold) -> Decision:
        """What the number alone says."""
        if isinstance(fact.value, str) or not isfinite(fact.value):
            return unknown(fact)
        measured = abs(fact.value) if self.absolute else fact.value
        margin = self.spread * (fact.uncertainty or 0.0)
        if not abs(measured - self.limit) > margin:
            return Decision(Outcome.UNSURE, fact.confidence, self._inside(fact), box=fact.box)
        outcome = Outcome.FAIL if measured > self.limit else Outcome.PASS
        if fact.confidence < (threshold.fail if outcome is Outcome.FAIL else threshold.clear):
            reason = text("measure-unsure", fact=fact.name, measured=round(measured, 2), limit=self.limit)
            return Decision(Outcome.UNSURE, fact.confidence, reason, box=fact.box)
        return Decision(outcome, fact.confidence, self._reason(measured, outcome), box=fact.box)

    def _guarded(self, decision: Decision, case: Case) -> Decision:
        """No pass where a value that never passes is likely enough to be in doubt."""
        fact, never = case.fact(self.coded.fact if self.coded else self.fact), (*self.always_fail, *self.always_unsure)
        p = fact.probability(never)
        if decision.outcome is not Outcome.PASS or p < DOUBT[0]:
            return decision
        value = likeliest(fact, never)
        action = self.coded.ask.get(value) if self.coded else None
        reason = text("not-sure-enough", fact=fact.name, value=value, probability=round(fact.probability([value]), 3))
        return Decision(Outcome.UNSURE, p, reason, text(action) if action else None, fact.box)

    def _always(self, case: Case) -> Decision | None:
        if not self.always_fail or self.coded is None:
            return None
        decision = ValueTest(fact=self.coded.fact, fail=self.always_fail).decide(case)
        return decision if decision.outcome is Outcome.FAIL else None

    def _together(self, number: Decision, coded: Decision, case: Case) -> Decision:
        lean = self._lean(case)
        if number.outcome in DECIDED:
            if lean not in (None, number.outcome):
                return self._contradiction(case)
            return number if coded.outcome not in DECIDED else _louder(number, coded)
        if number.reason.code != "inside-uncertainty":
            return coded
        return self._measured(coded, case.fact(self.fact)) if self.inside == "coded" else number

    def _measured(self, coded: Decision, fact: Fact) -> Decision:
        """The coded fact's decision with the number, which lies within its uncertainty of the limit, in the reason."""
        code = WITH_NUMBER.get(coded.reason.code)
        if code is None:
            return coded
        numbers = {"measured": self._shown(fact), "limit": self.limit, "uncertainty": round(fact.uncertainty or 0, 2)}
        return replace(coded, reason=text(code, **{**coded.reason.params, **numbers, "measure": fact.name}))

    def _shown(self, fact: Fact) -> float:
        """A known number as it is told."""
        return round(abs(float(fact.value)) if self.absolute else float(fact.value), 2)

    def _lean(self, case: Case) -> Outcome | None:
        fact = case.fact(self.coded.fact) if self.coded else None
        if fact is None or self.coded is None or not fact.known:
            return None
        fail, clear, _ = self.coded.shares(fact, case.wearer)
        if max(fail, clear) <= 0.5:
            return None
        return Outcome.FAIL if fail > clear else Outcome.PASS

    def _contradiction(self, case: Case) -> Decision:
        coded = case.fact(self.coded.fact if self.coded else self.fact)
        value, p = best(coded)
        number = case.fact(self.fact)
        numbers = {"measured": self._shown(number), "limit": self.limit}
        reason = text("measure-contradicts", fact=coded.name, value=value, measure=number.name, **numbers)
        return Decision(Outcome.UNSURE, p, reason, box=coded.box)

    def _reason(self, measured: float, outcome: Outcome) -> Text:
        below = f"measure.{self.fact}.below"
        code = below if measured < 0 and known(below) else f"measure.{self.fact}.{outcome.value}"
        code = code if known(code) else f"measure.{outcome.value}"
        return text(code, fact=self.fact, measured=round(measured, 2), limit=self.limit, size=round(abs(measured), 2))

    def _inside(self, fact: Fact) -> Text:
        numbers = {"measured": self._shown(fact), "limit": self.limit, "uncertainty": round(fact.uncertainty or 0, 2)}
        return text("inside-uncertainty", fact=fact.name, **numbers)

    def explain(self, conditions: Mapping[str, Condition]) -> Iterator[Text]:
        limit = quantity(self.fact, self.limit)
        yield compose("decides.limit", fact=compose(f"fact.{self.fact}"), limit=limit)
        yield compose("decides.inside-coded" if self.inside == "coded" and self.coded else "decides.inside-unsure")
        if self.coded is None:
            return
        yield from self.coded.explain(conditions)
        for code, values in (("decides.fail", self.always_fail), ("decides.always-unsure", self.always_unsure)):
            if new := [v for v in values if v not in named(self.coded.fail)]:
                yield compose(code, values=values_of(self.coded.fact, new))

    def reads(self) -> Reads:
        yield self.fact, ()
        if self.coded:
            yield from self.coded.reads()
            yield self.coded.fact, (*self.always_fail, *self.always_unsure)


def _louder(number: Decision, coded: Decision) -> Decision:
    """The number's words with the coded fact's calibrated confidence."""
    return Decision(number.outcome, coded.confidence, number.reason, box=number.box or coded.box)
