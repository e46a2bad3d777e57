"""What a kind of rule is given (`Case`), what it says (`Decision`), and what all kinds share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from pydantic import BaseModel, ConfigDict

from vision.rules.conditions import Condition
from vision.texts import compose, listed, text
from vision.types import UNKNOWN, Box, Cause, Fact, Facts, Outcome, Text, Threshold, Wearer

Reads: TypeAlias = Iterator[tuple[str, Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Case:
    """One clause, one person: the facts and what they are held against."""

    facts: Facts
    wearer: Wearer
    threshold: Threshold
    conditions: Mapping[str, Condition]

    def fact(self, name: str) -> Fact:
        """The fact of this name; one that nobody delivered was not recognised."""
        return self.facts.get(name) or Fact(name, UNKNOWN, 0.0, cause=Cause.NOT_RECOGNISED)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a rule says. `cause` is set where a fact was unknown, so that the clause can say what that means."""

    outcome: Outcome
    confidence: float
    reason: Text
    action: Text | None = None
    box: Box | None = None
    cause: Cause | None = None


class Rule(BaseModel):
    """A kind of rule: the subclass's `kind` is its name in the policy, its fields are the kind's parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    kind: ClassVar[str] = ""

    def decide(self, case: Case) -> Decision:
        """What the facts say of the clause, as if all its regions were in view."""
        raise NotImplementedError

    def lacks(self, case: Case) -> Decision | None:
        """The decision where something is missing that no better view could bring; None where nothing is."""
        return None

    def reads(self) -> Reads:
        """The facts that the rule reads, each with the values that it names."""
        raise NotImplementedError

    def forbids(self) -> Reads:
        """The facts with the values that make the rule fail, as far as values do."""
        return iter(())

    def explain(self, conditions: Mapping[str, Condition]) -> Iterator[Text]:
        """How the rule decides, in sentences for people; a kind without words of its own says what it reads."""
        facts = dict.fromkeys(fact for fact, _ in self.reads())
        yield compose("decides.reads", facts=listed(compose(f"fact.{fact}") for fact in facts))

    def uses(self) -> Iterator[str]:
        """The names of the conditions that the rule itself asks for."""
        return iter(())


def unknown(fact: Fact) -> Decision:
    """The decision where a needed fact is not known."""
    cause = fact.cause or Cause.NOT_RECOGNISED
    reason = text("fact-unknown", fact=fact.name, cause=cause.value)
    return Decision(Outcome.UNSURE, 0.0, reason, box=fact.box, cause=cause)


def weigh(fail: float, clear: float, review: float, threshold: Threshold) -> Outcome:
    """The outcome from the probabilities of a forbidden, an allowed and a reviewable value; NaN gives unsure."""
    if fail >= threshold.fail and fail > clear and fail >= review:
        return Outcome.FAIL
    if review >= 0.5 and review > max(fail, clear):
        return Outcome.REVIEW
    if clear >= threshold.clear and clear > fail:
        return Outcome.PASS
    return Outcome.UNSURE


def best(fact: Fact) -> tuple[str, float]:
    """The likeliest value of a coded fact and its probability."""
    if fact.scores:
        return max(sorted(fact.scores.items()), key=lambda item: item[1])
    return str(fact.value), fact.confidence
