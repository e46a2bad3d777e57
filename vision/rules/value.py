"""Kind ``value``: a fact has a forbidden or an allowed value.

Parameters:

``fact``
    the fact that is read
``fail``, ``pass``, ``review``
    values that break the clause, keep it, or go to the supervisor; a list, or lists by wearer
    (``{man: [...], woman: [...], unknown: [...]}``). A value in none of them leaves the clause unsure.
``ask``
    by undecided value, the catalogue code of what the wearer can do (``{covered: action.show-card}``)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import ClassVar, TypeAlias

from pydantic import Field

from vision.rules.base import Case, Decision, Reads, Rule, best, unknown, weigh
from vision.rules.conditions import Condition
from vision.texts import compose, text, values_of
from vision.types import Fact, Outcome, Text, Wearer

Values: TypeAlias = tuple[str, ...] | Mapping[Wearer, tuple[str, ...]]

REASONS = {Outcome.FAIL: "value-forbidden", Outcome.PASS: "value-allowed", Outcome.REVIEW: "value-review"}


class ValueTest(Rule):
    """A fact held against lists of values; shared by the kinds ``value`` and ``every``."""

    fact: str
    fail: Values = ()
    clear: Values = Field(default=(), alias="pass")
    review: Values = ()
    ask: Mapping[str, str] = Field(default_factory=dict)

    def decide(self, case: Case) -> Decision:
        fact = case.fact(self.fact)
        if not fact.known:
            return unknown(fact)
        fail, clear, review = self.shares(fact, case.wearer)
        outcome = weigh(fail, clear, review, case.threshold)
        if outcome is Outcome.UNSURE:
            return self._unsure(fact, case.wearer)
        share, values = {
            Outcome.FAIL: (fail, self.fail),
            Outcome.PASS: (clear, self.clear),
            Outcome.REVIEW: (review, self.review),
        }[outcome]
        reason = _reason(REASONS[outcome], fact, likeliest(fact, allowed(values, case.wearer)), share)
        return Decision(outcome, share, reason, box=fact.box)

    def shares(self, fact: Fact, wearer: Wearer) -> tuple[float, float, float]:
        """The probabilities of a forbidden, an allowed and a reviewable value."""
        fail, clear, review = (fact.probability(allowed(v, wearer)) for v in (self.fail, self.clear, self.review))
        return fail, clear, review

    def _unsure(self, fact: Fact, wearer: Wearer) -> Decision:
        value, p = best(fact)
        if value in chain(*(allowed(v, wearer) for v in (self.fail, self.clear, self.review))):
            return Decision(Outcome.UNSURE, p, _reason("not-sure-enough", fact, value, p), box=fact.box)
        if value in chain(*(named(v) for v in (self.fail, self.clear, self.review))):
            return Decision(Outcome.UNSURE, p, text("wearer-unknown", wearer=wearer.value), box=fact.box)
        action = text(self.ask[value]) if value in self.ask else None
        return Decision(Outcome.UNSURE, p, _reason("value-undecided", fact, value, p), action, fact.box)

    def reads(self) -> Reads:
        yield self.fact, tuple(chain(*(named(v) for v in (self.fail, self.clear, self.review)), self.ask))

    def forbids(self) -> Reads:
        yield self.fact, named(self.fail)

    def explain(self, conditions: Mapping[str, Condition]) -> Iterator[Text]:
        for code, values in (
            ("decides.fail", self.fail),
            ("decides.pass", self.clear),
            ("decides.review", self.review),
        ):
            yield from _explained(code, self.fact, values)


class Value(ValueTest):
    kind: ClassVar[str] = "value"


def allowed(values: Values, wearer: Wearer) -> tuple[str, ...]:
    """The values of a list, or of the wearer's list."""
    return values.get(wearer, ()) if isinstance(values, Mapping) else values


def named(values: Values) -> tuple[str, ...]:
    """All values of a list or of every wearer's list."""
    return tuple(chain(*values.values())) if isinstance(values, Mapping) else values


def _explained(code: str, fact: str, values: Values) -> Iterator[Text]:
    """One sentence, or one for each wearer for whom there are values."""
    by_wearer = values if isinstance(values, Mapping) else {None: values}
    for wearer, own in by_wearer.items():
        said = compose(code, values=values_of(fact, own))
        if own:
            yield said if wearer is None else compose("decides.for", wearer=compose(f"wearer.{wearer}"), rest=said)


def likeliest(fact: Fact, values: Sequence[str]) -> str:
    """The likeliest of some values."""
    return max(values, key=lambda v: fact.probability([v]))


def _reason(code: str, fact: Fact, value: str, probability: float) -> Text:
    return text(code, fact=fact.name, value=value, probability=round(probability, 3))
